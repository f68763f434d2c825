"""Who is judged by what the broker tells of a connection."""

from nabij.centre.watch.connections import Connection, ConnectionWatch, Known

START = "2026-01-02T03:04:05Z"
KNOWN = Known({"CN=anna": "anna", "CN=bert": "bert"}, {"a-1": "anna", "b-1": "bert"})


def test_a_badge_that_has_not_yet_said_its_client_id_is_neither_there_nor_accused() -> None:
    said: list[str] = []
    watch = ConnectionWatch(lambda: KNOWN, said.append, lambda: 0.0)
    assert watch.opened(Connection(1, START, "CN=anna", "")) == {}
    assert (watch.present, said) == (frozenset(), [])
    assert list(watch.opened(Connection(1, START, "CN=anna", "a-1"))) == ["anna"]
    assert (watch.present, said) == (frozenset({"anna"}), [])
    watch.opened(Connection(1, START, "CN=anna", ""))
    assert (watch.present, said) == (frozenset({"anna"}), [])
    watch.begin([Connection(1, START, "CN=anna", "a-1")], [Connection(3, START, "CN=bert", "")])
    assert (watch.present, said) == (frozenset({"anna"}), [])
    watch.opened(Connection(2, START, "CN=bert", "a-1"))
    [sentence] = said
    assert "certificate of bert" in sentence

"""Who is judged by what the broker tells of a connection."""

from nabij.centre.watch.connections import (
    DUEL_S,
    DUPLICATE,
    FAST,
    Connection,
    ConnectionWatch,
    Known,
)

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


def duel(hosts: list[str], pause_s: float, reason: str = DUPLICATE) -> list[str | None]:
    """Each connection takes the id of the one before; what is said at each of its ends."""
    now_s = [0.0]
    watch = ConnectionWatch(lambda: KNOWN, lambda _sentence: None, lambda: now_s[0])
    found = []
    before: Connection | None = None
    for number, host in enumerate(hosts):
        now_s[0] += pause_s
        connection = Connection(number, START, "CN=anna", "a-1", host)
        watch.opened(connection)
        if before is not None:
            found.append(watch.closed(before, reason))
        before = connection
    assert watch.present == {"anna"}
    return found


def test_an_id_that_goes_back_and_forth_between_two_places_is_in_use_twice() -> None:
    assert duel(["home", "away"] * 4, 5.0)[-1] == "anna"
    assert duel(["home"] * (FAST + 1), 5.0)[-1] == "anna"


def test_a_badge_that_comes_back_in_place_of_its_own_dead_connection_is_one() -> None:
    assert set(duel(["home", "away"] * 20, DUEL_S)) == {None}
    assert set(duel(["home"] * 8, 5.0)) == {None}
    assert set(duel([f"place {number}" for number in range(8)], 5.0)) == {None}
    assert set(duel(["home", "away"] * 20, 5.0, "Client Closed")) == {None}

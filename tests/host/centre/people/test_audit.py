"""Who did what, and who looked at whom."""

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.people import audit, persons
from nabij.centre.people.persons import Wanted
from nabij.centre.store import Store
from tests.host.centre.people.conftest import KEY


def test_who_goes_on_looking_looked_once(store: Store) -> None:
    store.take(message(), b"frame", Moment(1, 1, "epoch"))
    [incident] = store.incidents()

    def looks(at_ms: int, by: str = "smit") -> None:
        store.write(
            lambda one: audit.look(one, at_ms, by, person_id=None, incident_id=incident.id)
        )

    for at_ms in range(0, 2 * audit.LOOK_MS, audit.LOOK_MS // 3):
        looks(at_ms)
    looks(1, "bos")
    found = [(one.by, one.at_ms) for one in store.read(audit.newest)]
    assert found == [("bos", 1), ("smit", audit.LOOK_MS), ("smit", 0)]


def message() -> wire.AlarmMessage:
    frame = wire.encode_alarm(KEY, "a", 1, 1, SOS, 0)
    found: wire.AlarmMessage = wire.decode_alarm(frame, lambda _badge: KEY)
    return found


def test_a_person_finds_what_was_done_about_them_and_nothing_else(store: Store) -> None:
    anna = store.write(lambda one: persons.add(one, Wanted("Anna")))
    store.write(lambda one: audit.add(one, 1, "smit", "looked", person_id=anna.id))
    store.write(lambda one: audit.add(one, 2, "smit", "logged in"))
    store.write(lambda one: audit.add(one, 3, "bos", "changed", person_id=anna.id, detail="x"))
    mine = store.read(lambda one: audit.newest(one, person_id=anna.id))
    assert [(one.at_ms, one.by, one.what, one.detail) for one in mine] == [
        (3, "bos", "changed", "x"),
        (1, "smit", "looked", ""),
    ]
    assert [one.at_ms for one in store.read(lambda one: audit.newest(one, limit=2))] == [3, 2]

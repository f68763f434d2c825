"""Incidents as they are kept: found again in order, moved on, with all that came of each."""

from badge.core.alarm.kinds import AMBER, SOS
from badge.core.codec import wire
from nabij.centre.incidents import rows
from nabij.centre.incidents.merge import What
from nabij.centre.store import BadgeRecord
from tests.host.centre.deadline_world import KEY, START_MS, World, message


def test_incidents_come_in_the_order_of_arrival_of_one_badge_or_all(world: World) -> None:
    world.store.enrol(BadgeRecord("bert", KEY, "CN=bert", "B. Mulder", 0))
    for seq in (2, 1):
        world.take(message(1, seq, kind=SOS))
    other = wire.decode_alarm(
        wire.encode_alarm(KEY, "bert", 1, 1, kind=SOS, age_ms=0, rev=1), lambda _badge: KEY
    )
    world.take(other)
    assert [(one.badge, one.seq) for one in world.store.incidents()] == [
        ("anna", 2),
        ("anna", 1),
        ("bert", 1),
    ]
    assert [one.wearer for one in world.store.incidents("bert")] == ["B. Mulder"]
    assert [one.seq for one in world.store.incidents("anna")] == [2, 1]
    assert world.store.incidents("nobody") == []


def test_each_transmission_of_an_incident_is_kept_and_of_no_other(world: World) -> None:
    world.take(message(1, 1, kind=SOS, attempt=1))
    world.take(message(1, 2, kind=SOS, attempt=7))
    world.clock.wait(3)
    world.take(message(1, 1, kind=SOS, attempt=2))
    assert world.store.transmissions(1) == [
        (START_MS, 1, b"frame"),
        (START_MS + 3000, 2, b"frame"),
    ]
    assert [attempt for _, attempt, _ in world.store.transmissions(2)] == [7]
    assert world.store.transmissions(3) == []


def test_closing_ends_the_deadline_of_that_incident_and_of_no_other(world: World) -> None:
    for seq in (1, 2):
        world.take(message(1, seq, kind=AMBER, due_s=60))
    world.wait(61)
    for seq in (1, 2):
        world.take(message(1, seq, kind=AMBER, due_s=60, rev=2))
    world.heard()
    assert world.store.running() == 2
    world.centre(world.incident(1, 1), wire.STATUS_TAKEN)
    assert world.store.running() == 2
    world.centre(world.incident(1, 1), wire.STATUS_CLOSED)
    assert world.store.running() == 1
    world.wait(61)
    assert [one.state for one in world.store.incidents()] == [
        wire.STATUS_CLOSED,
        wire.STATUS_RECEIVED,
    ]
    assert world.heard() == [What.DUE_AGAIN]


def test_an_incident_leads_to_its_alarm(world: World) -> None:
    world.take(message(1, 1, kind=AMBER, due_s=60))
    world.take(message(1, 2, kind=SOS))
    found = world.store.read(lambda connection: rows.alarm_id_of(connection, 1))
    assert found == 2

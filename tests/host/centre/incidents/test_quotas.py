"""A badge that floods makes few incidents; each of its alarms has a receipt and a state."""

from typing import Any

import pytest

from badge.core.alarm.kinds import AMBER, BATTERY, FAULT, FLIGHT, MAN_DOWN, RIP, SOS
from badge.core.codec import wire
from nabij.centre.incidents.quotas import WINDOW_MS, Quotas
from nabij.centre.incidents.words import FLOOD
from tests.host.centre.deadline_world import World, message

LIMITS = Quotas(alarms=20, technical=2, tests=20)


@pytest.fixture
def flooded(world: World) -> World:
    world.store.quotas = LIMITS
    return world


def flood(world: World, count: int, first: int = 1, **fields: Any) -> list[int]:
    """Take so many new alarms; the states that the badge is told."""
    seqs = range(first, first + count)
    return [world.take(message(seq=seq, **fields)).state for seq in seqs]


def kinds_of(world: World) -> list[int]:
    return [one.kind for one in world.store.incidents()]


@pytest.mark.requirement("R09")
def test_alarms_beyond_the_quota_have_their_receipt_and_make_no_incident(flooded: World) -> None:
    states = flood(flooded, 500, kind=SOS)
    assert states == [wire.STATUS_RECEIVED] * 500
    assert kinds_of(flooded) == [SOS] * 20
    assert len(flooded.told) == 20


@pytest.mark.requirement("R09")
def test_sos_duress_and_rip_are_never_folded_into_another_class(flooded: World) -> None:
    flood(flooded, 300, kind=MAN_DOWN)
    flood(flooded, 50, first=1000, kind=FLIGHT)
    floods: tuple[tuple[int, dict[str, Any]], ...] = (
        (2000, {"kind": SOS}),
        (3000, {"kind": RIP}),
        (4000, {"kind": MAN_DOWN, "flags": wire.FLAG_DURESS}),
        (5000, {"kind": FAULT}),
        (6000, {"kind": BATTERY}),
    )
    for first, fields in floods:
        flood(flooded, 30, first=first, **fields)
    found = flooded.store.incidents()
    assert [one.kind for one in found[20:]] == [SOS, RIP, MAN_DOWN, FAULT, FAULT]
    assert found[22].duress
    # A hostile badge with everything that it can think of.
    assert len(found) <= 25


@pytest.mark.requirement("R09")
def test_a_closed_incident_is_never_counted_on(flooded: World) -> None:
    flood(flooded, 30, kind=SOS)
    for one in flooded.store.incidents():
        flooded.centre(one, wire.STATUS_CLOSED)
    flood(flooded, 30, first=100, kind=SOS)
    assert len(kinds_of(flooded)) == 21


@pytest.mark.requirement("R09")
def test_what_was_folded_stands_as_its_incident_does(flooded: World) -> None:
    flood(flooded, 25, kind=SOS)
    asked = [wire.Standing(1, 25, 1, 0, 0)]
    [told] = flooded.store.standings("anna", asked)
    assert told.state == wire.STATUS_RECEIVED
    flooded.centre(flooded.store.incidents()[-1], wire.STATUS_CLOSED)
    [told] = flooded.store.standings("anna", asked)
    assert told.state == wire.STATUS_CLOSED
    # As when the badge repeats it.
    assert flooded.take(message(seq=25, kind=SOS, attempt=2)).state == wire.STATUS_CLOSED
    assert len(kinds_of(flooded)) == 20


@pytest.mark.requirement("R09")
def test_what_was_folded_and_turns_to_duress_is_an_incident(flooded: World) -> None:
    flood(flooded, 25, kind=MAN_DOWN)
    duress = {"kind": MAN_DOWN, "rev": 2, "flags": wire.FLAG_DURESS | wire.FLAG_CANCELLED}
    flooded.take(message(seq=25, **duress))
    found = flooded.store.incidents()
    assert (len(found), found[-1].seq, found[-1].duress) == (21, 25, True)


def test_deadlines_of_a_flood_that_come_due_are_folded_too(flooded: World) -> None:
    flood(flooded, 300, kind=AMBER, due_s=60)
    flooded.wait(61)
    assert len(kinds_of(flooded)) == 20


def test_tests_of_a_flood_are_closed_and_no_more_than_the_quota(flooded: World) -> None:
    states = flood(flooded, 100, kind=SOS, flags=wire.FLAG_TEST)
    assert states == [wire.STATUS_CLOSED] * 100
    assert len(kinds_of(flooded)) == 20
    # They take nothing of what alarms may.
    flood(flooded, 3, first=1000, kind=SOS)
    assert len(kinds_of(flooded)) == 23


def test_each_sort_has_the_quota_that_it_is_given(world: World) -> None:
    world.store.quotas = Quotas.given(alarms=None, technical=5, tests=3)
    flood(world, 100, kind=SOS, flags=wire.FLAG_TEST)
    flood(world, 100, first=1000, kind=FAULT)
    flood(world, 100, first=2000, kind=SOS)
    found = world.store.incidents()
    assert [one.test for one in found].count(True) == 3
    assert [one.kind for one in found].count(FAULT) == 5
    assert len(found) == 3 + 5 + Quotas().alarms


def test_after_the_window_each_alarm_is_an_incident_again(flooded: World) -> None:
    flood(flooded, 25, kind=SOS)
    flooded.clock.wait(WINDOW_MS / 1000 + 1)
    flood(flooded, 3, first=100, kind=SOS)
    assert len(kinds_of(flooded)) == 23


def test_one_incident_says_that_a_badge_floods_until_somebody_closes_it(world: World) -> None:
    now = world.clock.now()
    assert world.store.notice("anna", FLOOD, now, "It floods.") is not None
    assert world.store.notice("anna", FLOOD, now, "It floods.") is None
    assert world.store.notice("nobody", FLOOD, now, "It floods.") is None
    [incident] = world.store.incidents()
    assert "BADGE FLOODS  A. de Vries (badge anna)  since " in incident.sentence()
    world.centre(incident, wire.STATUS_CLOSED)
    assert world.store.notice("anna", FLOOD, now, "It floods.") is not None

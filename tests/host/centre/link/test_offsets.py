"""What a badge is told of local time at its site, and what its quiet hours make of it."""

import datetime as dt

from badge.core.alarm.check_in import CheckIn
from badge.core.codec import wire
from badge.storage.utc_clock import UtcClock
from nabij.centre.link.intake import Intake
from nabij.centre.people import assignments, persons
from nabij.centre.people.persons import Wanted
from nabij.centre.watch.deadlines import Backlog
from tests.core.configs import config
from tests.host.centre.deadline_world import KEY, World

UP = wire.up_topic("anna")
SUMMER_S = round(dt.datetime(2027, 3, 28, 1, tzinfo=dt.UTC).timestamp())


def placed(world: World, zone: str) -> None:
    """The badge's wearer works at a site of that zone."""
    site = world.store.write(lambda one: persons.add_site(one, "Depot", zone=zone))
    team = world.store.write(lambda one: persons.add_team(one, "North", site.id))
    anna = world.store.write(lambda one: persons.add(one, Wanted("Anna", team.id)))
    world.store.write(lambda one: assignments.hand_out(one, "anna", anna.id, 1, "x"))


def intake_of(world: World) -> Intake:
    return Intake(world.store, world.clock, Backlog(world.clock.now(), None))


def told(intake: Intake, frame: bytes) -> list[wire.Status]:
    outcome = intake.take(UP, frame)
    assert outcome.done
    return [wire.decode_status(reply, KEY, "anna") for _topic, reply in outcome.replies]


def hello(count: int, *standings: wire.Standing) -> bytes:
    said = wire.Hello("anna", 1, count, "0.1.0", 60, 80, standings, *wire.NOWHERE)
    frame: bytes = wire.encode_hello(KEY, said)
    return frame


def minutes(status: wire.Status) -> int | None:
    """What the badge's clock makes of it."""
    clock = UtcClock(None, "", 0, lambda *_: None)
    clock.offset_told(status.offset_quarters, status.utc_s)
    found: int | None = clock.offset_min
    return found


def test_a_hello_after_the_change_to_summer_time_sets_the_quiet_hours_anew(world: World) -> None:
    placed(world, "Europe/Amsterdam")
    world.clock.set_forward(SUMMER_S - 3600 - world.clock.now().wall_ms / 1000)
    intake = intake_of(world)
    asks = CheckIn(config(check_in_min=30, quiet_from_min=1320, quiet_to_min=360), lambda: 0)
    test = wire.encode_alarm(KEY, "anna", 1, 1, 1, 0, rev=1, flags=wire.FLAG_TEST, watch_s=36_000)
    [receipt] = told(intake, test)
    assert receipt.offset_quarters == 52
    # Half past five in winter, half past six in summer, when quiet is over.
    half_past_s = SUMMER_S + 3 * 3600 + 1800
    assert not asks.wanted(True, half_past_s, minutes(receipt))
    world.clock.wait(2 * 3600)
    # No alarm is open, so the answer is about the test, which changes nothing for it.
    [answer] = told(intake, hello(1))
    assert (answer.seq, answer.state, answer.offset_quarters) == (1, wire.STATUS_CLOSED, 56)
    assert asks.wanted(True, half_past_s, minutes(answer))


def test_an_alarm_that_is_open_is_answered_with_it_too_and_once(world: World) -> None:
    placed(world, "Asia/Kolkata")
    intake = intake_of(world)
    told(intake, wire.encode_alarm(KEY, "anna", 1, 1, 1, 0, rev=1))
    [answer] = told(intake, hello(1, wire.Standing(1, 1, 1, 1, 1)))
    assert (answer.state, answer.offset_quarters) == (wire.STATUS_RECEIVED, 70)
    found = world.incident()
    assert found is not None
    assert found.zone == "Asia/Kolkata"
    assert "+0530" in found.sentence()


def test_a_badge_of_no_site_goes_by_its_own_setting(world: World) -> None:
    intake = intake_of(world)
    [receipt] = told(intake, wire.encode_alarm(KEY, "anna", 1, 1, 1, 0, rev=1))
    assert receipt.offset_quarters is None
    assert told(intake, hello(1)) == []


def test_a_badge_that_never_had_an_alarm_gets_no_answer(world: World) -> None:
    placed(world, "Europe/Amsterdam")
    assert told(intake_of(world), hello(1)) == []


def test_who_comes_to_another_site_is_told_within_a_minute(world: World) -> None:
    intake = intake_of(world)
    told(intake, wire.encode_alarm(KEY, "anna", 1, 1, 1, 0, rev=1))
    placed(world, "Europe/Lisbon")
    world.clock.wait(61)
    [answer] = told(intake, hello(1))
    assert answer.offset_quarters is not None

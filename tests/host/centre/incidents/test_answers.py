"""What comes of cancels, false alarms, duress and tests, and what the badge is answered."""

import pytest

from badge.core.alarm.kinds import BATTERY, FLIGHT, MAN_DOWN, SOS
from badge.core.codec import wire
from nabij.centre.incidents.merge import What
from tests.host.centre.deadline_world import World, message

CANCEL = wire.FLAG_CANCELLED
DURESS = wire.FLAG_DURESS
FALSE_ALARM = wire.FLAG_FALSE_ALARM


@pytest.mark.requirement("R09")
def test_nothing_the_badge_says_closes_an_open_incident(world: World) -> None:
    world.take(message(due_s=60))
    world.wait(60)
    world.heard()
    answer = world.take(message(due_s=0, flags=CANCEL, rev=2))
    assert answer.state == wire.STATUS_RECEIVED
    [ended] = world.told
    assert "stays open until it is closed here" in ended.sentence()
    assert world.heard() == [What.ENDED]
    world.take(message(rev=3))
    world.take(message(rev=4, flags=FALSE_ALARM))
    assert world.heard() == [What.JOINED, What.FALSE_ALARM]
    incident = world.incident()
    assert incident is not None
    assert (incident.state, incident.false_alarm) == (wire.STATUS_RECEIVED, True)


@pytest.mark.parametrize("due_s", [0, None])
@pytest.mark.parametrize("before", ["nothing", "deadline", "expired", "taken"])
def test_cancel_and_duress_cancel_get_the_same_answer(
    world: World, before: str, due_s: int | None
) -> None:
    answers = []
    for boot, flags in ((1, CANCEL), (2, CANCEL | DURESS)):
        if before != "nothing":
            world.take(message(boot, due_s=60))
        if before in {"expired", "taken"}:
            world.wait(60)
        if before == "taken":
            opened = world.incident(boot)
            assert opened is not None
            world.centre(opened, wire.STATUS_TAKEN)
        world.heard()
        answers.append(world.take(message(boot, due_s=due_s, flags=flags, rev=2)))
    assert answers[0] == answers[1]
    assert (world.incident(1) is None) == (before in {"nothing", "deadline"})
    duress = world.incident(2)
    assert duress is not None
    assert duress.duress
    assert "DURESS" in duress.sentence()


@pytest.mark.parametrize("forced", [0, DURESS])
def test_badge_that_calls_it_false_is_told_the_receipt_and_the_end(
    world: World, forced: int
) -> None:
    world.take(message(kind=SOS))
    world.take(message(kind=SOS, rev=2, flags=FALSE_ALARM | forced))
    duress = [What.DURESS] if forced else []
    assert world.heard() == [What.OPENED, *duress, What.FALSE_ALARM]
    incident = world.incident()
    assert incident is not None
    for state in (wire.STATUS_TAKEN, wire.STATUS_HELP_COMING, wire.STATUS_CLOSED):
        world.centre(incident, state)
        copy = message(kind=SOS, rev=2, flags=FALSE_ALARM | forced, attempt=2)
        # That it is closed is not felt, and ends the alarm at the badge.
        closed = state == wire.STATUS_CLOSED
        assert world.take(copy).state == (state if closed else wire.STATUS_RECEIVED)


def test_withdrawn_pre_alarm_is_told_and_no_incident(world: World) -> None:
    world.take(message(kind=MAN_DOWN, flags=CANCEL))
    [change] = world.told
    assert (change.what, change.incident) == (What.WITHDRAWN, None)
    assert "Withdrawn in the pre-alarm (man_down)" in change.sentence()


@pytest.mark.requirement("R11")
def test_test_alarm_is_kept_as_one_and_closed_by_itself(world: World) -> None:
    answer = world.take(message(kind=SOS, flags=wire.FLAG_TEST))
    assert answer.state == wire.STATUS_CLOSED
    incident = world.incident()
    assert incident is not None
    assert (incident.test, incident.state) == (True, wire.STATUS_CLOSED)
    assert incident.sentence().startswith("TEST SOS")


def test_squeeze_in_the_middle_of_a_test_is_a_real_alarm(world: World) -> None:
    world.take(message(kind=SOS, flags=wire.FLAG_TEST))
    assert world.take(message(kind=SOS, rev=2)).state == wire.STATUS_RECEIVED
    assert world.heard() == [What.OPENED, What.ESCALATED, What.REOPENED]


@pytest.mark.requirement("R07")
def test_last_gasp_says_how_full_the_battery_is(world: World) -> None:
    world.take(message(kind=BATTERY, battery_percent=3))
    incident = world.incident()
    assert incident is not None
    assert "BATTERY NEARLY EMPTY" in incident.sentence()
    assert "battery 3 %" in incident.sentence()


def test_badge_of_the_first_release_needs_no_rev(world: World) -> None:
    assert world.take(message(kind=SOS, rev=None)).rev == 0
    assert world.incident() is not None


@pytest.mark.requirement("R05")
def test_who_runs_away_is_an_incident_that_says_so(world: World) -> None:
    world.take(message(kind=FLIGHT))
    incident = world.incident()
    assert incident is not None
    assert incident.kind_name == "flight"
    assert "RUNNING AWAY" in incident.sentence()

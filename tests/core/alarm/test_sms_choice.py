"""Which alarm goes out by SMS and when, as tables; forced or not, it is the same."""

from typing import Any

import pytest

from badge.core import ticks
from badge.core.alarm import kinds, life, sms_choice
from badge.core.alarm.record import CALLED_FALSE, DURESS, Alarm
from badge.core.alarm.sms_choice import HUNG, NO_EVIDENCE, REFUSED, Evidence, Told

AFTER = 15_000
MIN = 60_000
HOUR = 60 * MIN
NOW = 900_000_000
EARLIER = NOW - HOUR


def raised(kind: int = kinds.SOS, seq: int = 1, **more: Any) -> Alarm:
    alarm = Alarm(kind, 7, seq, EARLIER)
    alarm.state = more.get("state", life.RAISED)
    alarm.rev = more.get("rev", 1)
    alarm.mark(more.get("marks", 0))
    return alarm


def told(alarm: Alarm, ago_ms: int, times: int = 1, rev: int | None = None) -> dict[Any, Told]:
    last = Told(rev or alarm.rev, sms_choice.shape(alarm), NOW - ago_ms, times)
    return {(alarm.boot, alarm.seq): last}


def chosen(
    alarm: Alarm, waits_ms: int, known: dict[Any, Told] | None = None, spent: int = 0
) -> bool:
    waiting = [(alarm, (NOW - waits_ms) % ticks.PERIOD)]
    return sms_choice.choose(waiting, known or {}, NOW, AFTER, spent) is alarm


@pytest.mark.parametrize(
    ("state", "waits_ms", "wanted"),
    [
        (life.RAISED, AFTER - 1, False),
        (life.RAISED, AFTER, True),
        (life.SENT, AFTER, True),
        # A receipt for an older rev came by another way.
        (life.TAKEN, AFTER, True),
        (life.WITHDRAWN, AFTER, True),
        # Not yet, or none: who runs out of time is told of in its own time.
        (life.PRE_ALARM, HOUR, False),
        (life.WAITING, HOUR, False),
        (life.REPORT, HOUR, False),
    ],
)
def test_an_alarm_without_receipt_goes_after_its_time(
    state: int, waits_ms: int, wanted: bool
) -> None:
    assert chosen(raised(state=state), waits_ms) is wanted


@pytest.mark.parametrize(
    ("times", "ago_ms", "wanted"),
    [
        (1, 10 * MIN - 1, False),
        (1, 10 * MIN, True),
        (2, 10 * MIN, False),
        (2, 20 * MIN, True),
        (3, 40 * MIN, True),
        (9, HOUR - 1, False),
        (9, HOUR, True),
    ],
)
def test_without_an_answer_it_goes_again_ever_more_seldom(
    times: int, ago_ms: int, wanted: bool
) -> None:
    alarm = raised()
    assert chosen(alarm, 2 * HOUR, told(alarm, ago_ms, times)) is wanted


def test_news_of_the_same_shape_waits_and_of_another_does_not() -> None:
    alarm = raised(rev=5)
    assert not chosen(alarm, HOUR, told(alarm, 5 * MIN - 1, rev=4))
    assert chosen(alarm, HOUR, told(alarm, 5 * MIN, rev=4))
    before = told(alarm, 1_000, rev=4)
    alarm.mark(CALLED_FALSE)
    assert chosen(alarm, HOUR, before)


def test_a_forced_gesture_goes_when_its_twin_would() -> None:
    for state, marks in ((life.RAISED, CALLED_FALSE), (life.WITHDRAWN, 0)):
        free, forced = raised(state=state, marks=marks), raised(state=state, marks=marks | DURESS)
        assert sms_choice.shape(free) == sms_choice.shape(forced)
        for waits_ms in (AFTER - 1, AFTER, HOUR):
            for ago_ms in (0, 5 * MIN, 10 * MIN, HOUR):
                for rev in (1, 2):
                    twins = [
                        chosen(one, waits_ms, told(one, ago_ms, rev=rev)) for one in (free, forced)
                    ]
                    assert twins[0] is twins[1]


@pytest.mark.parametrize(
    ("spent", "is_known", "wanted"),
    [(7, True, True), (8, True, False), (8, False, True), (11, False, True), (12, False, False)],
)
def test_an_hour_has_so_many_messages_and_some_more_for_new_alarms(
    spent: int, is_known: bool, wanted: bool
) -> None:
    alarm = raised()
    assert chosen(alarm, 3 * HOUR, told(alarm, 2 * HOUR) if is_known else {}, spent) is wanted


def test_the_first_of_several_that_is_due_goes() -> None:
    first, second = raised(), raised(seq=2)
    waiting = [(first, EARLIER), (second, EARLIER)]
    assert sms_choice.choose(waiting, {}, NOW, AFTER, 0) is first
    assert sms_choice.choose(waiting, told(first, MIN), NOW, AFTER, 0) is second
    assert sms_choice.choose([], {}, NOW, AFTER, 0) is None


@pytest.mark.parametrize(
    ("end", "failures", "ago_ms", "wanted"),
    [
        (REFUSED, 1, 14_999, False),
        (REFUSED, 1, 15_000, True),
        (REFUSED, 2, 15_000, False),
        (REFUSED, 2, 30_000, True),
        (REFUSED, 40, 5 * MIN - 1, False),
        (REFUSED, 40, 5 * MIN, True),
        (HUNG, 1, 10 * MIN - 1, False),
        (HUNG, 1, 10 * MIN, True),
        (HUNG, 40, HOUR, True),
    ],
)
def test_a_way_that_failed_is_left_alone_for_a_while(
    end: str, failures: int, ago_ms: int, wanted: bool
) -> None:
    assert sms_choice.may_try(Evidence(end, NOW - ago_ms, failures), NOW) is wanted


def test_another_failure_begins_its_pauses_anew() -> None:
    assert sms_choice.may_try(NO_EVIDENCE, NOW)
    once = sms_choice.failed(NO_EVIDENCE, REFUSED, NOW)
    twice = sms_choice.failed(once, REFUSED, NOW + 1)
    assert (once.failures, twice.failures) == (1, 2)
    assert sms_choice.failed(twice, HUNG, NOW) == Evidence(HUNG, NOW, 1)


def test_what_was_taken_is_counted_by_its_rev() -> None:
    alarm = raised()
    once = sms_choice.taken(alarm, None, NOW)
    twice = sms_choice.taken(alarm, once, NOW + 1)
    assert (once.times, twice.times) == (1, 2)
    alarm.rev += 1
    assert sms_choice.taken(alarm, twice, NOW).times == 1


@pytest.mark.parametrize(
    ("marks", "state", "waits_ms", "spent", "wanted"),
    [
        (0, life.RAISED, AFTER + 29_999, 0, False),
        (0, life.RAISED, AFTER + 30_000, 0, True),
        (0, life.RAISED, HOUR, 11, True),
        (0, life.RAISED, HOUR, 12, False),
        (0, life.RAISED, HOUR, 13, False),
        # Whoever reads it beside the wearer must learn nothing of what came of a call.
        (CALLED_FALSE, life.RAISED, HOUR, 0, False),
        (CALLED_FALSE | DURESS, life.RAISED, HOUR, 0, False),
        (0, life.WITHDRAWN, HOUR, 0, False),
        (DURESS, life.WITHDRAWN, HOUR, 0, False),
    ],
)
def test_a_person_is_told_once_and_of_nothing_that_was_taken_back(
    marks: int, state: int, waits_ms: int, spent: int, wanted: bool
) -> None:
    alarm = raised(state=state, marks=marks)
    waiting = [(alarm, NOW - waits_ms)]
    found = sms_choice.choose_plain(waiting, set(), NOW, AFTER, spent)
    assert (found is alarm) is wanted
    assert sms_choice.choose_plain(waiting, {(7, 1)}, NOW, AFTER, spent) is None

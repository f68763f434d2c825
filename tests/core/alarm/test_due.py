"""When an open alarm comes due: to the moment, and so much later for who waits a while."""

import pytest

from badge.core.alarm import due, kinds, life
from badge.core.alarm.book import AlarmBook
from badge.core.detector import params
from tests.core.configs import config

LATE_MS = 3000
WITH_PRE_ALARM = [kind.number for kind in kinds.TABLE if kind.begins == kinds.PRE_ALARM]


@pytest.mark.parametrize(("late_ms", "is_due"), [(-1000, False), (0, True), (LATE_MS, True)])
def test_a_deadline_is_due_at_its_end(late_ms: int, is_due: bool) -> None:
    book = AlarmBook(7)
    alarm, _actions = book.deadline(kinds.AMBER, 60, 0, grace_s=30)
    assert alarm.state == life.WAITING
    now_ms = 60_000 + late_ms
    assert due.is_due(config(), alarm, now_ms) == is_due
    assert due.is_due(config(), alarm, now_ms, LATE_MS) == (late_ms == LATE_MS)


@pytest.mark.parametrize("kind", WITH_PRE_ALARM)
@pytest.mark.parametrize("late_ms", [0, 1, LATE_MS])
def test_a_pre_alarm_is_due_once_it_has_lasted_its_time(kind: int, late_ms: int) -> None:
    settings = config(prealarm_ms=10_000, confirm_ms=30_000)
    alarm, _actions = AlarmBook(7).condition(kind, 500)
    assert alarm.state == life.PRE_ALARM
    lasts_ms = params.pre_alarm_ms(settings, kind == kinds.MAN_DOWN)
    assert due.pre_alarm_ms(settings, alarm) == lasts_ms
    # An age never runs backwards: from earlier to later.
    assert not due.is_due(settings, alarm, 500 + lasts_ms - 1)
    end_ms = 500 + lasts_ms + late_ms
    assert not due.is_due(settings, alarm, end_ms - 1, late_ms)
    assert due.is_due(settings, alarm, end_ms, late_ms)
    assert due.is_due(settings, alarm, end_ms)


def test_only_a_fall_waits_for_its_verdict() -> None:
    settings = config(prealarm_ms=10_000, confirm_ms=30_000)
    times_ms = {
        kind: due.pre_alarm_ms(settings, AlarmBook(7).condition(kind, 0)[0])
        for kind in WITH_PRE_ALARM
    }
    fall_ms = times_ms.pop(kinds.MAN_DOWN)
    assert set(times_ms.values()) == {10_000}
    assert fall_ms > 30_000 - settings.decide_ms


def test_the_pre_alarm_of_a_deadline_is_its_grace() -> None:
    alarm, _actions = AlarmBook(7).deadline(kinds.AMBER, 60, 0, grace_s=30)
    assert due.pre_alarm_ms(config(), alarm) == 30_000


@pytest.mark.parametrize(
    ("now_ms", "least_ms", "left_ms"),
    [(4000, 0, 6000), (4000, 10_000, 6000), (4000, 12_000, 8000), (10_000, 0, 0)],
)
def test_the_first_pre_alarm_decides_how_long_is_left(
    now_ms: int, least_ms: int, left_ms: int
) -> None:
    first, _actions = AlarmBook(7).condition(kinds.RIP, 0)
    later, _actions = AlarmBook(7).condition(kinds.TILT, 3000)
    settings = config(prealarm_ms=10_000)
    assert due.left_ms(settings, [later, first], now_ms, least_ms) == left_ms
    assert due.left_ms(settings, [], now_ms, least_ms) is None

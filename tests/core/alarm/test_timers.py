"""Check-in, amber, shift and the watch over the link, each as the wearer meets it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import link_watch
from badge.core.alarm import amber, check_in
from badge.core.settings.config import defaults
from badge.core.ticks import PERIOD, add
from badge.core.wearer import protection, shift

DAY_S = 86_400
NOON_S = 1_800_014_400 // DAY_S * DAY_S + DAY_S // 2


def config(profile="discreet", **settings):
    made = defaults(profile)
    for name, value in settings.items():
        assert hasattr(made, name)
        setattr(made, name, value)
    return made


@given(st.integers(1, 480), st.integers(0, 600), st.integers(0, 255))
def test_a_check_in_is_never_later_and_at_most_the_jitter_earlier(every_min, jitter_s, byte):
    asks = check_in.CheckIn(
        config(check_in_min=every_min, check_in_jitter_s=jitter_s), lambda: byte
    )
    interval_s = asks.interval_s()
    assert every_min * 60 - jitter_s <= interval_s <= every_min * 60
    assert interval_s >= every_min * 30


@pytest.mark.requirement("R04")
@given(st.integers(0, 255))
def test_in_pna11_the_longest_check_in_is_an_alarm_within_15_minutes(byte):
    settings = config("pna11", check_in_min=14)
    asks = check_in.CheckIn(settings, lambda: byte)
    assert asks.interval_s() + settings.check_in_grace_s <= 900


@pytest.mark.parametrize(
    ("from_min", "to_min", "at_min", "asked"),
    [
        (22 * 60, 6 * 60, 23 * 60, False),
        (22 * 60, 6 * 60, 5 * 60 + 59, False),
        (22 * 60, 6 * 60, 6 * 60, True),
        (22 * 60, 6 * 60, 21 * 60 + 59, True),
        (22 * 60, 6 * 60, 22 * 60, False),
        (12 * 60, 13 * 60, 12 * 60, False),
        (12 * 60, 13 * 60, 13 * 60, True),
        (8 * 60, 8 * 60, 8 * 60, True),
    ],
)
def test_quiet_hours_are_local_and_may_pass_midnight(from_min, to_min, at_min, asked):
    asks = check_in.CheckIn(
        config(check_in_min=30, quiet_from_min=from_min, quiet_to_min=to_min, utc_offset_min=120),
        lambda: 0,
    )
    utc_s = NOON_S - DAY_S // 2 + (at_min - 120) * 60
    assert asks.wanted(True, utc_s) is asked
    assert not asks.wanted(False, utc_s)
    assert asks.wanted(True, None)


def test_without_an_interval_the_badge_never_asks():
    assert not check_in.CheckIn(config(check_in_min=0), lambda: 0).wanted(True, NOON_S)


def test_amber_warns_once_and_again_after_it_was_extended():
    runs = amber.Amber(config(amber_min=5, amber_warn_s=60))
    assert runs.length_s == 300
    for _ in range(2):
        runs.begins()
        warned_at = [left_s for left_s in range(300, -1, -1) if runs.warns(left_s * 1000)]
        assert warned_at == [60]
    assert not runs.warns(None)


@pytest.mark.requirement("R11")
@given(st.integers(0, PERIOD - 1))
def test_a_shift_wants_its_test_at_once_and_again_after_24_hours(now_ms):
    runs = shift.Shift(config(shift_min=0), now_ms)
    assert runs.step(now_ms) == shift.NOTHING
    runs.start(now_ms)
    assert runs.step(now_ms) == shift.TEST
    assert runs.wants_test()
    runs.tested(now_ms, passed=True)
    for _ in range(23):
        now_ms = add(now_ms, 3_600_000)
        assert runs.step(now_ms) == shift.NOTHING
    assert not runs.wants_test()
    assert runs.step(add(now_ms, 3_600_000)) == shift.TEST


@pytest.mark.requirement("R11")
def test_the_buttons_are_tried_again_with_the_test_of_the_next_day_but_not_with_a_second_try():
    runs = shift.Shift(config("pna11", shift_min=0), 0)
    runs.start(0)
    runs.testing()
    runs.trial.tried((True, True))
    runs.tested(0, passed=True)
    assert runs.trial.missing() == []
    # The test of the next day; its first try is cut short by an alarm, which counts.
    runs.testing()
    assert runs.trial.missing() == ["left", "right"]
    assert runs.wants_test()
    runs.trial.tried((True, True))
    runs.testing()
    runs.tested(1000, passed=False)
    runs.testing()
    assert runs.trial.missing() == []


def test_a_failed_test_is_tried_again_soon_and_counts_as_missing_meanwhile():
    runs = shift.Shift(config(), 0)
    runs.start(0)
    runs.tested(0, passed=False)
    assert runs.step(60_000) == shift.NOTHING
    assert runs.wants_test()
    assert runs.step(900_000) == shift.TEST


@given(st.integers(0, PERIOD - 1), st.integers(1, 1440))
def test_a_shift_ends_by_itself_and_only_once(now_ms, minutes):
    runs = shift.Shift(config(shift_min=minutes, shift_test=False), now_ms)
    runs.start(now_ms)
    before, at = add(now_ms, minutes * 60_000 - 1), add(now_ms, minutes * 60_000)
    assert runs.step(before) == shift.NOTHING
    assert runs.left_ms() == 1
    assert runs.step(at) == shift.END
    runs.end(at)
    assert not runs.on
    assert runs.left_ms() is None
    assert runs.step(add(at, 1000)) == shift.NOTHING


@pytest.mark.requirement("R07")
def test_a_shift_is_to_be_watched_until_its_end_or_until_after_its_next_test():
    runs = shift.Shift(config(shift_min=60), 0)
    assert runs.watch_s() == 0
    runs.start(0)
    runs.step(600_000)
    assert runs.watch_s() == 3000
    runs.end(600_000)
    assert runs.watch_s() == 0
    endless = shift.Shift(config(shift_min=0, test_every_min=60), 0)
    endless.start(0)
    half_an_hour_s = 1800
    assert endless.watch_s() >= 3600 + half_an_hour_s


def test_a_reset_does_not_make_a_shift_longer_nor_test_it_again():
    runs = shift.Shift(config(shift_min=60), 5)
    runs.resume(5, 3000, 2900, passed=True)
    assert runs.on
    assert runs.step(5) == shift.NOTHING
    assert runs.left_ms() == 600_000
    assert runs.tested_ago_s() == 2900
    assert runs.step(600_005) == shift.END


@pytest.mark.requirement("R10")
def test_a_lost_network_is_told_again_and_again_until_it_is_back():
    settings = config("pna11")
    lost_ms, remind_ms = settings.link_lost_s * 1000, settings.link_remind_s * 1000
    watch = link_watch.LinkWatch(settings, 0)
    assert watch.step(lost_ms - 1, is_up=False) == link_watch.NOTHING
    assert watch.step(lost_ms - 1, is_up=True) == link_watch.NOTHING
    lost_at_ms = 2 * lost_ms - 1
    told = [
        at_ms
        for at_ms in range(lost_ms, lost_at_ms + 3 * remind_ms, 1)
        if watch.step(at_ms, is_up=False) == link_watch.LOST
    ]
    assert told == [lost_at_ms + n * remind_ms for n in range(3)]
    assert watch.is_lost
    assert watch.step(lost_at_ms + 3 * remind_ms, is_up=True) == link_watch.BACK
    assert watch.step(lost_at_ms + 3 * remind_ms + 1, is_up=True) == link_watch.NOTHING


def test_the_gravest_reason_decides_whether_one_is_protected():
    answers = protection.Protection()
    assert answers.verdict() == (protection.YES, ())
    said = {"now": ""}
    answers.add(lambda: said["now"])
    answers.add(lambda: "test")
    answers.add(lambda: "test")
    assert answers.verdict() == (protection.LIMITED, ("test",))
    said["now"] = "network"
    assert answers.verdict() == (protection.NO, ("network", "test"))


def test_every_reason_is_explained():
    for reason, weight, doc in protection.REASONS:
        assert weight in (protection.LIMITED, protection.NO)
        assert doc.endswith(".")
        assert reason

"""A shift: when it is tested, how long it is watched, and how it ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.ticks import PERIOD, add
from badge.core.wearer import shift
from tests.core.configs import config


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

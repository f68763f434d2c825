"""Check-ins: when the badge asks, and when it leaves its wearer alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm import check_in
from tests.core.configs import config

DAY_S = 86_400
NOON_S = 1_800_014_400 // DAY_S * DAY_S + DAY_S // 2


@given(st.integers(1, 480), st.integers(0, 600), st.integers(0, 255))
def test_a_check_in_is_never_later_and_at_most_the_jitter_earlier(every_min, jitter_s, byte):
    asks = check_in.CheckIn(
        config(check_in_min=every_min, check_in_jitter_s=jitter_s), lambda: byte
    )
    interval_s = asks.interval_s()
    assert every_min * 60 - jitter_s <= interval_s <= every_min * 60
    assert interval_s >= every_min * 30


@pytest.mark.parametrize(
    ("every_min", "jitter_s", "byte", "interval_s"),
    [
        (30, 300, 0, 1800),
        (30, 300, 1, 1799),
        (30, 300, 255, 1500),
        (30, 300, 51, 1740),
        (2, 300, 255, 60),
    ],
)
def test_a_check_in_comes_earlier_by_its_share_of_the_jitter(
    every_min, jitter_s, byte, interval_s
):
    """Or a wearer learns when the badge will ask."""
    settings = config(check_in_min=every_min, check_in_jitter_s=jitter_s)
    assert check_in.CheckIn(settings, lambda: byte).interval_s() == interval_s


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


def test_quiet_hours_follow_the_offset_that_was_told_last():
    hours = {"quiet_from_min": 22 * 60, "quiet_to_min": 6 * 60}
    asks = check_in.CheckIn(config(check_in_min=30, utc_offset_min=60, **hours), lambda: 0)
    five_utc_s = NOON_S - DAY_S // 2 + 4 * 3600 + 1800
    assert not asks.wanted(True, five_utc_s)
    assert not asks.wanted(True, five_utc_s, 0)
    assert asks.wanted(True, five_utc_s, 120)


def test_without_an_interval_the_badge_never_asks():
    assert not check_in.CheckIn(config(check_in_min=0), lambda: 0).wanted(True, NOON_S)

"""The battery ladder: what goes when, that it is felt, and that it does not flutter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import power_policy as policy
from badge.core.power_policy import GASP, WARN, PowerPolicy
from badge.core.wearer import reasons

MINUTE_MS = 60_000
LONG = 10_000


def step(
    ladder: PowerPolicy,
    percent: int | None,
    *,
    at_min: int = 0,
    left_min: int = 60,
    shift_min: int | None = LONG,
    charger: bool = False,
) -> tuple[str, ...]:
    return tuple(ladder.update(at_min * MINUTE_MS, percent, left_min, shift_min, charger))


@pytest.mark.requirement("R12")
@pytest.mark.parametrize(
    ("percent", "level", "sos_only", "save_gnss"),
    [
        (100, policy.FULL, False, False),
        (31, policy.FULL, False, False),
        (30, policy.WATCH, False, False),
        (16, policy.WATCH, False, False),
        (15, policy.SAVING, False, True),
        (9, policy.SAVING, False, True),
        (8, policy.RESERVE, True, True),
        (4, policy.RESERVE, True, True),
        (3, policy.LAST, True, True),
        (0, policy.LAST, True, True),
    ],
)
def test_each_step_of_the_ladder(
    percent: int, level: int, sos_only: bool, save_gnss: bool
) -> None:
    ladder = PowerPolicy()
    step(ladder, percent)
    assert (ladder.level, ladder.sos_only, ladder.save_gnss) == (level, sos_only, save_gnss)


@pytest.mark.requirement("R12")
@pytest.mark.parametrize(
    ("percent", "left_min", "reason"),
    [
        (31, 1, ""),
        (30, 240, ""),
        (30, 239, "battery.low"),
        (15, 240, "battery.low"),
        (8, 240, "battery.reserve"),
        (3, 240, "battery.empty"),
        (None, 240, "battery.unknown"),
    ],
)
def test_what_the_battery_says_against_protected(
    percent: int | None, left_min: int, reason: str
) -> None:
    ladder = PowerPolicy()
    step(ladder, percent, left_min=left_min, shift_min=240)
    assert ladder.reason(percent) == reason
    assert not reason or reasons.of(reason) is not None


def test_on_a_charger_only_what_is_in_the_battery_counts() -> None:
    ladder = PowerPolicy()
    step(ladder, 30, left_min=10, shift_min=240)
    step(ladder, 30, left_min=10, shift_min=240, charger=True)
    assert ladder.reason(30) == ""
    step(ladder, 8, charger=True)
    assert ladder.reason(8) == "battery.reserve"


@pytest.mark.requirement("R12")
def test_at_30_percent_only_a_battery_that_does_not_last_the_shift_is_a_warning() -> None:
    assert step(PowerPolicy(), 29, left_min=300, shift_min=240) == ()
    assert step(PowerPolicy(), 29, left_min=200, shift_min=240) == (WARN,)
    assert step(PowerPolicy(), 29, left_min=200, shift_min=None) == (WARN,)
    assert step(PowerPolicy(), 60, left_min=200, shift_min=240) == ()


def test_a_shift_that_no_longer_fits_warns_in_the_middle_of_a_step() -> None:
    ladder = PowerPolicy()
    assert step(ladder, 29, left_min=300, shift_min=240) == ()
    assert step(ladder, 28, at_min=1, left_min=200, shift_min=240) == (WARN,)
    assert step(ladder, 28, at_min=2, left_min=200, shift_min=239) == ()


@pytest.mark.requirement("R12")
def test_a_warning_comes_again_and_more_often_when_it_is_grave() -> None:
    ladder = PowerPolicy()
    warned = [minute for minute in range(90) if WARN in step(ladder, 12, at_min=minute)]
    assert warned == [0, 30, 60]
    warned = [minute for minute in range(90, 121) if WARN in step(ladder, 7, at_min=minute)]
    assert warned == [90, 100, 110, 120]


@pytest.mark.requirement("R12")
def test_the_last_gasp_is_one_and_comes_again_only_after_a_charge() -> None:
    ladder = PowerPolicy()
    assert GASP in step(ladder, 3)
    assert all(GASP not in step(ladder, 3, at_min=minute) for minute in range(1, 60))
    step(ladder, 20, at_min=61, charger=True)
    assert GASP in step(ladder, 2, at_min=62)


def test_a_reading_that_flutters_at_an_edge_does_not_change_the_step_back() -> None:
    ladder = PowerPolicy()
    step(ladder, 8)
    for minute in range(1, 9):
        actions = step(ladder, 9 if minute % 2 else 8, at_min=minute)
        assert ladder.level == policy.RESERVE
        assert actions == ()
    step(ladder, 12, at_min=10)
    assert ladder.level == policy.SAVING


def test_a_charger_ends_the_warnings_at_once() -> None:
    ladder = PowerPolicy()
    step(ladder, 10)
    assert step(ladder, 10, at_min=50, charger=True) == ()
    assert ladder.level == policy.SAVING
    step(ladder, 40, at_min=90, charger=True)
    assert ladder.level == policy.FULL


def test_without_a_battery_to_be_seen_nothing_is_given_up() -> None:
    ladder = PowerPolicy()
    assert step(ladder, None) == ()
    assert not ladder.sos_only


@given(st.lists(st.integers(0, 100), max_size=40))
def test_a_falling_battery_only_goes_down_the_ladder(percents: list[int]) -> None:
    ladder = PowerPolicy()
    levels = []
    for minute, percent in enumerate(sorted(percents, reverse=True)):
        step(ladder, percent, at_min=minute)
        levels.append(ladder.level)
    assert levels == sorted(levels)


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=60))
def test_sos_only_never_holds_above_its_edge_and_hysteresis(
    looks: list[tuple[int, bool]],
) -> None:
    ladder = PowerPolicy()
    for minute, (percent, charger) in enumerate(looks):
        step(ladder, percent, at_min=minute, charger=charger)
        if percent <= policy.BEGINS_PERCENT[policy.RESERVE]:
            assert ladder.sos_only
        if percent > policy.BEGINS_PERCENT[policy.RESERVE] + policy.HYSTERESIS_PERCENT:
            assert not ladder.sos_only


@pytest.mark.requirement("R12")
@pytest.mark.parametrize("percent", [12, 7])
def test_a_low_battery_that_lasts_the_shift_warns_no_more_often(percent: int) -> None:
    """The motor empties what is left."""
    ladder = PowerPolicy()
    every_min = 30 if percent == 12 else 10
    warned = [
        minute
        for minute in range(61)
        if WARN in step(ladder, percent, at_min=minute, left_min=500, shift_min=400)
    ]
    assert warned == list(range(0, 61, every_min))


def test_a_loose_charger_plug_makes_no_second_last_gasp() -> None:
    ladder = PowerPolicy()
    assert GASP in step(ladder, 3)
    for minute in range(1, 10):
        assert step(ladder, 3, at_min=2 * minute, charger=True) == ()
        assert GASP not in step(ladder, 3, at_min=2 * minute + 1)

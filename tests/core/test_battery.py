"""What the badge believes of its battery: the gauge, held down by the voltage; the forecast."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.battery import Battery, ceiling_percent

MINUTE_MS = 60_000


def looked(battery: Battery, *looks: tuple[int, int], charging: bool = False) -> Battery:
    for at, (battery_mv, gauge) in enumerate(looks):
        battery.look(at * 30_000, battery_mv, gauge, charging)
    return battery


def test_without_a_battery_nothing_is_known() -> None:
    battery = Battery(96)
    battery.look(0, None, None, charging=False)
    assert (battery.percent, battery.minutes_left()) == (None, None)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_a_higher_voltage_never_means_less(low_mv: int, more_mv: int) -> None:
    assert 0 <= ceiling_percent(low_mv) <= ceiling_percent(low_mv + more_mv) <= 100


@pytest.mark.requirement("R12")
def test_a_gauge_that_dreams_is_held_down_by_a_low_voltage() -> None:
    """A worn cell whose gauge still says 40 % must not surprise the wearer at 3.5 V."""
    assert looked(Battery(96), *[(3500, 40)] * 5).percent == 8
    assert looked(Battery(96), *[(3290, 40)] * 5).percent == 0


@pytest.mark.parametrize(
    ("battery_mv", "percent"),
    [
        *((3299, 0), (3300, 0), (3350, 1), (3400, 3), (3450, 5), (3475, 6), (3500, 8)),
        *((3550, 11), (3600, 15), (3625, 20), (3650, 25), (3699, 39), (3700, 100)),
    ],
)
def test_between_two_voltages_of_the_table_it_is_in_proportion(
    battery_mv: int, percent: int
) -> None:
    assert ceiling_percent(battery_mv) == percent


def test_a_transmission_that_pulls_the_voltage_down_is_no_empty_battery() -> None:
    looks = [(3900, 70), (3900, 70), (3400, 70), (3400, 70), (3900, 70), (3350, 70)]
    assert looked(Battery(96), *looks).percent == 70


def test_a_low_voltage_counts_from_the_fifth_look_on() -> None:
    """The radio may have pulled at each of fewer."""
    assert looked(Battery(96), *[(3400, 70)] * 4).percent == 70
    assert looked(Battery(96), *[(3400, 70)] * 5).percent == 3


def test_on_a_charger_the_gauge_counts_not_the_voltage() -> None:
    assert looked(Battery(96), *[(3450, 20)] * 6, charging=True).percent == 20


def test_a_gauge_without_a_figure_leaves_the_voltage() -> None:
    battery = Battery(96)
    battery.look(0, 3600, None, charging=False)
    assert battery.percent == 15


def test_before_anything_is_measured_the_forecast_is_that_of_the_configuration() -> None:
    assert looked(Battery(96), (4100, 50)).minutes_left() == 48 * 60


@given(
    drop_per_hour=st.integers(4, 60),
    start_ms=st.integers(0, ticks.PERIOD - 1),
)
def test_the_forecast_follows_the_pace_of_the_battery(drop_per_hour: int, start_ms: int) -> None:
    battery = Battery(96)
    percent = 95.0
    minute = 0
    while percent > 30 and minute < 180:
        battery.look(ticks.add(start_ms, minute * MINUTE_MS), 4000, int(percent), charging=False)
        percent -= drop_per_hour / 60
        minute += 1
    left = battery.minutes_left()
    assert left is not None
    assert battery.percent is not None
    truth = battery.percent / drop_per_hour * 60
    if minute > 60:
        assert left == pytest.approx(truth, rel=0.25)


def test_the_forecast_forgets_what_was_two_hours_ago() -> None:
    battery = Battery(96)
    battery.look(0, 4000, 95, charging=False)
    for minute in range(5, 121, 5):
        battery.look(minute * MINUTE_MS, 4000, 86 - minute // 20, charging=False)
    assert battery.minutes_left() == 80 * 120 // 15
    battery.look(125 * MINUTE_MS, 4000, 80, charging=False)
    assert battery.minutes_left() == 80 * 120 // 6


def test_a_charger_makes_the_forecast_start_anew() -> None:
    battery = Battery(96)
    for minute in range(0, 90, 5):
        battery.look(minute * MINUTE_MS, 4000, 90 - minute // 3, charging=False)
    battery.look(90 * MINUTE_MS, 4100, 80, charging=True)
    battery.look(91 * MINUTE_MS, 4000, 80, charging=False)
    assert battery.minutes_left() == 80 * 96 * 60 // 100


@given(st.lists(st.tuples(st.integers(0, 6000), st.one_of(st.none(), st.integers(0, 100)))))
def test_whatever_the_chip_says_the_percentage_stays_one(
    looks: list[tuple[int, int | None]],
) -> None:
    battery = Battery(96)
    for at, (battery_mv, gauge) in enumerate(looks):
        battery.look(at * 1000, battery_mv, gauge, charging=at % 7 == 3)
        assert battery.percent is not None
        assert 0 <= battery.percent <= 100
        assert battery.minutes_left() >= 0


@pytest.mark.requirement("R12")
def test_one_reading_far_below_the_last_is_doubted_and_a_second_is_believed() -> None:
    """A zero read once must not take man-down away from somebody who is just falling."""
    battery = looked(Battery(96), (3900, 70), (3900, 0))
    assert (battery.percent, battery.doubts) == (70, True)
    battery.look(61_000, 3900, 0, charging=False)
    assert (battery.percent, battery.doubts) == (0, False)
    again = looked(Battery(96), (3900, 70), (3900, 0), (3900, 69))
    assert (again.percent, again.doubts) == (69, False)


@pytest.mark.parametrize(
    ("minutes", "fell", "is_measured"),
    [(25, 9, False), (30, 1, False), (30, 2, True), (30, 9, True), (35, 2, True)],
)
def test_a_pace_is_believed_after_half_an_hour_and_two_percent(
    minutes: int, fell: int, is_measured: bool
) -> None:
    battery = Battery(96)
    battery.look(0, 4000, 90, charging=False)
    battery.look(minutes * MINUTE_MS, 4000, 90 - fell, charging=False)
    left = 90 - fell
    expected = left * minutes // fell if is_measured else left * 96 * 60 // 100
    assert battery.minutes_left() == expected


@pytest.mark.parametrize(("fell", "doubts"), [(9, False), (10, True), (11, True)])
def test_a_step_of_ten_percent_is_one_that_is_doubted(fell: int, doubts: bool) -> None:
    battery = looked(Battery(96), (3900, 70), (3900, 70 - fell))
    assert battery.doubts is doubts
    assert battery.percent == (70 if doubts else 70 - fell)


def test_what_was_seen_before_the_battery_was_taken_out_is_forgotten() -> None:
    battery = looked(Battery(96), *[(3900, 70)] * 5)
    battery.look(40 * MINUTE_MS, None, None, charging=False)
    assert (battery.percent, battery.battery_mv) == (None, None)
    battery.look(41 * MINUTE_MS, 3500, 40, charging=False)
    assert (battery.percent, battery.battery_mv, battery.doubts) == (40, 3500, False)
    assert battery.minutes_left() == 40 * 96 * 60 // 100


def test_the_pace_is_noted_every_five_minutes() -> None:
    battery = Battery(96)
    for minute in range(31):
        # What is between two of these minutes is not looked at.
        battery.look(minute * MINUTE_MS, 4000, 90 - (minute + 4) // 5, charging=False)
    assert battery.minutes_left() == 84 * 30 // 6

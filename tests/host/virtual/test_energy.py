"""`nabij energy`: what a shift takes, and that the reference board outlasts its target."""

import json
import math
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.cli import energy as cli_energy
from nabij.hardware import power
from nabij.virtual import energy, power_docs

COMMAND = (sys.executable, "-m", "nabij.cli", "energy")


@pytest.fixture(scope="module")
def quiet() -> energy.Day:
    """A quarter of an hour of a shift, which is all that a day repeats."""
    return energy.shift(hours=0.25)


def share(day: energy.Day, part: str, state: str) -> float:
    return sum(one.mah for one in day.shares if (one.part, one.state) == (part, state))


@pytest.mark.requirement("R12")
def test_the_default_profile_lasts_72_hours_on_the_reference_boards_battery(
    quiet: energy.Day,
) -> None:
    """And its shift with every figure, time and loss in doubt at its worst, all at once."""
    assert quiet.battery_mah == 2500
    assert quiet.battery_hours >= energy.TARGET_HOURS
    assert quiet.battery_hours_worst >= 2 * energy.REQUIRED_HOURS
    assert quiet.battery_hours_best > quiet.battery_hours > quiet.battery_hours_worst


def test_a_card_badge_of_1000_mah_meets_its_goal_once_its_keep_alive_has_learned() -> None:
    """72 h in the middle of the range; 24 h with all at its worst, where a minute's does not."""
    learned = energy.shift(0.5, {"keepalive_s": 300}, board="card_badge")
    minute = energy.shift(0.25, {"keepalive_most_s": 0}, board="card_badge")
    assert learned.battery_mah == minute.battery_mah == 1000
    assert min(learned.battery_hours, minute.battery_hours) >= energy.TARGET_HOURS
    assert minute.battery_hours_worst < 24 <= learned.battery_hours_worst
    # What stood in the way was the network's.
    worst = max(minute.shares, key=lambda one: one.mah_worst)
    assert (worst.part, worst.state) == ("modem", "tail")


def test_the_radio_that_stays_connected_longer_is_in_the_account_of_the_worst_case(
    quiet: energy.Day,
) -> None:
    """Twice the time and twice the current: four times the charge, not twice."""
    (tail,) = [one for one in quiet.shares if (one.part, one.state) == ("modem", "tail")]
    # And what the converters lose more.
    assert tail.mah_worst / tail.mah == pytest.approx(4 * 85 / 70, rel=0.05)
    assert tail.mah_best / tail.mah == pytest.approx(0.25 * 85 / 92.5, rel=0.05)


def test_what_is_told_of_network_and_cell_is_reckoned_with(quiet: energy.Day) -> None:
    figures = power.load().told(tail_ma=60, tail_s=20, capacity_mah=1000)
    day = energy.shift(hours=0.1, figures=figures)
    assert day.battery_mah == 1000
    assert share(day, "modem", "tail") / day.hours > 3 * share(quiet, "modem", "tail") / 0.25
    assert day.battery_hours == pytest.approx(1000 * 0.85 / day.mean_ma, rel=0.01)


def test_a_cell_too_small_for_the_shift_is_answered_with_its_hours() -> None:
    day = energy.shift(hours=0.1, figures=power.load().told(capacity_mah=1))
    assert day.battery_hours < 0.1


def test_the_shares_add_up_to_the_whole(quiet: energy.Day) -> None:
    assert sum(one.mah for one in quiet.shares) == pytest.approx(quiet.mah, abs=0.01)
    assert quiet.mean_ma == pytest.approx(quiet.mah / quiet.hours, rel=0.01)
    # The chip neither sleeps nor runs for more than there is.
    assert all(one.mah >= 0 for one in quiet.shares)


def test_the_profile_of_pna_11_lasts_its_shift_too() -> None:
    day = energy.shift(hours=0.1, settings={"profile": "pna11"})
    assert day.battery_hours >= energy.TARGET_HOURS


@pytest.mark.parametrize(
    ("settings", "part", "state"),
    [
        ({"light_sleep": False}, "mcu", "wait"),
        ({"modem_sleep": False}, "modem", "idle"),
        ({"keepalive_s": 20}, "modem", "tail"),
    ],
)
def test_the_ledger_shows_which_setting_takes_what(
    quiet: energy.Day, settings: dict[str, object], part: str, state: str
) -> None:
    day = energy.shift(hours=0.1, settings=settings)
    assert day.mean_ma > quiet.mean_ma
    assert share(day, part, state) / day.hours > 1.5 * share(quiet, part, state) / quiet.hours


def test_a_modem_that_is_called_more_seldom_sleeps_deeper_and_nothing_else_changes() -> None:
    """By as much as its windows are of the cycle: half, a quarter."""
    plain, *seldom = (
        energy.shift(0.25, {"keepalive_s": 300, "edrx_s": edrx_s}) for edrx_s in (0, 10, 20)
    )
    asleep = share(plain, "modem", "sleep")
    assert share(plain, "modem", "deep") == 0
    for day, part in zip(seldom, (1 / 2, 1 / 4), strict=True):
        assert share(day, "modem", "sleep") == pytest.approx(asleep * part, rel=0.1)
        # At half the current.
        assert share(day, "modem", "deep") == pytest.approx(asleep * (1 - part) / 2, rel=0.1)
        for state in ("tail", "active", "search"):
            assert share(day, "modem", state) == pytest.approx(share(plain, "modem", state), 0.05)
        assert day.mean_ma < plain.mean_ma
        assert day.battery_hours_worst >= plain.battery_hours_worst * 0.99


def test_the_verb_prints_json_for_a_script_with_all_that_the_table_has() -> None:
    command = [*COMMAND, "--hours", "0.1", "--alarms", "1", "--json"]
    data = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert data["battery_mah"] == 2500
    assert {"part", "state", "mah", "mah_best", "mah_worst", "assumed"} == set(data["shares"][0])
    assert data["battery_hours_worst"] < data["battery_hours"] < data["battery_hours_best"]


def test_the_table_ends_in_a_range_and_a_verdict(
    quiet: energy.Day, capsys: pytest.CaptureFixture[str]
) -> None:
    cli_energy.show(quiet)
    said = " ".join(capsys.readouterr().out.split())
    assert "2500 mAh battery lasts" in said
    assert "by what is in doubt" in said
    assert "R12 asks for 12 h: met also at the worst" in said
    assert "the target is 72 h: met, but not at the worst" in said


@given(st.floats(0.05, 400), st.floats(0.05, 400))
def test_what_is_printed_says_of_no_hours_that_they_reach_what_they_do_not(
    hours: float, asked: float
) -> None:
    printed = float(energy.hours_text(hours))
    assert 0 <= hours - printed < 1
    for limit in (energy.REQUIRED_HOURS, energy.TARGET_HOURS, math.floor(asked)):
        assert (printed >= limit) == (hours >= limit)


def test_hours_that_fall_short_of_the_target_are_not_printed_as_it(
    quiet: energy.Day, capsys: pytest.CaptureFixture[str]
) -> None:
    cli_energy.show(replace(quiet, battery_hours=71.6, battery_hours_worst=11.9))
    said = " ".join(capsys.readouterr().out.split())
    assert "lasts 71 h, and between 11 h and" in said
    assert "R12 asks for 12 h: met, but not at the worst; the target is 72 h: not met" in said
    row = power_docs.row("x", replace(quiet, battery_hours=71.6, battery_hours_worst=11.9))
    assert "| 71 h | 11 to " in row


@pytest.mark.soak
@pytest.mark.requirement("R12")
def test_a_shift_of_12_hours_with_three_alarms() -> None:
    day = energy.shift(hours=energy.SHIFT_HOURS, alarms=3)
    assert day.mah < day.battery_mah * 0.85
    assert day.battery_hours >= energy.TARGET_HOURS

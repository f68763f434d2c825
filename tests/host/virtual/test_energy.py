"""`nabij energy`: what a shift takes, and that the reference board outlasts its target."""

import json
import subprocess
import sys

import pytest

from nabij.cli import energy as cli_energy
from nabij.virtual import energy

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
    """Also when every figure that nobody has measured is twice as high."""
    assert quiet.battery_mah == 2500
    assert quiet.battery_hours >= energy.TARGET_HOURS
    assert quiet.doubted_hours >= energy.TARGET_HOURS


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


def test_the_verb_prints_json_for_a_script_with_all_that_the_table_has() -> None:
    command = [*COMMAND, "--hours", "0.1", "--alarms", "1", "--json"]
    data = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert data["battery_mah"] == 2500
    assert {"part", "state", "mah", "assumed"} == set(data["shares"][0])


def test_the_table_ends_in_one_sentence(
    quiet: energy.Day, capsys: pytest.CaptureFixture[str]
) -> None:
    cli_energy.show(quiet)
    said = " ".join(capsys.readouterr().out.split())
    assert "2500 mAh battery lasts" in said
    assert "the target is 72 h" in said


@pytest.mark.soak
@pytest.mark.requirement("R12")
def test_a_shift_of_12_hours_with_three_alarms() -> None:
    day = energy.shift(hours=energy.SHIFT_HOURS, alarms=3)
    assert day.mah < day.battery_mah * 0.85
    assert day.battery_hours >= energy.TARGET_HOURS

"""The watch: its key hangs on the power chip, its motor on another; a wrist tells no fall."""

from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds
from nabij.virtual.badge import Fact, Run, Trace
from tests.sim.lives import assert_still_armed, at, felt, incidents, on, said, squeeze, told
from tests.sim.wlan_badge import lived_on
from tests.worlds import Site

WATCH = "t_watch_s3"
PRESS_MS = 40_000
_SHIFT_MS = 70_000


def worn(
    site: Site, folder: Path, *events: Fact, duration_ms: int = _SHIFT_MS, **more: Any
) -> Run:
    return lived_on(site, folder, WATCH, duration_ms, list(events), **more)


@pytest.mark.parametrize("held_ms", [1_600, 8_000, 25_000])
def test_a_hold_of_the_key_is_one_alarm_and_switches_nothing_off(
    site: Site, tmp_path: Path, held_ms: int
) -> None:
    run = worn(site, tmp_path, squeeze(PRESS_MS, held_ms))
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < 4_000
    assert len(incidents(run)) == 1
    assert felt(run)[:3] == ["ARMED", "RAISED", "RECEIVED"]
    assert run.exit_codes == [0]
    assert_still_armed(run)
    # What is said to be felt is felt.
    assert on(run, "motor", PRESS_MS, PRESS_MS + 2_500)


def test_a_hold_that_began_in_a_stall_is_an_alarm(site: Site, tmp_path: Path) -> None:
    run = worn(
        site,
        tmp_path,
        at(PRESS_MS - 20, "stall", ms=280, name="flash"),
        squeeze(PRESS_MS, 1_800),
    )
    assert len(incidents(run)) == 1


def test_usb_that_comes_while_the_key_is_held_is_seen_and_costs_nothing(
    site: Site, tmp_path: Path
) -> None:
    run = worn(site, tmp_path, squeeze(PRESS_MS, 3_000), at(PRESS_MS + 700, "charger", on=True))
    assert len(incidents(run)) == 1
    (plugged,) = said(run, "power.charger")
    assert plugged.ticks_ms - PRESS_MS < 3_000
    assert_still_armed(run)


def test_usb_that_comes_is_seen_at_once_though_the_key_asked_the_chip_first(
    site: Site, tmp_path: Path
) -> None:
    """Both hear of the chip by one line, which is let go when the first of them has asked."""
    run = worn(site, tmp_path, at(33_200, "charger", on=True), at(47_700, "charger", on=False))
    seen = [event.ticks_ms for event in said(run, "power.charger")]
    assert [round(ms, -3) for ms in seen] == [pytest.approx(34_000, abs=1_000), 48_000]


def test_a_power_chip_that_fails_is_a_dead_button_which_is_told_and_heals(
    site: Site, tmp_path: Path
) -> None:
    """The reason `button`: the key is the only way to call."""
    run = worn(
        site,
        tmp_path,
        at(30_000, "i2c_fault", kind="nak", chip="pmu", for_ms=20_000),
        squeeze(60_000),
        duration_ms=90_000,
    )
    reasons = [fact["reason"] for fact in told(run, "technical")]
    assert 9 in reasons
    assert len([fact for fact in told(run) if fact["kind"] == kinds.SOS]) == 1
    assert_still_armed(run)


def test_a_squeeze_in_a_short_fault_of_the_bus_is_heard_when_it_is_over(
    site: Site, tmp_path: Path
) -> None:
    """The power chip keeps what its key did."""
    run = worn(
        site,
        tmp_path,
        at(PRESS_MS - 100, "i2c_fault", kind="nak", chip="pmu", for_ms=700),
        squeeze(PRESS_MS, 2_500),
    )
    assert len(incidents(run)) == 1


def test_a_motor_whose_chip_is_silent_is_told_and_the_alarm_arrives(
    site: Site, tmp_path: Path
) -> None:
    run = worn(
        site,
        tmp_path,
        at(100, "i2c_fault", kind="nak", chip="haptic", for_ms=200_000),
        squeeze(PRESS_MS),
    )
    assert 47 in [fact["reason"] for fact in told(run, "technical")]
    assert said(run, "alarm.status", state="RECEIVED")
    assert not on(run, "motor")
    assert_still_armed(run)


def test_a_fall_recorded_at_a_neck_is_no_fall_at_a_wrist_and_who_lies_there_is_found(
    site: Site, tmp_path: Path, fall: Trace
) -> None:
    """It claims none; that nobody moves it does tell."""
    run = worn(site, tmp_path, duration_ms=180_000, trace=fall)
    assert "man_down" not in {event.fields.get("kind") for event in said(run, "alarm.opened")}
    assert said(run, "alarm.opened", kind="rest") or said(run, "wearing", state="not_worn")


def test_an_accelerometer_that_dies_is_told_and_the_key_goes_on(
    site: Site, tmp_path: Path
) -> None:
    run = worn(
        site,
        tmp_path,
        at(20_000, "i2c_fault", kind="nak", chip="imu", for_ms=200_000),
        squeeze(PRESS_MS),
    )
    assert 8 in [fact["reason"] for fact in told(run, "technical")]
    assert said(run, "alarm.status", state="RECEIVED")


def test_its_accelerometer_tests_itself_at_the_start_of_a_shift(
    site: Site, tmp_path: Path
) -> None:
    run = worn(
        site,
        tmp_path,
        settings={"shift_test": True},
        imu={"self_test_mg": [250, 450, 250]},
        duration_ms=120_000,
    )
    assert said(run, "imu.self_test")
    assert not said(run, "imu.failed")
    assert 8 not in [fact["reason"] for fact in told(run, "technical")]


def test_it_does_not_sleep_lightly_and_says_why(site: Site, tmp_path: Path) -> None:
    run = worn(site, tmp_path, settings={"light_sleep": True})
    (off,) = said(run, "sleep.off")
    assert "key" in off.fields["why"]
    assert not said(run, "sleep.on")

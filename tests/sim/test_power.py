"""Battery, charger and the modem's supply, seen from the wearer and the receiver."""

from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds
from nabij.virtual.badge import POWER_CUT, Run, Scenario, run_fast
from tests.firmware.tasks.usb import console
from tests.sim.lives import said
from tests.worlds import Site

SQUEEZE_MS = 1600


def scenario(site: Site, duration_s: float, **more: Any) -> Scenario:
    return Scenario(
        duration_ms=round(duration_s * 1000),
        provision=site.provision,
        modem=site.modem(**more.pop("modem", {})),
        **more,
    )


def at(at_s: float, do: str, **fields: Any) -> dict[str, Any]:
    return {"at_ms": round(at_s * 1000), "do": do, **fields}


def squeeze(at_s: float) -> dict[str, Any]:
    return at(at_s, "press", ms=SQUEEZE_MS)


def remote(run: Run, what: str, kind: int | None = None) -> list[dict[str, Any]]:
    return [
        fact
        for fact in run.facts
        if fact.get("remote") == what and (kind is None or fact.get("kind") == kind)
    ]


def felt(run: Run, signal: str) -> list[int]:
    return [event.ticks_ms for event in said(run, "haptic", pattern=signal)]


def assert_unharmed(run: Run) -> None:
    assert not said(run, "supervisor.crash")
    assert not said(run, "supervisor.starving")


def test_the_modems_supply_is_switched_on_before_its_key_is_pressed(site: Site) -> None:
    run = run_fast(scenario(site, 15))
    rail_ms = [fact["t_ms"] for fact in run.facts if fact.get("rail") == "modem" and fact["on"]]
    on_ms = [fact["t_ms"] for fact in run.facts if fact.get("modem") == "on"]
    assert len(rail_ms) == len(on_ms) == 1
    assert rail_ms[0] < on_ms[0]
    assert said(run, "link.up")


def test_a_modem_that_stays_deaf_loses_its_supply_for_a_second(site: Site) -> None:
    dead = {"boot_ms": 3_600_000}
    run = run_fast(scenario(site, 400, modem=dead))
    rail = [(fact["t_ms"], fact["on"]) for fact in run.facts if fact.get("rail") == "modem"]
    assert [on for _, on in rail][:3] == [True, False, True]
    assert 900 <= rail[2][0] - rail[1][0] <= 2_000
    assert_unharmed(run)


@pytest.mark.requirement("R12")
def test_a_low_battery_is_felt_and_the_badge_goes_on(site: Site) -> None:
    plan = [at(30, "battery", percent=29), at(120, "battery", percent=14), squeeze(200)]
    run = run_fast(scenario(site, 240, events=plan))
    # 29 % of 96 h is more than the shift of 14 h: no warning yet. 14 % is.
    assert said(run, "power.level", level="watch")
    (low_ms,) = felt(run, "LOW_BATTERY")
    assert 120_000 <= low_ms <= 155_000
    assert len(remote(run, "incident", 1)) == 1
    assert_unharmed(run)


@pytest.mark.requirement("R12")
def test_the_reserve_guarantees_an_alarm_and_ten_minutes_of_news(site: Site) -> None:
    """At 8 % an SOS goes out, and ten minutes later its news still arrives, well above 3 %."""
    news = {"receipt_delay_ms": 500, "then": [[2, 60_000], [3, 600_000]]}
    plan = [at(0, "battery", percent=8), squeeze(60)]
    run = run_fast(scenario(site, 720, events=plan, modem={"remote": news}))
    assert said(run, "power.level", level="reserve")
    assert len(remote(run, "incident", 1)) == 1
    for state in ("RECEIVED", "TAKEN", "HELP_COMING"):
        assert said(run, "alarm.status", state=state)
    assert not said(run, "power.level", level="last")
    assert_unharmed(run)


@pytest.mark.requirement("R12")
def test_the_last_gasp_reaches_the_receiver_once_with_what_is_left(site: Site) -> None:
    plan = [at(30, "battery", percent=3)]
    run = run_fast(scenario(site, 180, events=plan))
    # Beside that man-down is silent: `battery.reserve`, of kind fault.
    (technical,) = remote(run, "technical", kinds.BATTERY)
    assert len(remote(run, "technical")) <= 2
    assert technical["t_ms"] < 90_000
    assert felt(run, "LOW_BATTERY")
    assert not remote(run, "incident")
    assert_unharmed(run)


@pytest.mark.requirement("R12")
def test_a_battery_that_dies_in_mid_alarm_loses_no_alarm(site: Site, tmp_path: Path) -> None:
    """No coverage, 1 % left, a squeeze, the end; charged and switched on, the alarm goes out."""
    gone = {"no_coverage_ms": [[20_000, 100_000_000]]}
    plan = [at(30, "battery", percent=0), squeeze(32)]
    run = run_fast(scenario(site, 600, events=plan, modem=gone), folder=tmp_path)
    assert run.exit_codes == [POWER_CUT]
    assert any(fact.get("battery") == "empty" for fact in run.facts)
    assert said(run, "alarm.durable", state="RAISED")
    assert not remote(run, "incident")
    again = run_fast(scenario(site, 640), folder=tmp_path)
    assert said(again, "alarm.resumed")
    assert len(remote(again, "incident", 1)) == 1


def test_a_charger_fills_the_cell_at_the_current_that_the_board_allows(site: Site) -> None:
    """From 7 % to 11.5 %, where the reserve is left: 112 mAh, 13.5 minutes at 500 mA."""
    run = run_fast(scenario(site, 900, pmu={"percent": 7, "vbus": True}))
    left = [event for event in said(run, "power.level") if event.fields["level"] != "reserve"]
    assert 800_000 < left[0].ticks_ms < 880_000
    assert not [fact for fact in run.facts if "charging" in fact]
    assert_unharmed(run)


def test_a_charger_ends_the_warnings_and_the_badge_stays_awake(site: Site) -> None:
    # On battery a reserve of 7 % would be felt again every ten minutes.
    plan = [at(30, "battery", percent=7), at(120, "charger", on=True), squeeze(200)]
    run = run_fast(scenario(site, 800, events=plan))
    assert felt(run, "LOW_BATTERY")
    assert all(ms < 125_000 for ms in felt(run, "LOW_BATTERY"))
    (told,) = [event for event in said(run, "power.charger") if event.ticks_ms > 1000]
    # The chip's interrupt ends the sleep: nobody waits for the next look.
    assert told.ticks_ms - 120_000 <= 1_100
    assert len(remote(run, "incident", 1)) == 1
    assert_unharmed(run)


@pytest.mark.parametrize("why", ["absent", "bus"])
def test_without_its_power_chip_the_badge_is_armed_and_says_so(site: Site, why: str) -> None:
    """Nobody then knows whether USB is there: it does not sleep."""
    broken: dict[str, Any] = {"pmu": {"absent": True}}
    plan = [squeeze(60)]
    if why == "bus":
        broken = {}
        plan = [at(20, "i2c_fault", kind="nak", for_ms=60_000), *plan]
    run = run_fast(scenario(site, 120, events=plan, **broken))
    assert said(run, "power.failed")
    assert len(remote(run, "incident", 1)) == 1
    if why == "absent":
        (energy,) = [fact["energy"] for fact in run.facts if "energy" in fact]
        assert "sleep" not in energy["parts"]["mcu"]


@pytest.mark.parametrize(("broken", "asked_s"), [("absent", 10), ("bus", 150)])
def test_what_nobody_knows_of_the_battery_is_not_called_full(
    site: Site, broken: str, asked_s: int
) -> None:
    """Never there, or silent since a while: what was known of it is old."""
    plan = [console.asked(asked_s * 1000, 1, "status")]
    if broken == "bus":
        plan.append(at(10, "i2c_fault", kind="nak", chip="pmu", for_ms=150_000))
    pmu = {"absent": True} if broken == "absent" else {}
    bare = scenario(site, asked_s + 5, events=plan, pmu=pmu)
    run = run_fast(console.keyed(site, bare, asked_s * 1000 - 1000))
    power = console.answers(run)[1]["ok"]["power"]
    unknown = ("mv", "percent", "minutes_left", "lasts", "level", "vbus", "charging")
    assert {name: power[name] for name in unknown} == dict.fromkeys(unknown)
    assert not said(run, "power.level", level="full")


def test_the_charge_is_that_of_before_a_reset_and_not_a_full_one(
    site: Site, tmp_path: Path
) -> None:
    plan = [at(20, "battery", percent=12), at(40, "i2c_fault", kind="stuck", for_ms=100)]
    run = run_fast(scenario(site, 90, events=[*plan, at(50, "stall", ms=31_000)]), folder=tmp_path)
    assert len(run.exit_codes) == 2
    assert [event.fields["percent"] for event in said(run, "power.started")] == ["100", "12"]

"""What the wearer feels, hears and sees, on the whole firmware in virtual time."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds
from nabij.virtual.badge import Fact, Trace
from tests.sim.lives import (
    READY_MS,
    assert_the_same_to_a_bystander,
    at,
    felt,
    felt_at,
    hold,
    lived,
    on,
    said,
    squeeze,
    tap,
    told,
)
from tests.worlds import Site

THREATENED = [
    squeeze(READY_MS),
    *tap(READY_MS + 12_000, "right", 2),
    *tap(READY_MS + 20_000),
]
AMBERS = [hold(READY_MS), *tap(READY_MS + 8000), *tap(READY_MS + 12_000, "left", 2)]


@pytest.mark.requirement("R19")
@pytest.mark.parametrize(
    ("events", "settings", "modem", "falls", "signals"),
    [
        pytest.param(
            THREATENED,
            {},
            {"remote": {"then": [[2, 3000], [3, 6000]]}},
            False,
            ["RAISED", "RECEIVED", "TAKEN", "HELP_COMING"],
            id="sos-to-help-and-a-false-alarm-under-duress",
        ),
        pytest.param(
            [squeeze(READY_MS)],
            {},
            {"no_coverage_ms": [[0, 60_000]]},
            False,
            ["RAISED", "NOT_DELIVERED", "RECEIVED"],
            id="no-coverage",
        ),
        pytest.param([], {}, {}, True, ["PRE_ALARM", "RAISED", "RECEIVED"], id="fall"),
        pytest.param(AMBERS, {}, {}, False, ["AMBER_STARTED", "AMBER_ENDED"], id="amber"),
        pytest.param(
            [at(READY_MS, "battery", percent=14)],
            {"shift_test": True, "shift_min": 1},
            {},
            False,
            ["LOW_BATTERY", "SHIFT_ENDED"],
            id="test-low-battery-and-end-of-shift",
        ),
        pytest.param(
            [*tap(READY_MS), *tap(READY_MS + 25_000), *tap(READY_MS + 30_000, "right")],
            {"shift_test": True, "shift_buttons": True},
            {},
            False,
            ["TRY_BUTTONS", "BUTTON_TRIED", "LIMITED", "PROTECTED"],
            id="test-that-asks-for-the-buttons-in-vain",
        ),
    ],
)
def test_discreet_shows_no_light_and_makes_no_sound(
    *,
    site: Site,
    tmp_path: Path,
    fall: Trace,
    events: list[Fact],
    settings: dict[str, Any],
    modem: dict[str, Any],
    falls: bool,
    signals: list[str],
) -> None:
    run = lived(
        site,
        tmp_path,
        100_000,
        events,
        settings=settings,
        modem=modem,
        trace=fall if falls else None,
    )
    order = [name for name in felt(run) if name in signals]
    assert list(dict.fromkeys(order)) == signals
    assert on(run, "motor")
    assert not [fact for fact in run.facts if "buzzer" in fact or "led" in fact]


@pytest.mark.requirement("R06")
@pytest.mark.requirement("R03")
def test_pna11_is_heard_and_seen_in_a_pre_alarm_until_it_is_over(
    site: Site, tmp_path: Path, fall: Trace
) -> None:
    run = lived(site, tmp_path, 70_000, [], settings={"profile": "pna11"}, trace=fall)
    (begins,) = said(run, "alarm.opened", state="PRE_ALARM")
    (ends,) = said(run, "alarm.state", event="PRE_ALARM_OVER")
    assert ends.ticks_ms - begins.ticks_ms <= 45_000
    for pin in ("motor", "buzzer", "led"):
        times = [fact["t_ms"] for fact in on(run, pin, begins.ticks_ms, ends.ticks_ms)]
        assert times[0] - begins.ticks_ms < 1000
        assert max(b - a for a, b in pairwise(times)) < 4000
    assert [fact["kind"] for fact in told(run)] == [kinds.MAN_DOWN]


@pytest.mark.requirement("R07")
@pytest.mark.requirement("R10")
def test_pna11_is_heard_when_the_network_is_lost_again_and_again_and_when_it_is_back(
    site: Site, tmp_path: Path
) -> None:
    lost_ms, back_ms = 60_000, 380_000
    run = lived(
        site,
        tmp_path,
        450_000,
        [],
        settings={"profile": "pna11", "link_remind_s": 60},
        modem={"no_coverage_ms": [[lost_ms, back_ms]]},
    )
    times = felt_at(run, "NO_NETWORK")
    # A keep-alive, its answer that stays out, and link_lost_s.
    assert times[0] - lost_ms <= (2 * 60 + 60 + 5) * 1000
    assert len(times) >= 2
    for earlier, later in pairwise(times):
        assert later - earlier == pytest.approx(60_000, abs=2000)
    assert len(felt_at(run, "NETWORK_BACK")) == 1
    for time_ms in [*times, *felt_at(run, "NETWORK_BACK")]:
        assert on(run, "buzzer", time_ms, time_ms + 3000)


@pytest.mark.requirement("R12")
def test_pna11_is_heard_when_the_battery_runs_empty(site: Site, tmp_path: Path) -> None:
    empties = [at(READY_MS + 5000, "battery", percent=14)]
    run = lived(site, tmp_path, 70_000, empties, settings={"profile": "pna11"})
    (time_ms,) = felt_at(run, "LOW_BATTERY")
    assert on(run, "buzzer", time_ms, time_ms + 3000)
    assert on(run, "motor", time_ms, time_ms + 3000)


@pytest.mark.parametrize("profile", ["discreet", "pna11"])
def test_a_cancel_under_duress_is_felt_heard_and_seen_as_any_cancel(
    site: Site, tmp_path: Path, fall: Trace, profile: str
) -> None:
    """Motor, buzzer and light do the same at the same times, whichever button cancels."""
    settings = {"profile": profile, "shift_test": profile == "pna11"}
    plain, forced = (
        lived(site, tmp_path, 70_000, tap(31_000, button, 2), settings=settings, trace=fall)
        for button in ("left", "right")
    )
    for run in (plain, forced):
        assert said(run, "alarm.state", state="WITHDRAWN")
    assert_the_same_to_a_bystander(plain, forced, 31_000)
    cancelled_ms = said(plain, "alarm.state", state="WITHDRAWN")[0].ticks_ms
    # Tilt counts its 20 s anew, in whole seconds of the body's watch.
    assert not on(plain, "motor", cancelled_ms + 2000, cancelled_ms + 19_000)


def test_a_squeeze_breaks_off_whatever_is_felt(site: Site, tmp_path: Path) -> None:
    """NOT_PROTECTED takes 2.6 s; the answer to a squeeze is felt at once all the same."""
    events = [*tap(READY_MS), squeeze(READY_MS + 1000)]
    run = lived(site, tmp_path, 20_000, events, modem={"no_coverage_ms": [[0, 60_000]]})
    (raised_ms,) = [event.ticks_ms for event in said(run, "alarm.opened", kind="sos")]
    (asked_ms,) = felt_at(run, "NOT_PROTECTED")
    assert raised_ms - asked_ms < 2600
    assert on(run, "motor", raised_ms, raised_ms + 700)
    assert felt_at(run, "RAISED")[0] - raised_ms < 600


def test_an_amber_is_ended_the_same_way_under_duress(site: Site, tmp_path: Path) -> None:
    plain, forced = (
        lived(site, tmp_path, 60_000, [hold(READY_MS), *tap(30_000, button, 2)])
        for button in ("left", "right")
    )
    assert felt(plain)[-1] == "AMBER_ENDED"
    assert_the_same_to_a_bystander(plain, forced, 30_000)
    flags = [
        [fact.get("flags", 0) & 4 for fact in run.facts if fact.get("kind") == 7]
        for run in (plain, forced)
    ]
    assert not any(flags[0])
    assert any(flags[1])

"""Shift, check-in, amber and "am I protected?", on the whole firmware in virtual time."""

from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds
from nabij.data import traces
from nabij.virtual.badge import Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.lives import (
    READY_MS,
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


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    samples = Body().walking(30.0)
    folder = tmp_path_factory.mktemp("walk")
    return Trace(traces.write_sim_trace(folder / "walk", samples), after="loop")


@pytest.mark.requirement("R11")
def test_a_shift_begins_with_a_test_that_reaches_the_receiver(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    run = lived(site, tmp_path, 40_000, [], settings={"shift_test": True}, trace=upright)
    (test,) = told(run, "test")
    assert test["flags"] & 1
    assert not told(run)
    (verdict,) = said(run, "shift.test")
    assert verdict.fields["verdict"] == "yes"
    assert int(verdict.fields["took_ms"]) < 20_000
    assert said(run, "imu.self_test")
    assert felt(run) == ["ARMED", "TEST_PASSED"]


@pytest.mark.requirement("R07")
@pytest.mark.parametrize(
    ("shift_min", "from_s", "to_s"), [(480, 480 * 60 - 30, 480 * 60), (0, 86_401, 2 * 86_400)]
)
def test_the_test_tells_how_long_the_badge_is_on_shift(
    site: Site, tmp_path: Path, shift_min: int, from_s: int, to_s: int
) -> None:
    """Without an end: until after the next test, which says it anew."""
    settings = {"shift_test": True, "shift_min": shift_min}
    (test,) = told(lived(site, tmp_path, 30_000, [], settings=settings), "test")
    assert from_s <= test["watch_s"] <= to_s


@pytest.mark.requirement("R07")
def test_the_end_of_a_shift_reaches_the_receiver_after_a_reset_and_a_coverage_hole(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """It ends out of coverage, and the VM hangs before it can be told."""
    chosen = {"shift_test": True, "shift_min": 1}
    hole = {"no_coverage_ms": [[40_000, 150_000]]}
    run = run_fast(
        Scenario(
            duration_ms=260_000,
            provision=site.provision_with(tmp_path / "provision", chosen),
            modem=site.modem(**hole),
            events=[at(75_000, "stall", ms=31_000)],
            trace=upright,
        )
    )
    assert run.exit_codes == [44, 0]
    assert [fact["watch_s"] > 0 for fact in told(run, "test")] == [True, False]
    assert felt(run).count("SHIFT_ENDED") == 1


@pytest.mark.requirement("R11")
def test_a_test_that_nobody_answers_has_failed_and_is_felt_so(site: Site, tmp_path: Path) -> None:
    silent = {"remote": {"receipts": "none"}}
    run = lived(site, tmp_path, 60_000, [], settings={"shift_test": True}, modem=silent)
    (verdict,) = said(run, "shift.test")
    assert verdict.fields["verdict"] == "failed"
    assert "TEST_FAILED" in felt(run)


def test_an_alarm_is_not_held_up_by_the_test(site: Site, tmp_path: Path) -> None:
    silent = {"remote": {"receipts": "none"}}
    events = [squeeze(READY_MS)]
    run = lived(site, tmp_path, 40_000, events, settings={"shift_test": True}, modem=silent)
    (raised,) = said(run, "alarm.opened", state="RAISED")
    first = next(fact for fact in told(run) if fact["kind"] == kinds.SOS)
    assert first["t_ms"] - raised.ticks_ms < 5000
    assert said(run, "shift.test", verdict="interrupted")
    assert "TEST_FAILED" not in felt(run)


def test_a_shift_ends_by_itself_and_leaves_the_sos(
    site: Site, tmp_path: Path, fall: Trace
) -> None:
    """The fall comes after the end of the shift, and the squeeze after the fall."""
    later = Trace(fall.file, start_ms=75_000)
    events = [squeeze(125_000)]
    run = lived(site, tmp_path, 140_000, events, settings={"shift_min": 1}, trace=later)
    assert felt(run).count("SHIFT_ENDED") == 1
    assert said(run, "motion.fall")
    assert "PRE_ALARM" not in felt(run)
    assert [fact["kind"] for fact in told(run)] == [kinds.SOS]


def test_whoever_asks_after_the_end_of_a_shift_begins_a_new_one(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    settings = {"shift_min": 1, "shift_test": True}
    run = lived(site, tmp_path, 100_000, tap(80_000), settings=settings, trace=upright)
    assert said(run, "shift.started", why="asked")
    assert [fact["watch_s"] > 0 for fact in told(run, "test")] == [True, False, True]
    started = ["ARMED", "TEST_PASSED"]
    assert felt(run) == [*started, "SHIFT_ENDED", "UNKNOWN_PRESS", "TEST_PASSED"]


def test_taking_the_badge_from_its_charger_begins_a_shift(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """Off shift; during one it takes half an hour on the charger."""
    charges = [
        at(20_000, "charger", on=True),
        at(40_000, "charger", on=False),
        at(80_000, "charger", on=True),
        at(100_000, "charger", on=False),
    ]
    run = lived(site, tmp_path, 150_000, charges, settings={"shift_min": 1}, trace=upright)
    (started,) = said(run, "shift.started", why="charger")
    assert 100_000 <= started.ticks_ms < 135_000


def test_a_reset_goes_on_with_the_shift_and_does_not_test_again(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """The VM hangs until the watchdog bites."""
    chosen = {"shift_test": True, "shift_min": 2}
    run = run_fast(
        Scenario(
            duration_ms=190_000,
            provision=site.provision_with(tmp_path / "provision", chosen),
            modem=site.modem(),
            events=[at(40_000, "stall", ms=31_000)],
            trace=upright,
        )
    )
    assert run.exit_codes[0] == 44
    assert [fact["watch_s"] > 0 for fact in told(run, "test")] == [True, False]
    began, resumed = said(run, "shift")
    assert began.fields["age_s"] == "0"
    assert int(resumed.fields["age_s"]) >= 9
    assert len(said(run, "shift.ended")) == 1


@pytest.mark.parametrize(
    ("modem", "answer"),
    [({}, "PROTECTED"), ({"no_coverage_ms": [[20_000, 200_000]]}, "NOT_PROTECTED")],
)
def test_a_short_press_is_answered_with_what_the_badge_knows(
    site: Site, tmp_path: Path, upright: Trace, modem: dict[str, Any], answer: str
) -> None:
    run = lived(site, tmp_path, 195_000, tap(190_000), modem=modem, trace=upright)
    assert felt_at(run, answer)[-1] > 190_000


def test_an_accelerometer_that_dies_is_felt_though_nobody_asks(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    events = [at(30_000, "i2c_fault", kind="nak", chip="imu", for_ms=200_000), *tap(90_000)]
    run = lived(site, tmp_path, 100_000, events, trace=upright)
    # Its line, which nobody lowers any more, is a second reason a minute later, and felt too.
    first, *later = felt_at(run, "LIMITED")
    assert first - 30_000 < 20_000
    assert [ms for ms in later if 90_000 < ms < 92_000]
    (answer,) = said(run, "protected")
    assert "motion" in answer.fields["why"].split(",")


CHECKED = {"profile": "pna11", "check_in_min": 2, "check_in_jitter_s": 0}


@pytest.mark.requirement("R04")
def test_a_check_in_is_asked_for_and_a_tap_answers_it(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    run = lived(site, tmp_path, 280_000, tap(130_000), settings=CHECKED, trace=upright)
    asked_ms = felt_at(run, "CHECK_IN_DUE")
    assert 119_000 <= asked_ms[0] <= 124_000
    assert felt(run).count("CHECKED_IN") == 1
    assert not said(run, "alarm.state", state="RAISED")
    assert 119_000 <= asked_ms[-1] - 131_000 <= 140_000


@pytest.mark.requirement("R04")
@pytest.mark.requirement("R06")
def test_a_check_in_that_nobody_answers_is_an_alarm_in_time(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    run = lived(site, tmp_path, 190_000, [], settings=CHECKED, trace=upright)
    asked_ms = felt_at(run, "CHECK_IN_DUE")[0]
    (raised,) = said(run, "alarm.state", state="RAISED")
    assert raised.ticks_ms - asked_ms <= 46_000
    assert on(run, "buzzer", asked_ms, asked_ms + 3000)
    alarms = [fact for fact in told(run) if fact["kind"] == kinds.CHECK_IN]
    assert len(alarms) == 1
    assert alarms[0]["t_ms"] <= (120 + 45 + 10) * 1000


def test_nobody_is_asked_in_quiet_hours(site: Site, tmp_path: Path, upright: Trace) -> None:
    """The world begins at 13:00 local time, and quiet ends at 13:03."""
    settings = {**CHECKED, "quiet_from_min": 780, "quiet_to_min": 783}
    run = lived(site, tmp_path, 320_000, [], settings=settings, trace=upright)
    assert felt_at(run, "CHECK_IN_DUE")[0] == pytest.approx(300_000, abs=12_000)
    assert not said(run, "alarm.state", state="RAISED")


def test_quiet_hours_go_by_the_local_time_that_the_receiver_tells(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """13:00 by the settings, quiet until 13:30; where the receiver is it is summer, and 14:00."""
    settings = {**CHECKED, "shift_test": True, "quiet_from_min": 780, "quiet_to_min": 810}
    summer = {"remote": {"offset_quarters": 56}}
    run = lived(site, tmp_path, 60_000, [], settings=settings, modem=summer, trace=upright)
    (deadline,) = told(run, "deadline")
    assert deadline["kind"] == kinds.CHECK_IN
    run = lived(site, tmp_path, 60_000, [], settings=settings, trace=upright)
    assert not told(run, "deadline")


def test_local_time_that_was_told_is_known_after_a_restart_at_which_nobody_answers(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """As above; the network tells the time at the second start, and the receiver nothing."""
    settings = {**CHECKED, "shift_test": True, "quiet_from_min": 780, "quiet_to_min": 810}
    asked = {}
    for name, quarters in (("summer", 56), ("winter", 52)):
        for duration_ms, remote in (
            (60_000, {"offset_quarters": quarters}),
            (180_000, {"receipts": "none"}),
        ):
            scenario = Scenario(
                duration_ms=duration_ms,
                provision=site.provision_with(tmp_path / name, settings),
                modem=site.modem(remote=remote),
                trace=upright,
            )
            run = run_fast(scenario, folder=tmp_path / f"badge-{name}")
        asked[name] = bool(felt_at(run, "CHECK_IN_DUE"))
    assert asked == {"summer": True, "winter": False}


@pytest.mark.requirement("R30")
def test_a_missing_permit_is_felt_at_the_start_of_the_shift_and_disarms_nothing(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    settings = {"shift_test": True}
    lacks = {"remote": {"permit": 1}}
    events = [*tap(40_000), squeeze(50_000)]
    run = lived(site, tmp_path, 70_000, events, settings=settings, modem=lacks, trace=upright)
    (verdict,) = said(run, "shift.test")
    assert (verdict.fields["verdict"], verdict.fields["why"]) == ("limited", "permit")
    # Once, in place of TEST_PASSED, and again as the answer to who asks.
    assert felt(run)[:3] == ["ARMED", "LIMITED", "LIMITED"]
    assert said(run, "protected", why="permit")
    assert [fact["kind"] for fact in told(run)] == [kinds.SOS]
    assert "RECEIVED" in felt(run)


@pytest.mark.requirement("R30")
def test_without_a_test_a_missing_permit_is_felt_once_it_is_told_and_once_a_shift(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """The receiver tells it with the receipt of a check-in's deadline, and with each after it."""
    lacks = {"remote": {"permit": 1}}
    settings = {"check_in_min": 2, "check_in_jitter_s": 0, "shift_test": False}
    events = tap(130_000)
    run = lived(site, tmp_path, 200_000, events, settings=settings, modem=lacks, trace=upright)
    assert len(told(run, "deadline")) > 1
    assert len(said(run, "permit.missing")) == 1
    assert felt(run).count("LIMITED") == 1


@pytest.mark.requirement("R04")
def test_an_amber_that_is_not_ended_warns_and_becomes_the_alarm(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    settings = {"profile": "pna11", "amber_min": 5}
    run = lived(site, tmp_path, 340_000, [hold(READY_MS)], settings=settings, trace=upright)
    (started,) = felt_at(run, "AMBER_STARTED")
    (ending,) = felt_at(run, "AMBER_ENDING")
    (raised,) = said(run, "alarm.state", state="RAISED")
    assert 239_000 <= ending - started <= 242_000
    assert 299_000 <= raised.ticks_ms - started <= 302_000
    assert [fact["kind"] for fact in told(run)] == [kinds.AMBER]


def test_an_amber_can_begin_again_without_coverage(site: Site, tmp_path: Path) -> None:
    """The end of the first one has not reached the receiver when the second begins."""
    events = [hold(READY_MS + 10_000), *tap(40_000, "left", 2), hold(50_000)]
    modem = {"no_coverage_ms": [[20_000, 200_000]]}
    run = lived(site, tmp_path, 70_000, events, modem=modem)
    assert felt(run).count("AMBER_STARTED") == 2
    assert "NOT_PROTECTED" not in felt(run)

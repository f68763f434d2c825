"""The wearer tries the buttons at the start of a shift, on the whole firmware in virtual time."""

from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds
from badge.core.wearer.gestures import SOS_GESTURES
from nabij.data import traces
from nabij.virtual.badge import Fact, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.lives import (
    assert_the_same_to_a_bystander,
    at,
    felt,
    felt_at,
    hold,
    lived,
    said,
    squeeze,
    tap,
    told,
)
from tests.worlds import Site

GUIDED = {"shift_test": True, "shift_buttons": True}
# The message is back and the question was felt.
ASKED_MS = 14_000


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    folder = tmp_path_factory.mktemp("walk")
    return Trace(traces.write_sim_trace(folder / "walk", Body().walking(30.0)), after="loop")


@pytest.mark.requirement("R11")
@pytest.mark.requirement("R13")
@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
@pytest.mark.parametrize("pause_ms", [250, 4000])
def test_a_tap_of_each_button_is_felt_at_once_and_gives_the_verdict_of_the_whole_test(
    site: Site, tmp_path: Path, upright: Trace, sos_gesture: str, pause_ms: int
) -> None:
    events = [*tap(ASKED_MS, "right"), *tap(ASKED_MS + pause_ms, "left")]
    settings = {**GUIDED, "sos_gesture": sos_gesture}
    run = lived(site, tmp_path, 60_000, events, settings=settings, trace=upright)
    ticks = ["BUTTON_TRIED", "BUTTON_TRIED"]
    assert felt(run) == ["ARMED", "TRY_BUTTONS", *ticks, "TEST_PASSED"]
    assert felt_at(run, "BUTTON_TRIED")[0] - (ASKED_MS + 120) < 150
    assert felt_at(run, "TEST_PASSED")[0] - (ASKED_MS + pause_ms + 120) < 1500
    assert {event.fields["means"] for event in said(run, "gesture")} == {"TRIED"}
    assert len(told(run, "test")) == 1
    assert not told(run)


@pytest.mark.requirement("R11")
def test_the_tick_does_not_wait_for_the_end_of_the_question(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """Who feels nothing taps again, and where two taps are the SOS that would be one."""
    unanswered = lived(site, tmp_path, 14_000, [], settings=GUIDED, trace=upright)
    (asked_ms,) = felt_at(unanswered, "TRY_BUTTONS")
    events = tap(asked_ms + 300)
    run = lived(site, tmp_path, 16_000, events, settings=GUIDED, trace=upright)
    (tick_ms,) = felt_at(run, "BUTTON_TRIED")
    assert tick_ms - (asked_ms + 300 + 120) < 500


def test_without_the_message_the_verdict_does_not_say_that_it_arrived(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    events = [*tap(ASKED_MS, "left"), *tap(ASKED_MS + 2000, "right")]
    settings = {**GUIDED, "shift_test": False}
    run = lived(site, tmp_path, 25_000, events, settings=settings, trace=upright)
    assert not told(run, "test")
    assert felt(run)[-1] == "PROTECTED"
    assert "TEST_PASSED" not in felt(run)


@pytest.mark.requirement("R02")
@pytest.mark.requirement("R13")
@pytest.mark.parametrize(
    ("sos_gesture", "presses"),
    [
        ("squeeze", [squeeze(ASKED_MS)]),
        ("squeeze", [*tap(ASKED_MS - 500), squeeze(ASKED_MS)]),
        ("hold", [at(ASKED_MS, "press", button="right", ms=1700)]),
        ("double", tap(ASKED_MS, "left", 2)),
        ("triple", tap(ASKED_MS, "right", 3)),
        ("triple", [squeeze(ASKED_MS)]),
    ],
)
def test_an_sos_amid_the_question_is_one_no_later_than_ever_and_ends_the_test(
    site: Site, tmp_path: Path, upright: Trace, sos_gesture: str, presses: list[Fact]
) -> None:
    asked, unasked = (
        lived(
            site,
            tmp_path,
            50_000,
            presses,
            settings={**GUIDED, "shift_buttons": is_guided, "sos_gesture": sos_gesture},
            trace=upright,
        )
        for is_guided in (True, False)
    )
    durable = [said(run, "alarm.durable", state="RAISED")[0] for run in (asked, unasked)]
    assert abs(durable[0].ticks_ms - durable[1].ticks_ms) <= 20
    for run in (asked, unasked):
        assert [fact["kind"] for fact in told(run)] == [kinds.SOS]
    assert felt(asked).count("TRY_BUTTONS") == 1
    assert said(asked, "shift.buttons", verdict="interrupted")
    assert felt(asked)[-2:] == ["RAISED", "RECEIVED"]


def test_a_squeeze_counts_as_tried_so_that_nothing_is_asked_after_the_alarm(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    closed = {"remote": {"then": [[4, 8000]]}}
    events = [squeeze(ASKED_MS), *tap(55_000)]
    run = lived(site, tmp_path, 60_000, events, settings=GUIDED, modem=closed, trace=upright)
    assert said(run, "alarm.status", state="CLOSED")
    assert felt(run).count("TRY_BUTTONS") == 1
    assert felt(run)[-1] == "PROTECTED"


@pytest.mark.requirement("R04")
def test_a_check_in_that_comes_due_is_answered_and_then_the_question_comes_again(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """A network that takes its time brings the two together; the later question goes first."""
    settings = {**GUIDED, "check_in_min": 1, "check_in_jitter_s": 0}
    events = [*tap(66_000, "left"), *tap(102_000, "right")]
    run = lived(
        site,
        tmp_path,
        110_000,
        events,
        settings=settings,
        modem={"register_ms": 45_000},
        trace=upright,
    )
    (due_ms,) = felt_at(run, "CHECK_IN_DUE")
    first_ms, second_ms = felt_at(run, "TRY_BUTTONS")
    assert first_ms < due_ms < 66_000 < second_ms - 30_000 < 102_000
    assert [e.fields["means"] for e in said(run, "gesture")] == ["CHECK_IN", "TRIED"]
    assert felt(run)[-4:] == ["CHECKED_IN", "TRY_BUTTONS", "BUTTON_TRIED", "TEST_PASSED"]
    assert not said(run, "alarm.state", state="RAISED")


def test_an_amber_may_begin_amid_the_question_which_waits_for_its_end(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    events = [hold(ASKED_MS), *tap(30_000, "left", 2), *tap(65_000, "right")]
    run = lived(site, tmp_path, 70_000, events, settings=GUIDED, trace=upright)
    heard = [name for name in felt(run) if name != "BUTTON_TRIED"]
    assert heard == [
        *["ARMED", "TRY_BUTTONS", "AMBER_STARTED"],
        *["AMBER_ENDED", "TRY_BUTTONS", "TEST_PASSED"],
    ]


@pytest.mark.requirement("R11")
def test_a_body_on_one_button_and_a_stuck_other_one_were_not_tried(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """A lean begins an amber as ever; once that has ended the badge asks for both buttons."""
    events = [
        at(ASKED_MS, "press", button="left", ms=9000),
        *tap(26_000, "left", 2),
        at(61_000, "sos_down", button="right"),
    ]
    run = lived(site, tmp_path, 80_000, events, settings=GUIDED, trace=upright)
    assert "TEST_PASSED" not in felt(run)
    assert [e.fields["missing"] for e in said(run, "shift.asking")] == ["left,right"] * 2


@pytest.mark.requirement("R11")
def test_a_reset_asks_only_for_the_button_that_was_not_tried(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """The VM hangs until the watchdog bites, the first time amid the question."""
    run = run_fast(
        Scenario(
            duration_ms=150_000,
            provision=site.provision_with(tmp_path / "provision", GUIDED),
            modem=site.modem(),
            events=[
                *tap(ASKED_MS, "left"),
                at(ASKED_MS + 3000, "stall", ms=31_000),
                # The question of the second start, whichever watchdog brought that about.
                *tap(64_000, "right"),
                at(85_000, "stall", ms=31_000),
            ],
            trace=upright,
        )
    )
    assert run.exit_codes == [44, 44, 0]
    assert len(told(run, "test")) == 1
    asked = [event.fields["missing"] for event in said(run, "shift.asking")]
    assert asked == ["left,right", "right", "right"]
    assert said(run, "shift.buttons", missing="none", verdict="yes")


@pytest.mark.requirement("R11")
@pytest.mark.parametrize(("why", "again_ms"), [("asked", 95_000), ("charger", 85_000)])
def test_each_new_shift_has_the_buttons_tried_again(
    site: Site, tmp_path: Path, upright: Trace, why: str, again_ms: int
) -> None:
    begins = {
        "asked": tap(80_000),
        "charger": [at(70_000, "charger", on=True), at(80_000, "charger", on=False)],
    }
    events = [
        *tap(ASKED_MS, "left"),
        *tap(ASKED_MS + 1000, "right"),
        *begins[why],
        *tap(again_ms, "right"),
        *tap(again_ms + 1000, "left"),
    ]
    settings = {**GUIDED, "shift_min": 1}
    run = lived(site, tmp_path, 135_000, events, settings=settings, trace=upright)
    assert said(run, "shift.started", why=why)
    first, second = said(run, "shift.buttons", missing="none", verdict="yes")
    assert first.ticks_ms < 60_000 < second.ticks_ms


@pytest.mark.requirement("R11")
def test_the_test_of_the_next_day_has_the_buttons_tried_again(
    site: Site, tmp_path: Path, upright: Trace
) -> None:
    """A day of an hour: the least that can be set."""
    settings = {**GUIDED, "test_every_min": 60}
    events = [*tap(ASKED_MS, "left"), *tap(ASKED_MS + 1000, "right"), *tap(3_625_000, "left")]
    run = lived(site, tmp_path, 3_660_000, events, settings=settings, trace=upright)
    assert len(told(run, "test")) == 2
    first, second = said(run, "shift.buttons")
    assert first.fields["missing"] == "none"
    assert second.fields["missing"] == "right"


@pytest.mark.requirement("R11")
@pytest.mark.parametrize("shift_buttons", [True, False])
def test_a_lanyard_that_is_off_at_the_start_is_in_the_verdict(
    site: Site, tmp_path: Path, upright: Trace, shift_buttons: bool
) -> None:
    """The badge can tell no tear from a lanyard that was never on."""
    events = [at(0, "rip_open"), *tap(ASKED_MS, "left"), *tap(ASKED_MS + 1000, "right")]
    settings: dict[str, Any] = {**GUIDED, "shift_buttons": shift_buttons}
    run = lived(site, tmp_path, 30_000, events, settings=settings, trace=upright)
    verdict = said(run, "shift.buttons" if shift_buttons else "shift.test")[0]
    assert verdict.fields["verdict"] == "limited"
    assert verdict.fields["why"] == "lanyard"
    assert "LIMITED" in felt(run)
    assert "TEST_PASSED" not in felt(run)


@pytest.mark.parametrize("profile", ["discreet", "pna11"])
def test_whether_a_cancel_was_forced_does_not_show_in_what_is_asked_afterwards(
    site: Site, tmp_path: Path, profile: str
) -> None:
    """The left button was tried; a cancel with the right one must not count for it."""
    samples = Body().walk_fall_lie(20.0, 90.0)
    fall = Trace(traces.write_sim_trace(tmp_path.parent / f"fall-{profile}", samples))
    settings = {**GUIDED, "profile": profile, "rest_alarm": False, "tilt_alarm": False}
    plain, forced = (
        lived(
            site,
            tmp_path,
            110_000,
            [*tap(ASKED_MS, "left"), *tap(31_000, button, 2), *tap(105_000, "left")],
            settings=settings,
            trace=fall,
        )
        for button in ("left", "right")
    )
    for run in (plain, forced):
        assert said(run, "alarm.state", state="WITHDRAWN")
        assert felt(run).count("TRY_BUTTONS") > 1
        assert said(run, "shift.asking")[-1].fields["missing"] == "right"
    assert_the_same_to_a_bystander(plain, forced, 31_000)

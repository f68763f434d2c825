"""What becomes of a fall from its verdict on: what takes it back, and what cannot."""

from __future__ import annotations

import numpy as np
import pytest

from badge.core.body.fall import UP, UP_AND_MOVING, Fall
from badge.core.detector import params
from badge.core.detector.second import Second
from badge.core.settings import config
from nabij.detector.worn import Badge
from nabij.virtual.body_model import Body

CLEAR_MS = 4000
BEFORE = [0, 0, 500]
BODY = Body()


def _judged() -> Fall:
    fall = Fall(CLEAR_MS)
    fall.judged(BEFORE, False)
    return fall


def _cleared(
    fall: Fall, seconds: int, *, is_down: bool | None, is_moving: bool | None = False
) -> str:
    """Return why it ended within so many seconds, or nothing."""
    whys = (fall.cleared(is_down, is_moving, 1000) for _ in range(seconds))
    return next((why for why in whys if why), "")


def test_who_recovered_and_stays_up_is_no_fall_any_more() -> None:
    fall = _judged()
    assert not _cleared(fall, 10, is_down=False)
    fall.recovered()
    assert _cleared(fall, 1, is_down=False) == UP
    assert not fall.met


def test_who_recovered_and_goes_on_lying_is_still_a_fall() -> None:
    fall = _judged()
    fall.recovered()
    assert not _cleared(fall, 60, is_down=True)


def test_blows_of_somebody_who_runs_on_postpone_nothing() -> None:
    fall = _judged()
    fall.recovered()
    fall.judged(BEFORE, False)
    assert _cleared(fall, 5, is_down=False)


def test_a_fall_that_is_confirmed_after_the_one_before_was_taken_back_is_met_again() -> None:
    fall = _judged()
    fall.recovered()
    fall.judged(BEFORE, False)
    assert _cleared(fall, 5, is_down=False)
    fall.confirmed()
    assert fall.met
    assert not _cleared(fall, 60, is_down=True)


@pytest.mark.parametrize("may_move", [True, False])
def test_what_was_taken_back_before_lets_no_posture_end_a_fall_that_was_confirmed(
    may_move: bool,
) -> None:
    """Who gets up and falls again, now to end sitting, is up by posture."""
    fall = Fall(CLEAR_MS, may_move=may_move)
    fall.judged(BEFORE, False)
    fall.recovered()
    fall.judged(BEFORE, False)
    fall.confirmed()
    assert not _cleared(fall, 60, is_down=False)
    assert fall.met


def test_a_confirmed_fall_ends_when_its_wearer_is_up_and_moves_for_the_clear_hold() -> None:
    fall = _judged()
    fall.confirmed()
    assert not _cleared(fall, 4, is_down=False, is_moving=True)
    assert _cleared(fall, 1, is_down=False, is_moving=True) == UP_AND_MOVING


@pytest.mark.parametrize(
    ("is_down", "is_moving"), [(False, False), (True, True), (None, True), (False, None)]
)
def test_a_posture_alone_or_moving_on_the_ground_ends_no_confirmed_fall(
    is_down: bool | None, is_moving: bool | None
) -> None:
    fall = _judged()
    fall.confirmed()
    assert not _cleared(fall, 60, is_down=is_down, is_moving=is_moving)


def test_who_stops_moving_or_goes_down_again_begins_anew() -> None:
    for is_down, is_moving in ((False, False), (True, True)):
        fall = _judged()
        fall.confirmed()
        assert not _cleared(fall, 4, is_down=False, is_moving=True)
        assert not _cleared(fall, 1, is_down=is_down, is_moving=is_moving)
        assert not _cleared(fall, 4, is_down=False, is_moving=True)


def test_seconds_in_which_the_motor_hides_the_movement_count_neither_way() -> None:
    fall = _judged()
    fall.confirmed()
    assert not _cleared(fall, 3, is_down=False, is_moving=True)
    assert not _cleared(fall, 5, is_down=False, is_moving=None)
    assert _cleared(fall, 2, is_down=False, is_moving=True)


def test_where_only_a_person_ends_it_a_confirmed_fall_stays_one() -> None:
    fall = Fall(CLEAR_MS, may_move=False)
    fall.judged(BEFORE, False)
    fall.confirmed()
    assert not _cleared(fall, 60, is_down=False, is_moving=True)


@pytest.mark.parametrize(("clear_mg", "alarms"), [(60, 0), (0, 1)])
def test_somebody_who_walks_on_after_his_fall_was_confirmed(clear_mg: int, alarms: int) -> None:
    chosen = config.Config.from_dict({"fall_clear_mg": clear_mg})
    points = [BODY.walking(30), BODY.fall(), BODY.lying(9), BODY.walking(30)]
    badge = Badge(chosen).wear(np.concatenate(points))
    assert badge.of("motion.confirmed")
    assert len(badge.of("alarm", "man_down")) == alarms
    assert len(badge.of("cleared", "man_down")) == 1 - alarms
    if not alarms:
        (why,) = [
            moment.fields["why"] for moment in badge.happened if moment.what == "mandown.cleared"
        ]
        assert why == UP_AND_MOVING


def _judged_while_running() -> Fall:
    fall = Fall(CLEAR_MS)
    fall.judged(BEFORE, False, is_up_and_moving=True)
    return fall


def test_who_is_up_and_moving_as_a_fall_is_judged_is_not_asked() -> None:
    fall = _judged_while_running()
    assert not _cleared(fall, 6, is_down=False, is_moving=True)
    assert not fall.met
    fall.recovered()
    assert not _cleared(fall, 60, is_down=True)
    assert not fall.met


@pytest.mark.parametrize(
    ("is_down", "is_moving"), [(True, True), (False, False), (None, True), (False, None)]
)
def test_he_is_asked_as_soon_as_that_ends(is_down: bool | None, is_moving: bool | None) -> None:
    fall = _judged_while_running()
    assert not _cleared(fall, 2, is_down=False, is_moving=True)
    _cleared(fall, 1, is_down=is_down, is_moving=is_moving)
    assert fall.met


def test_he_is_asked_when_the_detector_confirms_it() -> None:
    fall = _judged_while_running()
    fall.confirmed()
    assert fall.met


def test_where_only_a_person_ends_a_fall_everybody_is_asked() -> None:
    fall = Fall(CLEAR_MS, may_move=False)
    fall.judged(BEFORE, False, is_up_and_moving=True)
    assert fall.met


def test_what_its_wearer_has_cancelled_is_not_met_again_by_its_verdict() -> None:
    fall = _judged()
    fall.over()
    fall.confirmed()
    assert not fall.met


@pytest.mark.parametrize("prealarm_ms", [0, 1000, 20_000])
def test_no_alarm_goes_before_the_verdict(prealarm_ms: int) -> None:
    chosen = config.Config.from_dict({"prealarm_ms": prealarm_ms})
    points = [BODY.walking(30), BODY.fall(), BODY.lying(30)]
    badge = Badge(chosen).wear(np.concatenate(points))
    (verdict_s,), alarms = badge.of("motion.confirmed"), badge.of("alarm", "man_down")
    assert alarms[0] >= verdict_s


def test_with_the_settings_as_they_come_a_pre_alarm_outlasts_every_verdict() -> None:
    for profile in ("discreet", "pna11"):
        chosen = config.defaults(profile)
        assert params.pre_alarm_ms(chosen, is_fall=True) == chosen.prealarm_ms


@pytest.mark.parametrize(
    ("before", "now", "deg"),
    [
        ([0, 0, 500], (0, 0, 500), 0),
        ([0, 0, 500], (0, 500, 0), 90),
        ([0, 400, 0], (0, -500, 0), 180),
        ([250, 0, 0], (500, 0, 0), 0),
        ([300, 400, 0], (500, 0, 0), 53),
        ([300, 400, 0], (0, 500, 0), 36),
        ([0, 300, 400], (0, 0, 500), 36),
    ],
)
def test_the_angle_from_the_posture_before_is_that_of_all_axes(
    before: list[int], now: tuple[int, int, int], deg: int
) -> None:
    fall = Fall(CLEAR_MS)
    fall.judged(before, False)
    # A later blow of the same fall changes nothing.
    fall.judged([1, 2, 3], False)
    second = Second()
    second.x, second.y, second.z = now
    # Near 0 and 180 neighbouring degrees share a cosine of ten bits.
    assert fall.turned_deg(second) == pytest.approx(deg, abs=2)


@pytest.mark.parametrize(
    ("blows", "may_be"),
    [([True], True), ([False], False), ([True, True], True), ([True, False], False)],
)
def test_it_may_be_a_throw_while_all_its_blows_may(blows: list[bool], may_be: bool) -> None:
    fall = Fall(CLEAR_MS)
    for blow in blows:
        fall.judged(BEFORE, blow)
    assert fall.may_be_thrown is may_be
    fall.over()
    fall.judged(BEFORE, True)
    assert fall.may_be_thrown


def test_long_seconds_count_as_one_each() -> None:
    fall = _judged()
    fall.recovered()
    whys = [fall.cleared(False, False, 30_000) for _ in range(5)]
    assert whys == ["", "", "", "", UP]

"""The engine "badge": what a worn badge raises, by which cause, and when."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from badge.core.detector import detect
from badge.core.settings import config
from nabij.cli.app import app
from nabij.data.bundles import load_bundle
from nabij.detector import decide, sampling
from nabij.detector.sampling import Samples
from nabij.detector.worn import Badge, Happening
from nabij.errors import EXIT_USAGE
from nabij.replay import reasons, worn
from nabij.replay.outcome import Raised, judge_worn
from nabij.virtual.body_model import Body
from tests.core.detector.motion import LYING, UPRIGHT, Point, fall, rest
from tests.host.replay import bundle
from tests.host.replay.bundle import Made

BODY = Body()


def _points(samples: Any) -> list[Point]:
    return [tuple(row) for row in samples.tolist()]


WALK = Made("walks", _points(BODY.walking(20)), is_fall=False, activity="Walking")
# Down for so long that the detector confirms it before the wearer gets up.
DROPS = _points(np.concatenate([BODY.walking(6), BODY.fall(), BODY.lying(7)]))
FALLS = Made("falls", DROPS, is_fall=True, activity="fall")
RESTS = Made("rests", DROPS, is_fall=False, activity="drops onto a bed")
FAINTS = Made(
    "faints",
    _points(np.concatenate([BODY.walking(6), BODY.faint(), BODY.lying(25)])),
    is_fall=True,
    activity="faint",
)


def _replayed(folder: Path, made: list[Made], *options: str) -> dict[str, Any]:
    named = [str(bundle.write(folder / "made", made)), "--json", "--engine", "badge"]
    result = CliRunner().invoke(app, ["replay", *named, *options])
    assert result.exit_code == 0, result.output
    (group,) = json.loads(result.stdout)["groups"]
    found: dict[str, Any] = group
    return found


def test_a_fall_alarms_after_its_pre_alarm_and_a_faint_by_tilt(tmp_path: Path) -> None:
    group = _replayed(tmp_path, [WALK, FALLS, FAINTS])
    assert group["detected"] == group["falls"] == 2
    assert group["causes"]["falls"] == {"man_down": 1, "tilt": 1}
    assert group["causes"]["without_verdict"] == 0
    # 2.5 s to the pre-alarm and 20 s of it, or 20 s of lying and 20 s more.
    assert 22_000 < group["latency_ms"]["median"] < 60_000


def test_who_walks_on_takes_back_what_was_no_fall(tmp_path: Path) -> None:
    group = _replayed(tmp_path, [WALK, RESTS])
    assert group["causes"]["false_alarms"] == group["causes"]["pre_alarms"] == {"man_down": 1}
    group = _replayed(tmp_path / "on", [WALK, RESTS], "--then", "walk")
    assert group["false_alarms"] == 0


def test_a_posture_that_begins_with_a_recording_is_not_held_against_its_wearer(
    tmp_path: Path,
) -> None:
    asleep = Made("asleep", _points(BODY.lying(8)), is_fall=False, activity="sleeps")
    upside_down = Made("down", _points(-BODY.walking(12)), is_fall=False, activity="hangs")
    group = _replayed(tmp_path, [WALK, asleep, upside_down], "--then", "walk")
    assert "man_down" not in group["causes"]["false_alarms"]


def test_a_badge_that_leaps_keeps_how_it_hangs_and_forgets_the_motion() -> None:
    badge = Badge(config.defaults()).wear(BODY.walking(30))
    state = badge.man_down.state
    learned, known = state[detect.S_FRAME : detect.S_FRAME + 3], state[detect.S_UPRIGHTS]
    assert known
    badge.leap()
    assert state[detect.S_FRAME : detect.S_FRAME + 3] == learned
    assert (state[detect.S_UPRIGHTS], state[detect.S_SEEN]) == (known, 0)
    assert badge.man_down.conditions.frame.known


def test_whoever_fell_does_not_walk_on_but_gets_up_when_it_is_asked_for(tmp_path: Path) -> None:
    assert _replayed(tmp_path, [WALK, FALLS], "--then", "walk")["detected"] == 1
    up = _replayed(tmp_path / "up", [WALK, FALLS], "--then", "up")
    assert up["causes"]["falls"] == {"none": 1}
    settings = tmp_path / "no_third_look.toml"
    settings.write_text("fall_clear_mg = 0\n")
    off = ["--then", "up", "--config", str(settings)]
    up = _replayed(tmp_path / "off", [WALK, FALLS], *off)
    assert up["causes"]["falls"] == {"man_down": 1}


def test_a_fall_that_was_got_up_from_is_told_apart_from_one_that_was_missed(
    tmp_path: Path,
) -> None:
    made = [WALK, Made("up", DROPS, is_fall=True, activity="fall, rec"), FALLS]
    group = _replayed(tmp_path, made, "--then", "up")
    assert group["causes"]["falls"] == {"none": 1, "up_again": 1}
    assert group["detected"] == 1
    result = CliRunner().invoke(
        app, ["replay", str(tmp_path / "made"), "--engine", "badge", "--then", "up"]
    )
    assert "none: up again 1" in result.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--then", "walk"], "--then walk needs --engine badge"),
        (["--engine", "badge", "--then", "dance"], "--then dance is unknown: choose walk or up."),
        (["--engine", "horse"], "choose one of numba, viper, firmware, badge."),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    tmp_path: Path, options: list[str], told: str
) -> None:
    folder = bundle.write(tmp_path / "made", [WALK, FALLS])
    result = CliRunner().invoke(app, ["replay", str(folder), *options])
    assert result.exit_code == EXIT_USAGE
    assert told in result.stderr


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [fall(lying_s=9), fall(lying_s=3), rest(UPRIGHT, 7), rest(LYING, 5, sway_mg=200)]
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_worn_badge_decides_as_the_detector_alone_does(parts: list[list[Point]]) -> None:
    acc = sampling.measured(np.array([point for part in parts for point in part], np.int16))
    params = decide.params_of(config.defaults())
    longer = decide.with_tail(acc, params)
    worn = Badge(config.defaults()).wear(longer).decisions
    alone = [one for one in decide.decide(longer, params) if one.at <= len(longer)]
    assert [(one.at, one.bits, one.anchor, one.peak_mg) for one in worn] == [
        (one.at, one.bits, one.anchor, one.peak_mg) for one in alone
    ]


def _swung(acc: Samples) -> Samples:
    """A badge that swings on its lanyard by 40 degrees to each side."""
    swing = np.radians(40) * np.sin(2 * np.pi * 1.1 * np.arange(len(acc)) / detect.RATE_HZ)
    (x, y, z), cosine, sine = acc.T.astype(float), np.cos(swing), np.sin(swing)
    turned = np.stack([cosine * x - sine * y, sine * x + cosine * y, z], axis=1)
    whole: Samples = np.rint(turned).astype(np.int16)
    return whole


def _in_a_lift(acc: Samples) -> Samples:
    """0.3 g less for 1.5 s as it starts down, and as much more as it stops."""
    share = np.ones((len(acc), 1))
    share[2 * 104 : 2 * 104 + 156] = 0.7
    share[10 * 104 : 10 * 104 + 156] = 1.3
    whole: Samples = np.rint(acc * share).astype(np.int16)
    return whole


UP = BODY.standing(1)
FELL = np.concatenate([BODY.fall(), BODY.lying(12)])
STRANGE = {
    "up at once": [BODY.fall(), UP, BODY.walking(15)],
    "up after 6 s": [BODY.fall(), BODY.lying(6), UP, BODY.walking(15)],
    "falls while running": [BODY.jogging(10), FELL],
    "falls while running and runs on": [BODY.jogging(10), BODY.fall(), UP, BODY.jogging(40)],
    "rolls": [BODY.fall(), BODY.rolling(10, 2.0), BODY.lying(12)],
    "two falls, 5 s apart": [BODY.fall(), BODY.lying(2), UP, FELL],
    "falls again and again": [BODY.fall(), UP, BODY.jogging(2)] * 8,
    "falls again and again, and stays": [BODY.fall(), BODY.lying(1.5), UP] * 8 + [FELL],
    "in a lift": [_in_a_lift(np.concatenate([BODY.standing(3), FELL]))],
    "the badge swings": [_swung(np.concatenate([BODY.walking(5), FELL]))],
    "clipped at 2 g": [np.clip(FELL, -2000, 2000)],
    "half a second of the blow is lost": [BODY.fall()[:70], BODY.fall()[122:], BODY.lying(12)],
    "the samples stand still in the blow": [np.repeat(FELL[84:85], 60, 0), FELL[90:]],
}


@pytest.mark.parametrize("parts", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("settings", [{}, {"prealarm_ms": 5000}, {"fall_points": -100}], ids=str)
def test_no_strange_motion_has_a_late_verdict_or_an_alarm_without_one(
    parts: list[Samples], settings: dict[str, int]
) -> None:
    badge = Badge(config.Config.from_dict(settings))
    badge.wear(sampling.measured(np.concatenate([BODY.walking(20), *parts, BODY.standing(40)])))
    first = None
    for one in badge.decisions:
        if one.bits & (detect.EV_CONFIRMED | detect.EV_RECOVERED):
            assert first is not None
            assert one.at - first <= 11 * detect.RATE_HZ
            first = None
        if one.bits & detect.EV_FALL and first is None:
            first = one.anchor
    assert first is None
    alarms = worn.alarms_of(badge, 0)
    assert all(one.verdict for one in alarms if one.cause == "man_down")
    if len(parts[-1]) == len(FELL):
        assert alarms


def test_a_fork_goes_its_own_way() -> None:
    badge = Badge(config.defaults()).wear(BODY.walking(10))
    fork = badge.fork().wear(np.concatenate([BODY.fall(), BODY.lying(40)]))
    badge.wear(BODY.walking(40))
    assert fork.of("alarm")
    assert not badge.of("pre_alarm")
    assert len(fork.of("felt")) == len(badge.of("felt"))


@pytest.mark.parametrize(
    ("confirmed_s", "verdict"), [(9.0, ""), (12.0, "confirmed"), (13.9, "confirmed"), (35.0, "")]
)
def test_the_verdict_of_an_alarm_is_the_last_one_since_its_fall_was_judged(
    confirmed_s: float, verdict: str
) -> None:
    """A fall may be judged while the wearer is asked about another, and felt later."""
    badge = Badge(config.defaults())
    told = [
        (9.9, "motion.fall", ""),
        (confirmed_s, "motion.confirmed", ""),
        (13.9, "pre_alarm", "man_down"),
        (34.0, "alarm", "man_down"),
    ]
    badge.happened += [Happening(*one) for one in sorted(told, key=lambda one: one[0])]
    (one,) = worn.alarms_of(badge, 0)
    assert (one.cause, one.verdict) == ("man_down", verdict)


def test_what_the_wearer_was_asked_before_is_not_of_the_recording() -> None:
    badge = Badge(config.defaults())
    badge.happened += [Happening(19.0, "alarm", "man_down"), Happening(20.0, "alarm", "flight")]
    assert [one.cause for one in worn.alarms_of(badge, 0, {"man_down"})] == ["flight"]
    badge.happened += [
        Happening(30.0, "pre_alarm", "man_down"),
        Happening(50.0, "alarm", "man_down"),
    ]
    assert [one.at for one in worn.alarms_of(badge, 0, {"man_down"})] == [2080, 5200]


def test_the_reason_of_an_alarm_names_its_cause_and_the_verdict(tmp_path: Path) -> None:
    loaded = load_bundle(bundle.write(tmp_path / "made", [RESTS]))
    (trial,) = loaded.rows
    acc = sampling.measured(np.array(RESTS.points, np.int16))
    events = decide.decide(acc, decide.params_of(config.defaults()))
    raised = [Raised("man_down", 900, 2980, "confirmed")]
    told = reasons.verdict(judge_worn(trial, acc, events, ["man_down"], raised), config.defaults())
    assert told.startswith("Alarm by man_down at 28.7 s, after a pre-alarm from 8.7 s on.")
    assert "still down" in told

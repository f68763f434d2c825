"""What is told of a score adds up to the score, and follows the verifier's table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core.detector import detect, evidence
from badge.core.detector import verifier as packed
from badge.core.settings import config
from nabij.detector import decide, points, verifier
from tests.core.detector.motion import UPRIGHT, fall, impact, rest

CONFIG = config.defaults()
PARAMS = decide.params_of(CONFIG)


def _events(seed: int) -> list[decide.Decision]:
    rng = np.random.default_rng(seed)
    made = fall(2500 + 50 * (seed % 80), 12) + rest(UPRIGHT, 5) + impact(3000) + rest(UPRIGHT, 9)
    acc = np.array(made, np.int16)
    acc += rng.integers(-60, 61, acc.shape, dtype=np.int16)
    return decide.decide(acc, PARAMS)


def _start(*, of_impact: bool) -> float:
    """The base, and the mean of the leaves of every tree of a verdict."""
    made = verifier.unpack(packed.parse(CONFIG.verifier))
    trees, base = (
        (made.fall_trees, made.fall_base) if of_impact else (made.down_trees, made.down_base)
    )
    return base + sum(sum(tree.points) / 8 for tree in trees)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_score_is_the_kernel_s_and_its_parts_add_up(seed: int) -> None:
    judged = detect.EV_FALL | detect.EV_REJECTED
    for event in _events(seed):
        assert event.words is not None
        of_impact = bool(event.bits & judged)
        score = (points.of_impact if of_impact else points.of_rest)(event.words, CONFIG)
        word, limit = detect.S_POINTS, detect.P_FALL_POINTS
        if not of_impact:
            word, limit = detect.S_DOWN_POINTS, detect.P_DOWN_POINTS
        # The kernel compares with the base moved to the other side.
        assert score.total - score.needed == int(event.words[word]) - int(PARAMS[limit])
        # The total is the kernel's, the parts are ours: only if both read the table alike do
        # they leave what every verdict starts from.
        told = score.start + sum(part.points for part in score.parts)
        assert told == pytest.approx(score.total)
        assert score.start == pytest.approx(_start(of_impact=of_impact))
        passes = event.bits & (detect.EV_FALL | detect.EV_CONFIRMED)
        assert score.passed is bool(passes)


def test_every_piece_of_evidence_has_words_for_every_value() -> None:
    words = np.zeros(detect.S_EVIDENCE + evidence.EVIDENCE, np.int32)
    for value in range(256):
        words[detect.S_EVIDENCE :] = value
        for score in (points.of_impact(words, CONFIG), points.of_rest(words, CONFIG)):
            assert all(part.measured and "nan" not in part.measured for part in score.parts)


def test_the_measures_are_those_of_the_motion() -> None:
    (judged, *_) = [event for event in _events(0) if event.bits & detect.EV_FALL]
    assert judged.words is not None
    told = {part.name: part.measured for part in points.of_impact(judged.words, CONFIG).parts}
    # Upright to lying, a blow of 2.5 g in which the axes add up, sway of up to 60 mg.
    assert told["posture changed"].split()[0] in {"89", "90", "91"}
    assert told["impact"] in {"2.4 g", "2.5 g", "2.6 g"}


@given(st.integers(1500, 16000))
def test_a_size_is_told_within_a_few_percent(peak_mg: int) -> None:
    events = decide.decide(np.array(fall(peak_mg, 12), np.int16), PARAMS)
    (judged, *_) = [
        event for event in events if event.bits & (detect.EV_FALL | detect.EV_REJECTED)
    ]
    assert judged.words is not None
    byte = int(judged.words[detect.S_EVIDENCE + evidence.E_PEAK])
    told_g = float(points.in_words(evidence.E_PEAK, byte)[1].split()[0])
    # Half of a step of 1/8 in the square, and half of the last digit.
    assert abs(told_g - judged.peak_mg / 1000) <= 0.032 * judged.peak_mg / 1000 + 0.051

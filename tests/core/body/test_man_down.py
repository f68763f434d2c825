"""Man-down runs the detector block by block and keeps the evidence of a fall."""

from __future__ import annotations

from array import array

import pytest

from badge.core.body.man_down import ManDown
from badge.core.detector import detect, gap
from badge.core.settings import config
from tests.core.detector.motion import RATE_HZ, UPRIGHT, Point, fall, rest, words


def _feed(down: ManDown, points: list[Point]) -> list[tuple[int, int]]:
    """Feed block by block and return (samples so far, bits) of each block that said something."""
    found = []
    at = 0
    while at < len(points):
        chunk = points[at : at + down.room()]
        at += len(chunk)
        bits = down.feed(words(chunk), len(chunk))
        if bits:
            found.append((at, bits))
    return found


@pytest.mark.requirement("R01")
def test_a_fall_is_told_at_the_block_that_decides_with_its_evidence() -> None:
    down = ManDown(config.defaults())
    told = _feed(down, fall(peak_mg=5000))
    falls = [at for at, bits in told if bits & detect.EV_FALL]
    assert len(falls) == 1
    assert falls[0] % detect.BLOCK_SAMPLES == 0
    assert 7.5 <= falls[0] / RATE_HZ <= 8.4
    assert down.peak_mg == pytest.approx(5000, abs=2)
    assert down.tilt_deg == pytest.approx(90, abs=3)
    assert down.conditions.is_met(2)


def test_block_by_block_is_what_the_detector_says_of_the_whole() -> None:
    points = [*fall(lying_s=3.5), *rest(UPRIGHT, 8), *fall()]
    down, whole = ManDown(config.defaults()), ManDown(config.defaults())
    told = 0
    for _, bits in _feed(down, points):
        told |= bits
    assert told == detect.step_block(whole.state, words(points), len(points), whole.params)
    assert list(down.state) == list(whole.state)


def test_the_impact_can_be_found_in_the_ring() -> None:
    down = ManDown(config.defaults())
    points = fall()[: 8 * RATE_HZ]
    _feed(down, points)
    blow = round(5.3 * RATE_HZ)
    assert 0 <= len(points) - down.samples_since_impact() - blow <= 2 * detect.BLOCK_SAMPLES


def test_a_verdict_names_the_impact_it_is_about_not_the_next() -> None:
    down = ManDown(config.defaults())
    blows = [*[(0, 0, 3000)] * 4, *rest(UPRIGHT, 1), *[(0, 0, 2200)] * 4]
    points = [*rest(UPRIGHT, 5), *blows, *rest(UPRIGHT, 3)]
    at = 0
    for at in range(0, len(points), detect.BLOCK_SAMPLES):
        chunk = points[at : at + detect.BLOCK_SAMPLES]
        if down.feed(words(chunk), len(chunk)) & detect.EV_REJECTED:
            break
    at += detect.BLOCK_SAMPLES
    assert at - down.samples_since_judged() == pytest.approx(5 * RATE_HZ, abs=14)
    assert at - down.samples_since_impact() == pytest.approx(6 * RATE_HZ, abs=18)


def test_a_reset_forgets_the_motion_and_keeps_the_body_frame() -> None:
    down = ManDown(config.defaults())
    _feed(down, rest(UPRIGHT, 5)[:500])
    down.conditions.frame.known = True
    down.reset()
    assert down.room() == detect.BLOCK_SAMPLES
    assert not [at for at, bits in _feed(down, fall()[5 * RATE_HZ :]) if bits & detect.EV_FALL]
    assert down.conditions.frame.known


def test_after_a_gap_a_fall_needs_fewer_points_until_all_verdicts_on_it_are_given() -> None:
    down = ManDown(config.defaults())
    limits = (detect.P_FALL_POINTS, detect.P_DOWN_POINTS)
    usual = [down.params[limit] for limit in limits]

    def fewer() -> list[int]:
        return [was - down.params[limit] for was, limit in zip(usual, limits, strict=True)]

    def gap_of(samples: int) -> None:
        still = words([UPRIGHT] * 26)
        down.bridge(still[:3], still[:3], samples, still, 26)

    _feed(down, rest(UPRIGHT, 2))
    gap_of(1)
    assert fewer() == [gap.doubt_points(1)] * 2
    gap_of(32)
    gap_of(4)
    assert fewer() == [gap.doubt_points(32)] * 2
    _feed(down, rest(UPRIGHT, 15.8))
    assert fewer() == [gap.doubt_points(32)] * 2
    _feed(down, rest(UPRIGHT, 0.4))
    assert fewer() == [0, 0]
    gap_of(8)
    down.reset()
    assert fewer() == [0, 0]


def test_seconds_end_every_eight_blocks_of_samples() -> None:
    down = ManDown(config.defaults())
    ends = []
    for at in range(0, 400, 5):
        n = min(5, down.room())
        down.feed(array("H", bytes(6 * n)), n)
        if n < 5:
            ends.append(down.has_second())
            down.feed(array("H", bytes(6 * (5 - n))), 5 - n)
        ends.append(down.has_second())
        assert at < 400
    assert sum(ends) == 400 // RATE_HZ


def test_a_chunk_that_claims_more_than_it_holds_or_crosses_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer samples"):
        ManDown(config.defaults()).feed(array("H", [0, 0, 1000]), 2)
    with pytest.raises(ValueError, match="end of its block"):
        ManDown(config.defaults()).feed(array("H", bytes(6 * 14)), 14)

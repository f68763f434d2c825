"""Man-down runs the detector block by block and keeps the evidence of a fall."""

from __future__ import annotations

import struct
from array import array
from binascii import b2a_base64

import pytest

from badge.core.alarm import kinds
from badge.core.body.conditions import Conditions
from badge.core.body.man_down import ManDown
from badge.core.detector import detect, gap
from badge.core.settings import config
from tests.core import configs
from tests.core.detector import verifiers
from tests.core.detector.motion import (
    LYING,
    RATE_HZ,
    UPRIGHT,
    Point,
    fall,
    impact,
    rest,
    words,
)


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


class Told(Conditions):
    """What the conditions are told of verdicts."""

    def __init__(self) -> None:
        super().__init__(config.defaults(), 0)
        self.heard: list[tuple[object, ...]] = []

    def fell(self, before: list[int], in_hand: bool, flew: bool) -> None:
        self.heard.append(("fell", before, in_hand, flew))

    def no_fall(self, in_hand: bool) -> None:
        self.heard.append(("no_fall", in_hand))

    def stayed_down(self) -> None:
        self.heard.append(("stayed_down",))

    def recovered(self) -> None:
        self.heard.append(("recovered",))


# A person can check it: tilted and still is a fall, and each that is not costs 100 points.
PLAIN = b2a_base64(verifiers.PLAIN, newline=False).decode()


def _told(points: list[Point]) -> tuple[ManDown, list[tuple[object, ...]]]:
    down = ManDown(configs.config(verifier=PLAIN, fall_points=0, down_points=0))
    down.conditions = told = Told()
    _feed(down, points)
    return down, told.heard


@pytest.mark.parametrize("base", [0, 40, -30])
def test_points_are_those_that_fall_points_asks_for(base: int) -> None:
    """What the log says of an impact that was no fall is held against the setting."""
    based = verifiers.PLAIN[:5] + struct.pack("<2h", base, 0) + verifiers.PLAIN[9:]
    table = b2a_base64(based, newline=False).decode()
    stumble = rest(UPRIGHT, 5) + impact(4000) + rest(UPRIGHT, 5)

    def judged(fall_points: int) -> tuple[int, bool]:
        down = ManDown(configs.config(verifier=table, fall_points=fall_points, down_points=0))
        down.conditions = told = Told()
        _feed(down, stumble)
        return down.points(), told.heard[0][0] == "fell"

    points, _ = judged(0)
    assert points == base - 100
    assert judged(points) == (points, True)
    assert judged(points + 1) == (points, False)


def test_each_verdict_is_told_once_and_an_impact_is_none() -> None:
    _, down = _told(fall())
    assert [one[0] for one in down] == ["fell", "stayed_down"]
    _, up = _told(fall(lying_s=3.5) + rest(UPRIGHT, 8))
    assert [one[0] for one in up] == ["fell", "recovered"]
    stumble, none = _told(rest(UPRIGHT, 5) + impact(4000) + rest(UPRIGHT, 5))
    assert none == [("no_fall", False)]
    assert stumble.points() == -100
    assert not stumble.is_judging()
    _, judging = _told(rest(UPRIGHT, 5) + impact(4000) + rest(UPRIGHT, 1))
    assert judging == []


def test_a_fall_is_told_with_the_posture_and_the_flight_before_it() -> None:
    turned = [(z, x, -y) for x, y, z in fall()]
    for points, axis, sign in ((fall(), 2, 1), (turned, 0, 1)):
        _, [(_, before, in_hand, flew), *_] = _told(points)
        assert isinstance(before, list)
        size = sum(value * value for value in before) ** 0.5
        assert sign * before[axis] > 0.99 * size > 200
        assert (in_hand, flew) == (False, False)
    flight = rest(UPRIGHT, 5) + rest((0, 0, 0), 0.5) + impact(4000) + rest(LYING, 12, seed=2)
    _, [(_, _, _, flew), *_] = _told(flight)
    assert flew


def test_it_judges_from_an_impact_to_its_last_verdict() -> None:
    down = ManDown(configs.config(verifier=PLAIN, fall_points=0, down_points=0))
    points = fall()
    seen = []
    for at in range(0, len(points) - 12, 13):
        down.feed(words(points[at : at + 13]), 13)
        seen.append(down.is_judging())
    first, last = seen.index(True), len(seen) - seen[::-1].index(True)
    assert all(seen[first:last])
    assert first * 13 / RATE_HZ == pytest.approx(5.3, abs=0.2)
    assert (last - first) * 13 / RATE_HZ == pytest.approx(8.0, abs=0.2)


def _with_gap(phase: int, after: list[Point], ends: Point) -> ManDown:
    """A gap of 32 samples somewhere in a block, of a wearer who was shaken before it."""
    down = ManDown(configs.config(verifier=PLAIN, fall_points=0, down_points=0))
    before = rest(UPRIGHT, 5)[: 494 + phase] + [(0, 0, 1200)] * 4
    _feed(down, before)
    down.bridge(words(before[-1:]), words([ends]), 32, words(before[-26:]), 26)
    done = 0
    while done < 32:
        n = min(down.room(), 32 - done)
        made = array("H", bytes(6 * n))
        down.fill_gap(made, done, n)
        down.feed(made, n)
        done += n
    _feed(down, after)
    return down


@pytest.mark.requirement("R02")
@pytest.mark.parametrize("phase", range(13))
def test_a_blow_that_nobody_saw_has_no_strength_and_one_that_was_seen_has(phase: int) -> None:
    unseen = _with_gap(phase, rest(LYING, 10, seed=2), LYING)
    seen = _with_gap(phase, impact(7000) + rest(LYING, 10, seed=2), (0, 500, 3500))
    for down, peak_mg in ((unseen, None), (seen, pytest.approx(7000, abs=2))):
        assert down.conditions.is_met(kinds.MAN_DOWN)
        assert down.peak_mg == peak_mg


def test_after_a_reset_no_blow_is_one_of_a_gap_before_it() -> None:
    down = _with_gap(0, rest(UPRIGHT, 1), LYING)
    clock = down.state[detect.S_CLOCK]
    down.reset()
    assert clock > 0
    assert down.state[detect.S_CLOCK] == 0
    _feed(down, fall(peak_mg=5000))
    assert down.peak_mg == pytest.approx(5000, abs=2)


def test_nothing_and_a_whole_block_may_be_fed() -> None:
    down = ManDown(config.defaults())
    block = array("H", bytes(6 * 13))
    assert down.feed(block, 0) == 0
    assert not down.has_second()
    assert down.room() == 13
    with pytest.raises(ValueError, match="fewer samples"):
        down.feed(block, -1)
    for _ in range(8):
        down.feed(block, 13)
    assert down.has_second()
    down.feed(block, 0)
    assert not down.has_second()
    down.feed(block, 12)
    assert down.room() == 1
    with pytest.raises(ValueError, match="end of its block"):
        down.feed(block, 2)

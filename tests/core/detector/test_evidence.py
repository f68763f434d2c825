"""The evidence is what its names say: measured here by floats, from blocks of any motion.

Angles are 128 + 128 * cosine, sizes 8 * log2; the kernel's integers may round either by two.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

import numpy as np
import pytest

from badge.core.detector import detect, evidence

Vector = np.ndarray
# A block has the sums of 13 samples, halved: so much is 1 g. The floors are 30 mg
# of it, and 10 mg before an impact.
G = 6500
FLOOR, FLOOR_BEFORE = 195, 65
UPRIGHT_G = 406


class Motion:
    """A ring full of blocks, some before the anchored impact and some after it."""

    def __init__(self, seed: int, *, seen: int = 60, after: int = 21, knows_upright: bool) -> None:
        rng = np.random.default_rng(seed)
        self.end = 64 * int(rng.integers(2, 9)) + int(rng.integers(0, 64))
        self.a, self.start = self.end - after, self.end - seen
        self.first = max(self.start, self.a - 32)
        before, behind, upright = (_direction(rng) for _ in range(3))
        # From as still as a sensor is to a body that is shaken.
        noise_g = float(rng.choice([0.002, 0.01, 0.15]))
        self.block = {
            n: G * ((before if n < self.a else behind) + rng.normal(0, noise_g, 3))
            for n in range(self.end - 64, self.end)
        }
        self.q = {n: int(rng.integers(100_000, 4_000_000)) for n in self.block}
        self.off = {n: int(rng.integers(0, 200_000)) for n in self.block}
        self.step = {n: int(rng.integers(20, 4000)) for n in self.block}
        self.peak_q = int(rng.integers(1_000_000, 9_000_000))
        self.judged = self.end - int(rng.integers(12, 60))
        self.upright = UPRIGHT_G * upright if knows_upright else None
        self.state = self._state()

    def _state(self) -> array[int]:
        state = array("i", [0] * detect.STATE_WORDS)
        detect.reset(state)
        for n, sums in self.block.items():
            at = evidence.S_RING + n % 64 * 8
            state[at : at + 3] = array("i", [int(v) + 13 * 16384 for v in sums])
            state[at + 3], state[at + 4], state[at + 5] = self.q[n], self.off[n], self.step[n]
        state[evidence.S_BLOCKS], state[evidence.S_SEEN] = self.end, self.end - self.start
        state[evidence.S_ANCHOR], state[evidence.S_PEAK_Q] = self.a, self.peak_q
        state[evidence.S_JUDGED] = self.judged
        if self.upright is not None:
            state[evidence.S_UPRIGHTS] = 1
            state[16:19] = array("i", [int(v) + 16384 for v in self.upright])
        return state

    def mean(self, first: int, end: int) -> Vector:
        found: Vector = np.mean([self.block[n] for n in range(first, end)], axis=0)
        return found

    def movement(self, first: int, end: int) -> float:
        """Between each of these blocks and the one before it, over the axes."""
        steps = (np.abs(self.block[n] - self.block[n - 1]).sum() for n in range(first, end))
        return float(sum(steps))

    def stillest(self, first: int, end: int, floor: int) -> float:
        """Of the half seconds there; a block of it."""
        halves = [self.movement(n, n + 4) for n in range(first, end - 3)]
        return size(min(halves) / 4 + floor)

    def most(self, values: dict[int, int], blocks: Sequence[int]) -> int:
        return max(values[n] for n in blocks)

    def sum_off(self, first: int, end: int) -> float:
        return size(sum(self.off[n] for n in range(first, end)) / 8 + 256)

    def drop(self, upright: Vector) -> float:
        """The largest loss of weight along upright up to the impact."""
        total = most = 0.0
        for n in range(self.a - 10, self.a + 1):
            along = float(upright @ self.block[n]) / 16 / 409.6
            total = max(0.0, total + UPRIGHT_G - along)
            most = max(most, total)
        return size(most + 100)


def _direction(rng: np.random.Generator) -> Vector:
    drawn = rng.normal(size=3)
    found: Vector = drawn / np.linalg.norm(drawn)
    return found


def angle(one: Vector, other: Vector) -> float:
    cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
    return min(255.0, 128 + 128 * float(cosine))


def size(value: float) -> float:
    return 8 * math.log2(value)


def of_impact(m: Motion) -> dict[str, float]:
    a, end = m.a, m.end
    before, now, soon = m.mean(m.first, a - 8), m.mean(end - 8, end), m.mean(a + 4, a + 8)
    blow, half = m.mean(a, a + 2), (m.first + a - 8) // 2
    upright = m.upright
    if upright is None:
        # The mean of less than the 4 s before is as short as its blocks are few of a power of 2.
        count = m.a - 8 - m.first
        upright = before / 16 * (1 if count == 24 else count / 2 ** math.ceil(math.log2(count)))
    turns = [angle(m.mean(n - 4, n), m.mean(n, n + 4)) for n in range(a - 8, a + 5, 2)]
    rest = m.first + 1 if m.first == m.start else m.first
    around = [n for n in range(a - 6, a + 7) if abs(n - a) > 1 and n < end]
    peak = size(m.peak_q)
    return {
        "TILT": angle(before, now),
        "FROM_UPRIGHT": angle(upright, now),
        "TILT_SOON": angle(before, soon),
        "SETTLED": angle(now, soon),
        "TILT_IMPACT": angle(before, blow),
        "TURN_AFTER_IMPACT": angle(now, blow),
        "TILT_LATE": angle(now, m.mean(max(m.start, a - 16), a - 4)),
        "TURN": angle(m.mean(a - 12, a - 4), m.mean(a + 3, a + 11)),
        "STEADY_BEFORE": angle(m.mean(m.first, half), m.mean(half, a - 8)),
        "TURN_SPEED": min(turns),
        "PEAK": peak,
        "PEAK_OVER_BEFORE": peak - size(m.most(m.q, range(m.first, a - 4))) + 64,
        "PEAK_OVER_AFTER": peak - size(m.most(m.q, range(a + 5, end))) + 64,
        "SECOND_PEAK": size(m.most(m.q, around)),
        "IMPACT_WIDTH": sum(m.q[n] > m.peak_q >> 2 for n in range(a - 4, a + 5)),
        "JERK": size(m.most(m.step, range(a - 2, a + 3))),
        "SHAKEN_BEFORE": m.sum_off(a - 8, a - 1),
        "BLOW": m.sum_off(a - 1, a + 2),
        "SHAKEN": m.sum_off(a - 4, a + 5),
        "STILL_BEFORE": m.stillest(rest, a - 6, FLOOR_BEFORE),
        "STILLEST": m.stillest(a + 4, end, FLOOR),
        "MOVED": size(m.movement(a - 8, a + 8) / 16 + FLOOR),
        "SWING": size(m.movement(end - 8, end) / 8 + FLOOR),
        "DROP": m.drop(upright),
    }


def of_rest(m: Motion) -> dict[str, float]:
    end = m.end
    since = min(end - m.judged, 44)
    before, now = m.mean(m.first, m.a - 8), m.mean(end - 8, end)
    upright = before if m.upright is None else m.upright
    seconds = [m.mean(n, n + 8) for n in range(end - since, end - 7, 4)]
    return {
        "TILT_DOWN": angle(before, now),
        "DOWN_FROM_UPRIGHT": angle(upright, now),
        "MOVED_DOWN": size(m.movement(end - since, end) / 44 + FLOOR),
        "UP_AGAIN": max(angle(before, one) for one in seconds),
    }


def told(motion: Motion) -> dict[str, int]:
    return {
        name: motion.state[evidence.S_EVIDENCE + getattr(evidence, f"E_{name}")]
        for name in (*of_impact(motion), *of_rest(motion))
    }


@pytest.mark.parametrize("knows_upright", [True, False])
@pytest.mark.parametrize(("seen", "after"), [(60, 21), (48, 21), (64, 24)])
def test_each_piece_is_what_its_name_says(seen: int, after: int, knows_upright: bool) -> None:
    for seed in range(12):
        motion = Motion(seed, seen=seen, after=after, knows_upright=knows_upright)
        evidence.weigh_impact(motion.state)
        evidence.weigh_rest(motion.state)
        found = told(motion)
        expected = of_impact(motion) | of_rest(motion)
        assert len(expected) == evidence.EVIDENCE
        wrong = {
            name: (found[name], round(value, 1))
            for name, value in expected.items()
            # The drop is a sum of eleven blocks, each rounded.
            if abs(found[name] - min(255.0, max(0.0, value))) > (3 if name == "DROP" else 2)
        }
        assert wrong == {}, seed

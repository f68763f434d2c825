"""How many points each piece of evidence gave or took, from the verifier's table of trees.

A tree looks at up to three pieces of evidence at once. Its points are shared out among them by
Shapley's rule (the mean over all orders in which they could be told, of what each adds), against
a tree of which nothing is known yet (the mean of its leaves). So the parts add up to the score.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect, evidence, verifier

_LEAF_ZERO: Final = 128
_FLOOR: Final = 195  # evidence._MOVE_FLOOR, which is 30 mg
_MG_A_UNIT: Final = 30 / _FLOOR


@dataclass(frozen=True)
class PointsFor:
    """A piece of evidence in words, and the points it gave."""

    name: str
    measured: str
    points: float


@dataclass(frozen=True)
class Score:
    """A verdict: it passes from `needed` points on; `start` and the parts add up to `total`."""

    total: int
    needed: int
    start: float
    parts: list[PointsFor]

    @property
    def passed(self) -> bool:
        """Whether the impact was judged a fall, or the wearer down."""
        return self.total >= self.needed


@dataclass(frozen=True)
class _Trees:
    """The trees of one verdict: what they look at, from which limit on, and the shares."""

    asked: NDArray[np.int64]
    limits: NDArray[np.int64]
    shares: NDArray[np.float64]
    base: int


def of_impact(words: NDArray[np.int32], config: Any) -> Score:
    """Return the score of the judged impact from the start of the detector's state."""
    trees, _ = _trees(config.verifier)
    return _score(words, trees, int(words[detect.S_POINTS]), int(config.fall_points))


def of_rest(words: NDArray[np.int32], config: Any) -> Score:
    """Return the score of the rest after a fall from the start of the detector's state."""
    _, trees = _trees(config.verifier)
    return _score(words, trees, int(words[detect.S_DOWN_POINTS]), int(config.down_points))


def tree_counts(table: bytes) -> tuple[int, int]:
    """Return how many trees judge an impact in a table that parses, and how many the rest."""
    at = len(verifier.MAGIC)
    fall, down = table[at : at + 2]
    return fall, down


def in_words(index: int, value: int) -> tuple[str, str]:
    """Return the name of a piece of evidence, and its byte as a person reads it."""
    name, text = _WORDS[index]
    return name, text(value)


def _score(words: NDArray[np.int32], trees: _Trees, summed: int, needed: int) -> Score:
    """Share out the points that the kernel itself gave: `summed`, as it stands in its state."""
    known = words[detect.S_EVIDENCE : detect.S_EVIDENCE + evidence.EVIDENCE].astype(np.int64)
    bits = (known[trees.asked] > trees.limits) @ np.array([1, 2, 4])
    rows = np.arange(len(bits))
    shared = np.zeros(evidence.EVIDENCE)
    np.add.at(shared, trees.asked, trees.shares[rows, bits])
    total = trees.base + summed - detect.POINTS_BIAS
    parts = [
        PointsFor(name, text(int(known[index])), float(shared[index]))
        for index, (name, text) in _WORDS.items()
        if shared[index]
    ]
    parts.sort(key=lambda part: -abs(part.points))
    return Score(total, needed, total - float(shared.sum()), parts)


@functools.lru_cache(maxsize=8)
def _trees(text: str) -> tuple[_Trees, _Trees]:
    table = verifier.parse(text)
    rows = np.frombuffer(table, np.uint8, offset=verifier.HEAD_BYTES).astype(np.int64)
    rows = rows.reshape(-1, verifier.TREE_BYTES)
    fall_base, down_base = verifier.bases(table)
    fall, _ = tree_counts(table)
    return _made(rows[:fall], fall_base), _made(rows[fall:], down_base)


def _made(rows: NDArray[np.int64], base: int) -> _Trees:
    leaves = rows[:, 6:] - _LEAF_ZERO
    return _Trees(rows[:, 0:6:2], rows[:, 1:6:2], _shares(leaves), base)


def _shares(leaves: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shapley shares: trees x 8 leaves x 3 tests."""
    cube = leaves.reshape(-1, 2, 2, 2).astype(np.float64)  # axes: tree, c, b, a
    shares = np.zeros((len(leaves), 8, 3))
    for order in itertools.permutations(range(3)):
        told: set[int] = set()
        before = _expected(cube, told)
        for test in order:
            told.add(test)
            after = _expected(cube, told)
            shares[:, :, test] += (after - before) / 6
            before = after
    return shares


def _expected(cube: NDArray[np.float64], told: set[int]) -> NDArray[np.float64]:
    """The mean of the leaves that are left when some tests are told, for each leaf."""
    hidden = tuple(3 - test for test in range(3) if test not in told)
    mean = cube.mean(axis=hidden, keepdims=True) if hidden else cube
    return np.broadcast_to(mean, cube.shape).reshape(len(cube), 8)


def _degrees(value: int) -> str:
    return f"{round(float(np.degrees(np.arccos(np.clip((value - 128) / 128, -1, 1)))))} degrees"


def _size(value: float) -> float:
    """The size that a byte stands for: straight lines between the powers of 2, as the kernel's."""
    exponent, eighths = divmod(value, 8)
    return float(2**exponent * (1 + eighths / 8))


def _g(value: int) -> str:
    return f"{2 * _size(value + 0.5) ** 0.5 / 1000:.1f} g"


def _jolt(value: int) -> str:
    return f"{2 * _size(value + 0.5) / 1000:.1f} g between samples"


def _ratio(value: int) -> str:
    return f"{_size(value - 64) ** 0.5:.1f} times"


def _moved(value: int) -> str:
    return f"{max(0, round((_size(value) - _FLOOR) * _MG_A_UNIT))} mg"


def _still_before(value: int) -> str:
    return f"{max(0, round((_size(value) - (_FLOOR - 130)) * _MG_A_UNIT))} mg"


def _level(value: int) -> str:
    return f"level {value}"


def _drop(value: int) -> str:
    # 406 is 1 g over 1/8 s.
    return f"{max(0.0, (_size(value) - 100) / 406 / 8 * 9.81):.1f} m/s"


def _lasted(value: int) -> str:
    return f"{value / 8:.2f} s"


_Words = tuple[str, Callable[[int], str]]
_WORDS: Final[dict[int, _Words]] = {
    evidence.E_TILT: ("posture changed", _degrees),
    evidence.E_FROM_UPRIGHT: ("now away from upright", _degrees),
    evidence.E_TILT_SOON: ("posture changed within 1 s", _degrees),
    evidence.E_PEAK: ("impact", _g),
    evidence.E_PEAK_OVER_AFTER: ("impact over what followed", _ratio),
    evidence.E_SHAKEN: ("shaken around the impact", _level),
    evidence.E_TILT_LATE: ("posture changed since just before", _degrees),
    evidence.E_TURN_SPEED: ("fastest turn in half a second", _degrees),
    evidence.E_IMPACT_WIDTH: ("above half the impact for", _lasted),
    evidence.E_TURN: ("turned across the impact", _degrees),
    evidence.E_STILLEST: ("movement in the stillest half second after", _moved),
    evidence.E_BLOW: ("force of the blow", _level),
    evidence.E_PEAK_OVER_BEFORE: ("impact over what came before", _ratio),
    evidence.E_JERK: ("sharpest jolt", _jolt),
    evidence.E_MOVED: ("movement around the impact", _moved),
    evidence.E_STILL_BEFORE: ("movement in the stillest half second before", _still_before),
    evidence.E_SWING: ("movement in the last second", _moved),
    evidence.E_TILT_IMPACT: ("posture changed at the impact", _degrees),
    evidence.E_TURN_AFTER_IMPACT: ("turned after the impact", _degrees),
    evidence.E_STEADY_BEFORE: ("posture wandered before", _degrees),
    evidence.E_SECOND_PEAK: ("second blow", _g),
    evidence.E_DROP: ("fell before the impact", _drop),
    evidence.E_SETTLED: ("turned after the first second", _degrees),
    evidence.E_SHAKEN_BEFORE: ("shaken before the impact", _level),
    evidence.E_UP_AGAIN: ("nearest to the posture before", _degrees),
    evidence.E_TILT_DOWN: ("posture changed at the end", _degrees),
    evidence.E_DOWN_FROM_UPRIGHT: ("at the end away from upright", _degrees),
    evidence.E_MOVED_DOWN: ("movement since the fall", _moved),
}

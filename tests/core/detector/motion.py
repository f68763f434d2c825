"""Made-up motion of a body with a badge, for tests of what the detector makes of it."""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence

RATE_HZ = 104

Point = tuple[int, int, int]

UPRIGHT: Point = (0, 0, 1000)
LYING: Point = (1000, 0, 0)


def rest(posture: Point, seconds: float, *, sway_mg: int = 8, seed: int = 1) -> list[Point]:
    """Return a body that hardly moves."""
    rng = random.Random(seed)
    return [
        (
            posture[0] + rng.randint(-sway_mg, sway_mg),
            posture[1] + rng.randint(-sway_mg, sway_mg),
            posture[2] + rng.randint(-sway_mg, sway_mg),
        )
        for _ in range(round(seconds * RATE_HZ))
    ]


def impact(peak_mg: int) -> list[Point]:
    """Return 50 ms of a blow along the upright axis."""
    return [(0, 0, peak_mg * share // 4) for share in (2, 3, 4, 3, 2)]


def fall(peak_mg: int = 4000, lying_s: float = 12.0) -> list[Point]:
    """Return standing for 5 s, a fall and lying still; the blow begins 5.3 s after the start."""
    drop = rest((0, 0, 300), 0.3)
    return rest(UPRIGHT, 5) + drop + impact(peak_mg) + rest(LYING, lying_s, seed=2)


def words(points: Sequence[Point]) -> array[int]:
    """Return points as the kernel takes them: int16 milli-g as uint16."""
    return array("H", [value & 0xFFFF for point in points for value in point])

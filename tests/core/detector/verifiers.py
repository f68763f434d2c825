"""A verifier that a person can check, for tests of what is done with a verdict."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from badge.core.detector import evidence, verifier

_NEVER = 255
_COST = -100
_GAIN = 1


def table(
    fall: list[tuple[int, int]],
    down: list[tuple[int, int]],
    gains: Sequence[tuple[int, int]] = (),
) -> bytes:
    """Return a table of plain thresholds: each (evidence, limit) that is exceeded costs points.

    An impact, or the rest, passes if nothing costs points; `gains` make an impact likelier.
    """
    found = verifier.MAGIC + bytes([len(fall) + len(gains), len(down)]) + struct.pack("<2h", 0, 0)
    costs = [(test, limit, _COST) for test, limit in fall]
    costs += [(test, limit, _GAIN) for test, limit in gains]
    costs += [(test, limit, _COST) for test, limit in down]
    for test, limit, points in costs:
        unused = bytes([test, _NEVER])
        found += bytes([test, limit]) + unused + unused
        found += bytes([128, 128 + points, *[128] * 6])
    verifier.check(found)
    return found


# Tilted by more than 45 degrees and still; later still tilted.
PLAIN = table(
    [(evidence.E_TILT, 218), (evidence.E_SWING, 80)],
    [(evidence.E_TILT_DOWN, 218), (evidence.E_UP_AGAIN, 218)],
)

"""A verifier that a person can check, for tests of what is done with a verdict."""

from __future__ import annotations

import struct

from badge.core.detector import evidence, verifier

_NEVER = 255


def table(fall: list[tuple[int, int]], down: list[tuple[int, int]]) -> bytes:
    """Return a table of plain thresholds: each (evidence, limit) that is exceeded costs a point.

    An impact, or the rest, passes if nothing costs a point.
    """
    found = verifier.MAGIC + bytes([len(fall), len(down)]) + struct.pack("<2h", 0, 0)
    for test, limit in fall + down:
        unused = bytes([test, _NEVER])
        found += bytes([test, limit]) + unused + unused
        found += bytes([128, 127, *[128] * 6])
    verifier.check(found)
    return found


# Tilted by more than 45 degrees and still; later still tilted.
PLAIN = table(
    [(evidence.E_TILT, 218), (evidence.E_SWING, 80)],
    [(evidence.E_TILT_DOWN, 218), (evidence.E_UP_AGAIN, 218)],
)

"""Reads what badge/core/codec/motion_code.py wrote: samples as Rice codes of differences."""

from collections.abc import Iterator
from itertools import repeat
from typing import Final

from badge.core.codec.motion_code import CHUNK

_WIDTH_BITS: Final = 5
# Of the largest difference there can be, twice that between the ends of int16.
_MOST_ONES: Final = 1 << 18
Sample = tuple[int, int, int]


class DamagedCodeError(ValueError):
    """Bytes that no encoder wrote."""


def decode(data: bytes, count: int) -> list[Sample]:
    """So many samples, int16 each, from all of `data`; DamagedCodeError for anything else."""
    found: list[Sample] = []
    last = [0, 0, 0]
    at = 0
    while len(found) < count:
        n = min(CHUNK, count - len(found))
        bits = _Bits(data, at)
        widths = [bits.take(_WIDTH_BITS) for _axis in range(3)]
        for _sample in repeat(None, n):
            for axis, width in enumerate(widths):
                code = bits.ones() << width | bits.take(width)
                last[axis] += -(code + 1) // 2 if code & 1 else code // 2
                if not -0x8000 <= last[axis] <= 0x7FFF:
                    raise DamagedCodeError("a sample outside int16")
            found.append((last[0], last[1], last[2]))
        at = bits.end()
    if at != len(data):
        raise DamagedCodeError(f"{len(data) - at} bytes after the last sample")
    return found


class _Bits:
    """Reads bits from a byte on, most significant first."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._bit = 8 * at
        self._left = _stream(data, at)

    def take(self, count: int) -> int:
        value = 0
        for _bit in range(count):
            value = value << 1 | self._next()
        return value

    def ones(self) -> int:
        count = 0
        while self._next():
            count += 1
            if count > _MOST_ONES:
                raise DamagedCodeError("a code without an end")
        return count

    def end(self) -> int:
        """The byte after the last one of which a bit was read; the rest of that one is 0."""
        while self._bit % 8:
            if self._next():
                raise DamagedCodeError("a chunk that is not filled up with zeros")
        return self._bit // 8

    def _next(self) -> int:
        self._bit += 1
        try:
            return next(self._left)
        except StopIteration:
            raise DamagedCodeError("cut off") from None


def _stream(data: bytes, at: int) -> Iterator[int]:
    for byte in memoryview(data)[at:]:
        for shift in range(7, -1, -1):
            yield byte >> shift & 1

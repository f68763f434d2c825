"""The motion ring keeps the newest seconds, whatever the size of the pieces they come in."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.detector.ring import MotionRing


def _samples(first: int, n: int) -> array[int]:
    """Return n samples whose words tell which sample and axis they are."""
    return array("H", [(3 * (first + i) + axis) & 0xFFFF for i in range(n) for axis in range(3)])


def _write(ring: MotionRing, chunks: list[int]) -> int:
    written = 0
    for n in chunks:
        ring.write(_samples(written, n), n)
        written += n
    return written


@given(
    chunks=st.lists(st.integers(0, 50), max_size=20),
    n=st.integers(0, 40),
    back=st.integers(-10, 60),
)
def test_a_window_holds_exactly_the_samples_still_there(
    chunks: list[int], n: int, back: int
) -> None:
    ring = MotionRing(16)
    written = _write(ring, chunks)
    end = max(0, written - back)
    kept = [i for i in range(max(0, end - n), min(end, written)) if i >= written - 16]
    window = array("H", bytes(6 * 40))
    assert ring.copy_last(window, n, end) == len(kept)
    assert window[: 3 * len(kept)] == _samples(kept[0] if kept else 0, len(kept))
    assert (ring.count, ring.oldest) == (written, max(0, written - 16))


def test_the_newest_samples_are_copied_by_default() -> None:
    ring = MotionRing(16)
    _write(ring, [26, 26])
    window = array("H", bytes(6 * 4))
    assert ring.copy_last(window, 4) == 4
    assert window == _samples(48, 4)


def test_a_chunk_that_claims_more_than_it_holds_is_refused() -> None:
    ring = MotionRing(16)
    with pytest.raises(ValueError, match="fewer samples"):
        ring.write(array("H", [1, 2, 3]), 2)
    assert ring.count == 0


def test_a_window_buffer_that_is_too_small_is_refused() -> None:
    ring = MotionRing(16)
    _write(ring, [16])
    with pytest.raises(ValueError, match="too small"):
        ring.copy_last(array("H", [0] * 6), 3)


@pytest.mark.parametrize("size", [0, 1, 12, -8])
def test_a_size_that_is_no_power_of_two_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        MotionRing(size)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(-1, 9)), max_size=80))
def test_no_lost_sample_is_ever_forgotten(steps: list[tuple[int, int]]) -> None:
    ring = MotionRing(16)
    lost: list[tuple[int, int]] = []
    for n, missing in steps:
        ring.write(_samples(ring.count, n), n)
        ring.mark_gap(missing)
        if missing > 0:
            lost.append((ring.count, missing))
    assert ring.lost == sum(n for _, n in lost)
    seen = ring.gaps(ring.oldest, ring.count + 1)
    assert sum(n for _, n in seen) >= sum(n for at, n in lost if at >= ring.oldest)
    assert {at for at, _ in seen} <= {at for at, _ in lost}
    assert list(seen) == sorted(seen)


def test_gaps_are_told_apart_while_they_are_in_the_window() -> None:
    ring = MotionRing(64)
    for lost in (7, 3, 1):
        _write(ring, [10])
        ring.mark_gap(lost)
    _write(ring, [1])
    assert ring.gaps(0, 64) == ((10, 7), (20, 3), (30, 1))
    assert ring.gaps(10, 30) == ((10, 7), (20, 3))
    assert ring.gaps(11, 20) == ()


def test_a_gap_says_where_it_was_and_how_long() -> None:
    ring = MotionRing(64)
    _write(ring, [10])
    ring.mark_gap(7)
    ring.mark_gap(2)
    _write(ring, [5])
    assert ring.gaps(0, 15) == ((10, 9),)
    assert ring.gaps(11, 15) == ()

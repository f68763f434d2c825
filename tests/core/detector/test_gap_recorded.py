"""Gaps in recorded falls, bridged as the badge does it (private data, skipped when absent).

`python -m nabij.measure.gaps` is the whole of it: every fall of every set, in steps of 1/8 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from badge.core.detector import gap
from nabij.data import bundles
from nabij.measure import gaps
from nabij.measure.gaps import Recorded

_LONGEST = gap.LONGEST_SAMPLES
# What a bad word or a transfer that breaks off costs (tests/firmware/drivers).
_OF_A_FAULT = 2


@pytest.fixture(
    scope="module",
    params=[("fallalld", "neck", "neck"), ("sisfall", "waist", "belt")],
    ids=lambda one: str(one[0]),
)
def falls(request: pytest.FixtureRequest, data_dir: Path) -> Recorded:
    """Every fall of a set."""
    name, placement, config = request.param
    rows = bundles.load_bundle(data_dir / name, placement=placement).rows
    return gaps.gather([one for one in rows if one.is_fall], config)


@pytest.fixture(scope="module")
def found(falls: Recorded) -> NDArray[np.bool_]:
    """Which of them are found without a gap."""
    return gaps.alarms(falls, falls.samples)[0]


@pytest.mark.requirement("R02")
def test_the_longest_gap_costs_at_most_one_fall_in_a_hundred_wherever_it_is(
    falls: Recorded, found: NDArray[np.bool_]
) -> None:
    for place in gaps.missed(falls, _LONGEST, 500):
        assert sum(place.missed.values()) <= found.sum() // 100, place


@pytest.mark.requirement("R02")
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=4, derandomize=True)
def test_faults_of_bus_and_words_cost_no_fall(
    falls: Recorded, found: NDArray[np.bool_], seed: int
) -> None:
    """Five in each recording of 15 s: more often than is borne without a word."""
    seen = _seen_with(falls, seed, 5, _OF_A_FAULT)
    assert not np.any(found & ~seen)


@pytest.mark.requirement("R02")
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=4, derandomize=True)
def test_gaps_of_any_length_that_is_bridged_at_any_time_cost_next_to_nothing(
    falls: Recorded, found: NDArray[np.bool_], seed: int
) -> None:
    """Two in each recording: as often as a chip that resets itself is borne without a word."""
    seen = _seen_with(falls, seed, 2, _LONGEST)
    assert np.count_nonzero(found & ~seen) <= 1


def _seen_with(falls: Recorded, seed: int, count: int, longest: int) -> NDArray[np.bool_]:
    """Which falls are found with so many gaps at random in each recording."""
    rng = np.random.default_rng(seed)
    return _seen(falls, [_drawn(falls, rng, longest) for _ in range(count)])


def _drawn(
    data: Recorded, rng: np.random.Generator, longest: int
) -> tuple[NDArray[np.int64], int]:
    """Where a gap begins in each recording, and how long it is."""
    room = np.diff(data.offsets)
    first = (rng.random(len(room)) * room).astype(np.int64)
    return first, int(rng.integers(1, longest + 1))


def _seen(data: Recorded, drawn: Sequence[tuple[NDArray[np.int64], int]]) -> NDArray[np.bool_]:
    samples = data.samples
    for first, length in drawn:
        samples = gaps.with_gaps(data, first, length, samples)
    return gaps.alarms(data, samples, gaps.doubt(data, drawn))[0]

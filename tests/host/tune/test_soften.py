"""Softened falls: what is quick in them is weaker, postures and slow turns stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core.detector import detect
from nabij.detector.sampling import Samples
from nabij.tune.recordings import Copies, sample_of
from nabij.tune.soften import softened
from tests.core.detector.motion import UPRIGHT, fall, rest

RATE_HZ = detect.RATE_HZ


def _sway(hz: float, seconds: int = 20, size_mg: int = 800) -> Samples:
    t = np.arange(seconds * RATE_HZ) / RATE_HZ
    wave = size_mg * np.sin(2 * np.pi * hz * t)
    return np.stack([wave, np.zeros_like(wave), np.full_like(wave, 1000)], axis=1).astype(np.int16)


def _soft(acc: Samples, share: float) -> Samples:
    return softened(acc, np.array([0, len(acc)]), share)


@pytest.mark.parametrize(("hz", "kept"), [(0.2, 1.0), (0.5, 1.0), (8.0, 0.4), (20.0, 0.4)])
def test_motion_above_2_hz_is_scaled_and_what_is_slower_is_not(hz: float, kept: float) -> None:
    middle = slice(5 * RATE_HZ, 15 * RATE_HZ)
    soft = _soft(_sway(hz), 0.4)[middle]
    assert np.ptp(soft[:, 0]) == pytest.approx(1600 * kept, rel=0.03)
    assert soft[:, 2] == pytest.approx(1000, abs=1)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.3, 1.0), st.integers(0, 2**32 - 1))
def test_the_posture_before_and_after_a_fall_stays(share: float, seed: int) -> None:
    acc = np.array(fall(peak_mg=2500 + seed % 8000), np.int16)
    soft = _soft(acc, share)
    for part in (slice(0, 4 * RATE_HZ), slice(8 * RATE_HZ, None)):
        assert soft[part].mean(axis=0) == pytest.approx(acc[part].mean(axis=0), abs=6)
    peaks = [int(np.linalg.norm(one.astype(np.float64), axis=1).max()) for one in (soft, acc)]
    assert peaks[0] <= peaks[1] + 2


def test_a_share_of_one_changes_nothing_and_each_recording_has_its_own() -> None:
    one = np.array(fall(), np.int16)
    both = np.concatenate([one, one])
    soft = softened(both, np.array([0, len(one), 2 * len(one)]), [1.0, 0.5])
    assert np.abs(soft[: len(one)] - one).max() <= 1
    assert soft[len(one) :].max() < one.max()


def test_only_falls_are_copied_softly_under_their_own_numbers() -> None:
    walks, falls = np.array(rest(UPRIGHT, 3) + fall()[520:], np.int16), np.array(fall(), np.int16)
    samples = np.concatenate([walks, falls])
    offsets = np.array([0, len(walks), len(samples)])
    found = sample_of((samples, offsets), Copies(noisy=1, soft=2), np.array([False, True]))
    assert set(found.copy.tolist()) == {0, 1, -1, -2}
    assert set(found.impacts.recording[found.copy < 0].tolist()) == {1}

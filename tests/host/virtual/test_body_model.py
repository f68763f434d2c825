"""The body model: made-up motion that has the physics of the real thing."""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt
import pytest

from badge.core.detector import detect
from badge.core.detector import params as detector_params
from badge.core.settings import config
from nabij.virtual.body_model import RATE_HZ, Body, Samples


def norm(samples: Samples) -> npt.NDArray[np.float64]:
    length: npt.NDArray[np.float64] = np.linalg.norm(samples.astype(np.float64), axis=1)
    return length


def events_of(samples: Samples) -> int:
    state = array("i", [0] * detect.STATE_WORDS)
    detect.reset(state)
    words = array("H", np.ascontiguousarray(samples).view(np.uint16).ravel().tolist())
    params = detector_params.build(config.defaults())
    return int(detect.step_block(state, words, len(samples), params))


def test_the_same_seed_makes_the_same_samples_and_another_seed_others() -> None:
    assert np.array_equal(Body(3).walk_fall_lie(), Body(3).walk_fall_lie())
    assert not np.array_equal(Body(3).walk_fall_lie(), Body(4).walk_fall_lie())


def test_samples_are_int16_rows_of_three_at_104_hz() -> None:
    samples = Body().walking(5)
    assert samples.dtype == np.int16
    assert samples.shape == (5 * RATE_HZ, 3)


def test_walking_averages_to_gravity_and_swings_at_the_step_rate() -> None:
    samples = Body(step_hz=2.0).walking(30)
    assert samples.mean(axis=0) == pytest.approx([0, 1000, 0], abs=60)
    spectrum = np.abs(np.fft.rfft(samples[:, 1] - samples[:, 1].mean()))
    peak_hz = np.argmax(spectrum) * RATE_HZ / len(samples)
    assert peak_hz == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_fall_is_light_then_hard_then_flat(seed: int) -> None:
    body = Body(seed)
    length = norm(body.fall())
    hit = int(np.argmax(length))
    assert length[:hit].min() < 500
    assert length[hit] > 3000
    lying = body.lying(5).mean(axis=0)
    assert lying == pytest.approx([0, 0, 1000], abs=30)


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_detector_sees_the_fall_and_only_the_fall(seed: int) -> None:
    body = Body(seed)
    assert events_of(body.walk_fall_lie()) & detect.EV_CONFIRMED
    assert not events_of(np.concatenate([body.standing(20), body.walking(60)])) & detect.EV_FALL

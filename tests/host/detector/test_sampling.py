"""Resampling keeps motion and removes what the badge could not tell; quantising is the chip's."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.detector.sampling import Samples, measured, resample
from tests.mp import run_mp

RATES_HZ = (20, 25, 40, 50, 87.93, 100, 128, 200, 238)


def tone(rate_hz: float, tone_hz: float, seconds: float = 6.0) -> Samples:
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    acc = np.zeros((len(t), 3), np.int16)
    acc[:, 1] = 1000 + 500 * np.sin(2 * np.pi * tone_hz * t)
    return acc


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_motion_keeps_its_shape_and_its_time_at_every_rate_of_a_data_set(rate_hz: float) -> None:
    out = resample(tone(rate_hz, 4), rate_hz)
    assert len(out) == pytest.approx(6 * 104, abs=6)
    at = np.arange(len(out)) / 104
    inner = (at > 1) & (at < 5)
    expected = 1000 + 500 * np.sin(2 * np.pi * 4 * at)
    assert np.abs(out[inner, 1] - expected[inner]).max() < 6
    assert not out[:, [0, 2]].any()


@pytest.mark.parametrize(("rate_hz", "tone_hz"), [(200, 63), (200, 95), (238, 70), (238, 110)])
def test_what_is_above_half_the_badges_rate_does_not_come_back_as_slow_motion(
    rate_hz: float, tone_hz: float
) -> None:
    out = resample(tone(rate_hz, tone_hz), rate_hz)[104:-104, 1]
    assert np.abs(out - 1000).max() < 5


def test_a_slow_logger_gains_no_ripple() -> None:
    """At 20 Hz a 4 Hz motion has images at 16 and 24 Hz, which the badge's 104 Hz could hold."""
    out = resample(tone(20, 4), 20)[104:-104, 1].astype(float)
    spectrum = np.abs(np.fft.rfft((out - out.mean()) * np.hanning(len(out))))
    hz = np.fft.rfftfreq(len(out), 1 / 104)
    assert spectrum[hz > 10].max() < 0.02 * spectrum.max()


@given(
    rate_hz=st.sampled_from(RATES_HZ),
    length=st.integers(2, 700),
    level=st.tuples(*[st.integers(-32768, 32767)] * 3),
)
def test_rest_stays_rest_to_both_ends(
    rate_hz: float, length: int, level: tuple[int, int, int]
) -> None:
    still = np.tile(np.array(level, np.int16), (length, 1))
    out = resample(still, rate_hz)
    assert len(out) == max(2, int(length * 104 / rate_hz + 1e-9))
    assert (out == still[0]).all()


@given(rate_hz=st.sampled_from(RATES_HZ), seed=st.integers(0, 1000), cut=st.integers(60, 200))
def test_a_recording_does_not_depend_on_what_was_stored_around_it(
    rate_hz: float, seed: int, cut: int
) -> None:
    acc = np.random.default_rng(seed).integers(-2000, 2000, (400, 3)).astype(np.int16)
    assert np.array_equal(resample(acc[cut:], rate_hz), resample(acc[cut:].copy(), rate_hz))


def test_many_blocks_equal_few() -> None:
    """A long recording goes through BLAS in pieces; its beginning must not tell."""
    acc = np.random.default_rng(2).integers(-2000, 2000, (60_000, 3)).astype(np.int16)
    long, short = resample(acc, 238), resample(acc[:6000], 238)
    assert np.array_equal(long[:2500], short[:2500])


def test_measured_is_what_the_driver_of_the_badge_computes() -> None:
    """The counts that the chip's rounding gives go through the driver's own conversion."""
    mg = np.unique(
        np.concatenate(
            [np.arange(-32768, 32768, 37), np.arange(-600, 601), [-15991, -15990, 15990, 15991]]
        )
    ).astype(np.int16)
    mg = mg[: len(mg) // 3 * 3].reshape(-1, 3)
    counts = [
        max(-32768, min(32767, int(np.floor(int(value) / 0.488 + 0.5)))) for value in mg.ravel()
    ]
    reported = json.loads(
        run_mp(
            "from array import array\n"
            "from badge.drivers import imu_words, lsm6dsox\n"
            f"counts = {counts!r}\n"
            "mg_q16 = lsm6dsox.SCALES[16][1]\n"
            "out = array('H', bytes(6))\n"
            "job = array('i', [0] * imu_words.JOB_WORDS)\n"
            "imu_words.reads(job, mg_q16, 0x10, 0xF8, 1)\n"
            "imu_words.turns(job, 'xyz')\n"
            "found = []\n"
            "for at in range(0, len(counts), 3):\n"
            "    word = bytearray(7)\n"
            "    word[0] = 0x11\n"
            "    for axis in range(3):\n"
            "        raw = counts[at + axis] & 0xFFFF\n"
            "        word[1 + 2 * axis] = raw & 255\n"
            "        word[2 + 2 * axis] = raw >> 8\n"
            "    assert imu_words.convert(out, word, 1, job) == 1\n"
            "    found.extend((v ^ 0x8000) - 0x8000 for v in out)\n"
            "print(found)\n"
        )
    )
    assert measured(mg).ravel().tolist() == reported


@given(st.lists(st.integers(-32768, 32767), min_size=3, max_size=3))
def test_measuring_saturates_near_16_g_and_moves_a_value_by_a_step_at_most(
    level: list[int],
) -> None:
    acc = np.array([level, level], np.int16)
    out = measured(acc).astype(int)
    assert np.abs(out).max() <= 15992
    within = np.abs(acc.astype(int)) < 15990
    assert np.abs(out - acc)[within].max(initial=0) <= 1
    assert np.array_equal(measured(out.astype(np.int16)), out)

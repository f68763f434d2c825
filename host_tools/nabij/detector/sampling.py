"""What the badge's accelerometer makes of a motion: its rate, its range and its steps."""

import functools
import math
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

BADGE_RATE_HZ: Final = 104.0
Samples = npt.NDArray[np.int16]

_TAPS_A_SIDE: Final = 16
# Ratios with more phases than this (odd rates, as of phones) have their weights computed anew.
_MOST_PHASES: Final = 256
# Products below this size BLAS computes in the calling thread: its other threads, once woken, spin
# and take the second core away from whoever decompresses the next recordings there.
_LARGEST_PRODUCT: Final = 1 << 16
_OUTPUTS_AT_ONCE: Final = 8192

# LSM6DSOX at +-16 g (DS12814): 0.488 mg a count, and the driver's integer conversion to mg.
_UG_A_COUNT: Final = 488
_MG_A_COUNT_Q16: Final = 31982


def resample(samples: Samples, rate_hz: float, to_hz: float = BADGE_RATE_HZ) -> Samples:
    """The samples at another rate, band-limited below both Nyquist rates, int16 milli-g.

    A windowed sinc of 16 zero crossings a side; beyond its ends a recording stays as it was there.
    """
    if rate_hz == to_hz:
        return samples
    ratio = (Fraction(to_hz) / Fraction(rate_hz)).limit_denominator(100_000)
    rational = math.isclose(float(ratio), to_hz / rate_hz, rel_tol=1e-12)
    if rational and ratio.numerator <= _MOST_PHASES:
        return _by_phases(samples, ratio.numerator, ratio.denominator)
    return _by_positions(samples, rate_hz / to_hz)


def measured(samples: Samples) -> Samples:
    """What the LSM6DSOX at +-16 g and its driver report of these milli-g: saturated, in steps."""
    return _reports()[samples.view(np.uint16)]


@functools.cache
def _reports() -> Samples:
    """What is reported of each int16, in the order of its bits."""
    wide = np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int32)
    # Rounded half up in integers, as the chip's model does.
    counts = np.clip((wide * 2000 + _UG_A_COUNT) // (2 * _UG_A_COUNT), -32768, 32767)
    reported: Samples = ((counts * _MG_A_COUNT_Q16 + 0x8000) >> 16).astype(np.int16)
    return reported


def _weights(at: npt.NDArray[np.float64], stretch: float) -> npt.NDArray[np.float64]:
    """Rows of weights for taps that lie at these distances from the output, in input samples."""
    x = at / stretch
    weight: npt.NDArray[np.float64] = np.sinc(x) * np.cos(np.pi * x / (2 * _TAPS_A_SIDE + 2)) ** 2
    weight[np.abs(x) > _TAPS_A_SIDE] = 0
    weight /= weight.sum(axis=1, keepdims=True)
    return weight


@functools.lru_cache(maxsize=16)
def _phase_table(outputs: int, inputs: int) -> tuple[int, npt.NDArray[np.float64]]:
    """(reach, weights): `outputs` rows that turn one stretch of inputs into that many outputs."""
    # When the rate falls the sinc is stretched, so that it also filters.
    stretch = max(1.0, inputs / outputs)
    reach = math.ceil(_TAPS_A_SIDE * stretch)
    first = np.arange(outputs) * inputs // outputs
    phase = (np.arange(outputs) * inputs % outputs) / outputs
    distance = np.arange(2 * reach) - (reach - 1) - phase[:, None]
    weight = _weights(distance, stretch)
    table = np.zeros((outputs, int(first[-1]) + 2 * reach))
    for row, at in enumerate(first):
        table[row, at : at + 2 * reach] = weight[row]
    return reach, table


def _whole_mg(wide: npt.NDArray[np.float64]) -> Samples:
    mixed_mg: Samples = np.clip(np.rint(wide), -32768, 32767).astype(np.int16)
    return mixed_mg


# Both work piece by piece: a recording of a day would be gigabytes as floats.
def _by_phases(samples: Samples, outputs: int, inputs: int) -> Samples:
    """Resample by outputs / inputs: the phases repeat, so each stretch is one matrix product."""
    reach, table = _phase_table(outputs, inputs)
    count = max(2, len(samples) * outputs // inputs)
    blocks = -(-count // outputs)
    width = table.shape[1]
    after = (blocks - 1) * inputs + width - (reach - 1) - len(samples)
    axes = np.pad(samples.T, ((0, 0), (reach - 1, max(0, after))), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(axes, width, axis=1)[:, ::inputs]
    mixed = np.empty((3, blocks, outputs), np.int16)
    at_once = max(1, _LARGEST_PRODUCT // table.size)
    for at in range(0, blocks, at_once):
        part = windows[:, at : min(at + at_once, blocks)].astype(np.float64)
        mixed[:, at : at + at_once] = _whole_mg(part @ table.T)
    return mixed.reshape(3, -1)[:, :count].T


def _by_positions(samples: Samples, step: float) -> Samples:
    """Resample to one output every `step` inputs, for any step."""
    count = max(2, int(len(samples) / step))
    stretch = max(1.0, step)
    reach = math.ceil(_TAPS_A_SIDE * stretch)
    mixed = np.empty((count, 3), np.int16)
    for start in range(0, count, _OUTPUTS_AT_ONCE):
        at = np.arange(start, min(start + _OUTPUTS_AT_ONCE, count)) * step
        taps = np.floor(at).astype(np.int64)[:, None] - reach + 1 + np.arange(2 * reach)
        weight = _weights(taps - at[:, None], stretch)
        near = samples[taps.clip(0, len(samples) - 1)].astype(np.float64)
        mixed[start : start + len(at)] = _whole_mg(np.einsum("nt,nta->na", weight, near))
    return mixed

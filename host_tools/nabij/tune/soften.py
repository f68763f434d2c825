"""Falls as they would be if what is quick in them were weaker: onto a softer floor, or held up.

Recorded falls are thrown by young people who know that nothing happens to them. Those of the
frail, or down along a wall, have less of what a blow is made of and end in the same posture.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from nabij.detector import sampling
from nabij.detector.sampling import Samples

# Postures and the turn of a body lie below it, blows and steps above.
CUT_HZ: Final = 2.0
_ORDER: Final = 2


def softened(
    samples: Samples, offsets: NDArray[np.int64], share: float | Sequence[float]
) -> Samples:
    """Return recordings that lie end to end with their motion above 2 Hz scaled by `share`.

    Per axis, zero-phase second-order Butterworth: low + share * rest. N x 3 int16 milli-g at
    104 Hz, as the badge would measure it; `share` is one number, or one of each recording.
    """
    sections = butter(_ORDER, CUT_HZ, fs=sampling.BADGE_RATE_HZ, output="sos")
    shares = np.broadcast_to(np.asarray(share, np.float64), len(offsets) - 1)
    found = np.empty_like(samples)
    for (start, end), one in zip(itertools.pairwise(offsets), shares, strict=True):
        acc = samples[start:end].astype(np.float64)
        low = sosfiltfilt(sections, acc, axis=0, padlen=min(len(acc) - 1, _PAD))
        wide = np.clip(np.rint(low + one * (acc - low)), -32768, 32767)
        found[start:end] = sampling.measured(wide.astype(np.int16))
    return found


# What scipy takes for filters of this order.
_PAD: Final = 9

"""The size of acceleration at rest: 1 g on Earth, whatever the file calls it."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

# What the columns of quality mean is in docs/data.md.
REST_RANGE_MG: Final = (850.0, 1150.0)
_AT_ONCE: Final = 1 << 16


def rest_size(acc: npt.NDArray[Any], rate_hz: float) -> float | None:
    """Mean |a| in the second in which it changes least; None for less than a second."""
    window = max(2, round(rate_hz))
    if len(acc) < window:
        return None
    best, least = 0.0, np.inf
    whole = len(acc) // window * window
    step = max(1, _AT_ONCE // window) * window
    for begin in range(0, whole, step):
        seconds = sizes(acc[begin : min(begin + step, whole)]).reshape(-1, window)
        spread = seconds.std(axis=1)
        quietest = int(np.argmin(spread))
        if spread[quietest] < least:
            best, least = float(seconds[quietest].mean()), float(spread[quietest])
    return best


def sizes(acc: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """|a| of each sample."""
    # Column by column: numpy takes twice as long for rows of three.
    size: npt.NDArray[np.float64] = np.zeros(len(acc))
    for axis in range(3):
        column = acc[:, axis].astype(np.float64)
        column *= column
        size += column
    np.sqrt(size, out=size)
    return size

"""A unit or range that changes within a recording, as gravity shows it while a body moves."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from nabij.data.common import Floats
from nabij.data.rest import rest_size, sizes

# Over some seconds a body does not gain speed: whatever it does, the mean of its acceleration is
# gravity, and turning makes its size larger, never smaller.
_WINDOW_S: Final = 4.0
_LEAST: Final = 0.55
# Where peaks are cut off their mean is too small.
_LEAST_CLIPPED: Final = 0.4
# A swinging arm pulls outwards all the time.
_MOST: Final = 1.7
_AT_ONCE: Final = 1 << 18


@dataclass(frozen=True)
class Change:
    """From which second on a size of `rest` is wrong, or up to which; and by what factor."""

    at_s: float
    factor: float
    before: bool

    @property
    def words(self) -> str:
        """What is odd, and where."""
        when = (
            f"up to about {self.at_s:.0f} s" if self.before else f"from about {self.at_s:.0f} s on"
        )
        return (
            f"has {self.factor:.3g} times its usual size {when}, as if its unit or range changed"
        )


def two_scales(axes: Floats, rate_hz: float, *, clipped: bool = False) -> Change | None:
    """Where a recording of 8 s or more is in another unit or range than in its quietest second."""
    window = max(2, round(_WINDOW_S * rate_hz))
    rest = rest_size(axes, rate_hz)
    if not rest or len(axes) < 2 * window:
        return None
    least = (_LEAST_CLIPPED if clipped else _LEAST) * rest
    size, mean = _windows(axes, window)
    odd = (size < least) | (mean > _MOST * rest)
    # Two in a row: a long fall or a merry-go-round is none.
    both = np.flatnonzero(odd[1:] & odd[:-1])
    if not len(both) or odd.all():
        return None
    factor = float(np.median(size[odd]) / rest)
    before = bool(odd[0])
    first = int(np.argmin(odd)) if before else int(both[0])
    return Change(first * window / rate_hz, factor, before)


def _windows(axes: Floats, window: int) -> tuple[Floats, Floats]:
    """Of each stretch the mean of |a|, and |mean of a|."""
    whole = len(axes) // window * window
    step = max(1, _AT_ONCE // window) * window
    found = [
        (
            sizes(axes[begin : min(begin + step, whole)]).reshape(-1, window).mean(axis=1),
            sizes(
                axes[begin : min(begin + step, whole)]
                .reshape(-1, window, 3)
                .mean(axis=1, dtype=np.float64)
            ),
        )
        for begin in range(0, whole, step)
    ]
    size, mean = (np.concatenate(one) for one in zip(*found, strict=True))
    return size, mean

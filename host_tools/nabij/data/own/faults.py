"""What a sensor or a logger did wrong, as the numbers of a file show it whatever their unit."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nabij.data.common import Floats, UnusableFileError
from nabij.data.own.cells import is_number
from nabij.data.own.dialect import Dialect
from nabij.data.rest import sizes
from nabij.data.stamps import Indices

Mask = npt.NDArray[np.bool_]

# A body falls for less; what is weightless for longer is a sensor that says nothing.
_LONGEST_FALL_S: Final = 1.0
# What drivers and loggers write for nothing: 0xFFFF of a bus, ends of ranges, nines.
_NOTHING: Final = np.array(
    (0, -1, 99.99, -99, 999, -999, 9999, -9999, 32_767, -32_768, 65_535), np.float32
)
# Beside a sample of free fall there are others, and none of them is near 1 g.
_NEAR_FALL: Final = 0.5
# Ends of a range stand for nothing too, but not beside samples of a blow.
_END: Final = 32_767
_BLOW: Final = 3.0
_MOST_DROPPED: Final = 0.05
# Rest is 1 g in one unit: what rests at so many times as much is in another, or in another range.
_OTHER_REST: Final = 1.7
_QUIET: Final = 0.05
# No body has a median of 8 g for a second, nor of an eighth.
_OTHER_SIZE: Final = 8.0
_SENSORS: Final = (2, 3, 4)
_ORDINALS: Final = {2: "second", 3: "third", 4: "fourth"}
_IN_TURN: Final = 3.0
_PROBES: Final = 20_000
_MOST_SENSORS: Final = 8
_NAMES_SENSOR: Final = re.compile(
    r"sensor|device|node|plac|posit|location|channel|\bid\b|_id\b|unit|body|limb|tag|board|side|mac",
    re.IGNORECASE,
)
# Flat tops: so often at the very same value, at one that a sensor may end at.
_RAIL_MG: Final = 1500.0
_LEAST_HITS: Final = 3
_BELOW_RAIL: Final = 0.95
_STILL_S: Final = 2.0
_STILL_ELSEWHERE: Final = 0.02
_AT_ONCE: Final = 1 << 18
# Whole numbers of up to three digits, and beside them some that are only thousandths of one.
_LEAST_WHOLE: Final = 0.5
_WHOLE_OF_RANGE: Final = 100.0
_FEW_WHOLE: Final = 3
_THOUSAND: Final = 1000.0

# Unsigned numbers of 16 bits that were signed: what was below 0 is at the upper end.
_BITS_16: Final = 65_536.0
_NEGATIVE: Final = 45_000.0
_FEW_BETWEEN: Final = 0.01
LOST_SIGN: Final = (
    "has whole numbers near 0 and near 65536 and few between: those from 32768 on were taken as "
    "negative"
)


@dataclass(frozen=True)
class Runs:
    """Stretches of rows: first rows, and how many each has."""

    first: Indices
    length: Indices

    def rows(self) -> Indices:
        """All rows of all stretches."""
        if not len(self.first):
            return np.empty(0, np.intp)
        return np.concatenate(
            [np.arange(a, a + n) for a, n in zip(self.first, self.length, strict=True)]
        )


def runs_of(mask: Mask) -> Runs:
    """The stretches in which a mask is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return Runs(edges[::2], edges[1::2] - edges[::2])


def refuse_thousands(name: str, axes: Floats) -> None:
    """UnusableFileError where 1.024 beside whole numbers can only be 1024, of axes as read."""
    whole_count, most = 0, 0.0
    hundreds: set[float] = set()
    thousandths: list[Floats] = []
    for begin in range(0, len(axes), _AT_ONCE):
        some = np.abs(axes[begin : begin + _AT_ONCE])
        is_whole = some == np.rint(some)
        parts, whole = some[~is_whole], some[is_whole]
        whole_count += len(whole)
        most = max(most, float(whole.max(initial=0)))
        if len(hundreds) < _FEW_WHOLE:
            hundreds.update(np.unique(whole[whole >= _WHOLE_OF_RANGE]).tolist())
        in_thousands = np.allclose(
            parts * _THOUSAND, np.rint(parts * _THOUSAND), rtol=0, atol=0.01
        )
        if most >= _THOUSAND or parts.min(initial=_THOUSAND) < 1 or not in_thousands:
            return
        thousandths.append(parts)
    parts = np.concatenate(thousandths)
    # Of counts most are thousands; what stands for nothing is no number of hundreds.
    whole_file = whole_count >= _LEAST_WHOLE * axes.size and most >= _WHOLE_OF_RANGE
    if len(parts) and (whole_file or len(hundreds.difference(np.abs(_NOTHING))) >= _FEW_WHOLE):
        raise UnusableFileError(
            f"{name} has whole numbers and {len(parts)} like {parts[0]:.3f}, which can only be "
            f"{parts[0] * _THOUSAND:.0f}: export it without a separator between thousands."
        )


def sign_16_bit(axes: Floats) -> bool:
    """Make negative what is 65536 too large, in place; True for a file of such numbers."""
    if axes.min() < 0 or not _NEGATIVE < axes.max() < _BITS_16:
        return False
    if (axes[:_PROBES] != np.rint(axes[:_PROBES])).any():
        return False
    between = (axes > _BITS_16 - _NEGATIVE) & (axes < _NEGATIVE)
    if between.mean() > _FEW_BETWEEN or axes.min() > _BITS_16 - _NEGATIVE:
        return False
    axes[axes >= _BITS_16 / 2] -= _BITS_16
    return True


def dropouts(name: str, axes: Floats, rate_hz: float) -> Indices:
    """The rows in which the sensor said nothing: 0, or what stands for nothing, on all axes.

    Not those of a fall.

    Raises UnusableFileError when there are too many to be bridged.
    """
    x, y, z = axes.T
    alike = (x == y) & (x == z)
    alike[alike] = np.isin(axes[alike, 0], _NOTHING)
    runs = runs_of(np.asarray(alike))
    # A file of zeros has no sample at all: its size at rest tells that.
    if not len(runs.first) or 2 * int(runs.length.sum()) > len(axes):
        return np.empty(0, np.intp)
    every = max(1, len(axes) // _PROBES)
    probes = sizes(axes[::every])
    usual = float(np.median(probes[probes > 0])) if probes.any() else 0.0
    before, after = runs.first - 1, runs.first + runs.length
    beside = [
        np.where((at >= 0) & (at < len(axes)), sizes(axes[at.clip(0, len(axes) - 1)]), np.inf)
        for at in (before, after)
    ]
    dropped = (np.minimum(*beside) > _NEAR_FALL * usual) | (
        runs.length > _LONGEST_FALL_S * rate_hz
    )
    hardest = np.maximum(*(np.where(np.isfinite(one), one, 0.0) for one in beside))
    at_end = np.abs(axes[runs.first, 0]) >= _END
    dropped &= ~(at_end & (hardest > _BLOW * usual))
    rows = Runs(runs.first[dropped], runs.length[dropped]).rows()
    if len(rows) > _MOST_DROPPED * len(axes):
        raise UnusableFileError(
            f"{name} has {len(rows)} of {len(axes)} samples that are exactly "
            f"{nothing_but(axes[rows, 0])} on all axes: its sensor dropped out too "
            "often; record it again."
        )
    return rows


def nothing_but(values: Floats) -> str:
    """The values that stand for nothing, as words."""
    return " or ".join(f"{value:g}" for value in np.unique(values))


def refuse_several_sensors(name: str, dialect: Dialect, columns: Sequence[int]) -> None:
    """UnusableFileError when a column says in turn of which sensor a line is."""
    for at in range(dialect.cells):
        if at in columns:
            continue
        cells = [row[at] for row in dialect.rows if row[at]]
        kinds = list(dict.fromkeys(cells))
        if not 2 <= len(kinds) <= _MOST_SENSORS or len(cells) < 4 * len(kinds):
            continue
        label = dialect.label(at)
        numbers = all(is_number(cell, dialect.decimal) for cell in kinds)
        if (numbers and not _NAMES_SENSOR.search(label)) or not _in_turn(cells, kinds):
            continue
        which = label if label.startswith("column ") else f"column {label}"
        raise UnusableFileError(
            f"{name} has samples of {len(kinds)} sensors in turn (its {which} has "
            f"{', '.join(kinds)}): make a file of each."
        )


def _in_turn(cells: Sequence[str], kinds: Sequence[str]) -> bool:
    """True when nearly each line is of the sensor that follows that of the line above."""
    following = dict(zip(kinds, [*kinds[1:], kinds[0]], strict=True))
    kept = sum(following[a] == b for a, b in itertools.pairwise(cells))
    return kept >= 0.9 * (len(cells) - 1)


def refuse_mixtures(
    name: str, axes: Floats, rate_hz: float, is_rest: Callable[[float], bool]
) -> None:
    """UnusableFileError for samples of several sensors in turn, or in more than one unit.

    `is_rest` says of a size whether it may be 1 g.
    """
    probes = axes[:_PROBES]
    apart = {k: _apart(probes, k) for k in (1, *_SENSORS) if len(probes) > 8 * k}
    for k in _SENSORS:
        if k in apart and apart[1] > 0 and apart[1] > _IN_TURN * apart[k]:
            raise UnusableFileError(
                f"{name} seems to hold samples of {k} sensors in turn, as every "
                f"{_ORDINALS[k]} is like the "
                "last but they are not like each other: make a file of each."
            )
    _refuse_two_units(name, axes, rate_hz, is_rest)


def _apart(axes: Floats, k: int) -> float:
    """How far samples are usually from the k-th after them."""
    return float(np.median(np.abs(axes[k:] - axes[:-k]).sum(axis=1)))


def _refuse_two_units(
    name: str, axes: Floats, rate_hz: float, is_rest: Callable[[float], bool]
) -> None:
    middles, means, spreads = _seconds(axes, rate_hz)
    if len(means) < 2:
        return
    usual = float(np.median(middles))
    known = means[(spreads < _QUIET * means) & (spreads > 0)]
    one_rest = (
        len(known) < 2
        or known.max() < _OTHER_REST * known.min()
        or not is_rest(float(known.max()))
    )
    odd = (middles > _OTHER_SIZE * usual) | (middles < usual / _OTHER_SIZE)
    if one_rest and not (odd.any() and is_rest(usual)):
        return
    jump = _split(np.log(np.maximum(middles, 1e-9)))
    before, after = (float(np.median(one)) for one in (middles[: jump + 1], middles[jump + 1 :]))
    times = max(before, after) / max(min(before, after), 1e-9)
    if times < _OTHER_REST:
        # No place sets two parts apart: it goes back and forth.
        at_s = int(np.argmax(np.abs(np.log(np.maximum(middles, 1e-9) / max(usual, 1e-9)))))
        raise UnusableFileError(
            f"{name} has a size of {usual:.3g} in most of its seconds and of {middles[at_s]:.3g} "
            f"at about {at_s} s, as if it had two units, or as if a spreadsheet took decimal "
            "points out of some numbers: export it anew."
        )
    raise UnusableFileError(
        f"{name} has a size of {before:.3g} up to about {jump + 1} s and of "
        f"{after:.3g} behind it, {times:.3g} times as {'much' if after > before else 'little'}, "
        "as if its unit or range changed: make a file of each part."
    )


def _split(values: Floats) -> int:
    """The last of the values before the place that sets them apart best."""
    count = np.arange(1, len(values))
    sums = np.cumsum(values)
    difference = sums[:-1] / count - (sums[-1] - sums[:-1]) / (len(values) - count)
    return int(np.argmax(difference**2 * count * (len(values) - count)))


def _seconds(axes: Floats, rate_hz: float) -> tuple[Floats, Floats, Floats]:
    """Median, mean and spread of |a| in each whole second."""
    window = max(2, round(rate_hz))
    whole = len(axes) // window * window
    step = max(1, _AT_ONCE // window) * window
    found: list[Floats] = [np.empty((3, 0))]
    for begin in range(0, whole, step):
        one = sizes(axes[begin : min(begin + step, whole)]).reshape(-1, window)
        found.append(np.stack([np.median(one, axis=1), one.mean(axis=1), one.std(axis=1)]))
    middles, means, spreads = np.concatenate(found, axis=1)
    return middles, means, spreads


def rail_of(acc_mg: Floats) -> tuple[float, int] | None:
    """Where a sensor's range ended, in milli-g, and how many samples are there; None: nowhere."""
    largest = max(float(acc_mg.max()), -float(acc_mg.min()))
    best: tuple[float, int] | None = None
    for axis in range(3):
        column = acc_mg[:, axis]
        for sign, end in ((1, float(column.max())), (-1, float(column.min()))):
            rail = sign * end
            if rail < _RAIL_MG or rail < _BELOW_RAIL * largest:
                continue
            hits = column == np.float32(end)
            count = int(hits.sum())
            if count < _LEAST_HITS or not (hits[1:] & hits[:-1]).any():
                continue
            near = int((sign * column > _BELOW_RAIL * rail).sum()) - count
            if count >= near:
                best = (largest, count + (best[1] if best else 0))
    return best


@dataclass(frozen=True)
class Still:
    """Where a sensor gave the same sample over and over, while time went on."""

    longest_s: float
    at_s: float
    total_s: float
    rows: Indices
    share: float


def standstill(axes: Floats, rate_hz: float) -> Still | None:
    """Where the sensor stood still for 2 s or more, though its noise is seen elsewhere."""
    same = np.concatenate(list(_same(axes)))
    if len(same) < _STILL_S * rate_hz:
        return None
    runs = runs_of(same)
    long = runs.length >= _STILL_S * rate_hz
    if not long.any():
        return None
    total = int(runs.length[long].sum())
    others = int(same.sum()) - total
    # Of a sensor with coarse steps equal samples are the rule at rest.
    if others > _STILL_ELSEWHERE * max(1, len(same) - total):
        return None
    at = int(np.argmax(runs.length))
    rows = Runs(runs.first[long], runs.length[long]).rows() + 1
    return Still(
        float(runs.length[at]) / rate_hz,
        float(runs.first[at]) / rate_hz,
        total / rate_hz,
        rows,
        total / len(same),
    )


def _same(axes: Floats) -> Iterator[npt.NDArray[Any]]:
    """Which samples are equal to the one before, piece by piece."""
    yield np.empty(0, bool)
    for at in range(0, len(axes) - 1, _AT_ONCE):
        piece = axes[at : at + _AT_ONCE + 1]
        x, y, z = (piece[1:] == piece[:-1]).T
        yield x & y & z

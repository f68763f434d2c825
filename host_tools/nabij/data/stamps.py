"""What the time stamps of a recording say: the step that lasts, and where time jumps for good.

Stamps may be uneven, come in bursts or count in whole seconds. Everything here works piece by
piece: a recording of a day has nine million stamps.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from nabij.data.common import Floats

# Deviations of single stamps up to this are those of the clock, not of the samples.
SLACK_S: Final = 0.1
# Steps that differ by more than this share from the usual one are looked at.
_ODD_STEP: Final = 0.5
# So many steps are alike where they do not come in bursts.
_RULE: Final = 0.8
# Of rows with the same stamp so many have the same values when they are copies.
_COPIES: Final = 0.9
# So many steps run backwards only where there is no order at all.
_MIXED: Final = 0.2
# Jumps are few; odd steps that are more than this are those of coarse stamps.
_SELDOM: Final = 0.1
# So many equal stamps in a row are those of a clock that stands, if others advance with each row.
_LEAST_STUCK: Final = 5
_ALONG: Final = 200
_LAG: Final = 64
_PROBES: Final = 20_000
_LEAST_WINDOW: Final = 8
_AT_ONCE: Final = 1 << 18
Indices = npt.NDArray[np.intp]


def doubled(t_s: Floats, acc: Floats) -> Indices:
    """The rows that are copies of an earlier one: the same time and the same values."""
    same = np.flatnonzero(t_s[1:] == t_s[:-1]) + 1
    copies = same[(acc[same] == acc[same - 1]).all(axis=1)]
    # Where stamps are coarse a body at rest gives equal rows that are no copies.
    if len(copies) < _COPIES * len(same):
        return np.empty(0, np.intp)
    if (t_s[1:] < t_s[:-1]).any():
        table = np.column_stack([t_s, acc]).astype(np.float64) + 0.0
        _, first = np.unique(table.view([("", np.float64)] * 4).ravel(), return_index=True)
        # A clock that began anew repeats stamps, and at rest some values too.
        if len(t_s) - len(first) < _COPIES * (len(t_s) - len(np.unique(t_s))):
            return np.empty(0, np.intp)
        again = np.ones(len(t_s), bool)
        again[first] = False
        return np.flatnonzero(again)
    found: Indices = copies
    return found


def usual_step(t: Floats) -> float:
    """The step that lasts: the median over many steps at once, so that uneven ones cancel."""
    changes = _changes(t)
    if changes is not None:
        if len(changes) < 2:
            return 0.0
        lag = min(_LAG, len(changes) - 1)
        return float(
            np.median((t[changes[lag:]] - t[changes[:-lag]]) / (changes[lag:] - changes[:-lag]))
        )
    lag = min(_LAG, max(1, (len(t) - 1) // 4))
    every = max(1, (len(t) - lag) // _PROBES)
    step_s = float(np.median(t[lag::every] - t[: len(t) - lag : every])) / lag
    # Without the holes in it: the mean of those that are about as long, if they are the rule.
    steps = np.diff(t[: _PROBES * 4])
    alike = np.abs(steps - step_s) <= _ODD_STEP * abs(step_s)
    return float(steps[alike].mean()) if alike.mean() > _RULE else step_s


def in_order(t: Floats) -> Indices | None:
    """The order in which rows that were mixed up follow each other; None when they did already.

    Only what is regular once it is sorted was mixed up: a clock that was set back is not.
    """
    if not (t[1:] < t[:-1]).any():
        return None
    order = np.argsort(t, kind="stable")
    # Where rows are mixed up throughout only sorted ones have a step.
    mixed = (t[1:] < t[:-1]).mean() > _MIXED
    step_s = abs(usual_step(t[order] if mixed else t))
    if step_s == 0 or uneven(t[order], step_s):
        return None
    odd, left = odd_steps(t, step_s), odd_steps(t[order], step_s)
    return order if len(left) * 4 <= len(odd) and (np.diff(t[order]) > 0).all() else None


def odd_steps(t: Floats, step_s: float) -> Indices:
    """The rows whose step to the next row is far from the usual one."""
    found = [
        at + np.flatnonzero(np.abs(steps - step_s) > _ODD_STEP * step_s) for at, steps in _steps(t)
    ]
    return np.concatenate(found)


def longest_step(t: Floats) -> float:
    """The longest time between two rows."""
    return max(float(steps.max()) for _, steps in _steps(t))


def out_of_line(t: Floats, odd: Indices, step_s: float) -> Indices:
    """Single stamps, not at an end, that are wrong: the stamps beside them fit each other."""
    at = odd[1:][np.diff(odd) == 1]
    fit = np.abs(t[at + 1] - t[at - 1] - 2 * step_s) <= max(step_s, SLACK_S)
    off = np.abs(t[at] - (t[at + 1] + t[at - 1]) / 2) > 2 * step_s + SLACK_S
    wrong: Indices = at[fit & off]
    return wrong


def uneven(t: Floats, step_s: float) -> bool:
    """True when steps differ so much that a hole of one sample cannot be told from a late one."""
    steps = np.diff(t[: _PROBES * 4])
    return float(np.median(np.abs(steps - step_s))) >= 0.1 * step_s


def shifts(t: Floats, odd: Indices, step_s: float) -> tuple[Indices, Floats]:
    """After which rows time jumps for good, and by how many seconds beyond a step.

    A late stamp is made up for by those after it, an early one too: a jump moves the earliest and
    the latest of some stamps on each side.
    """
    if not len(odd):
        return odd, np.empty(0)
    window = _window(t, step_s)
    excess = np.empty(len(odd))
    offsets = np.arange(window)
    at_once = max(1, _AT_ONCE // window)
    for begin in range(0, len(odd), at_once):
        at = odd[begin : begin + at_once, None]
        before, after = (at - offsets).clip(0), (at + 1 + offsets).clip(max=len(t) - 1)
        level_before, level_after = (
            t[before] - step_s * (before - at),
            t[after] - step_s * (after - at),
        )
        earliest = level_after.min(axis=1) - level_before.min(axis=1)
        latest = level_after.max(axis=1) - level_before.max(axis=1)
        nearer = np.where(np.abs(earliest) < np.abs(latest), earliest, latest)
        excess[begin : begin + len(at)] = np.where(earliest * latest > 0, nearer, 0.0)
    # The odd steps around a jump see it too; it lies where the step itself is so long.
    own = t[odd + 1] - t[odd] - step_s
    # Another jump close by adds to it; where they are the rule the stamps are coarse.
    if len(odd) <= _SELDOM * len(t):
        doubled_up = np.abs(excess) > np.abs(own) + _ODD_STEP * 1.5 * step_s
        excess = np.where((excess * own > 0) & doubled_up, own, excess)
    real = (np.abs(excess) > _ODD_STEP * step_s) & (own * excess > 0)
    real &= np.abs(own) >= 0.5 * np.abs(excess)
    return odd[real], excess[real]


def off_the_line(t: Floats) -> float:
    """How far time is from one that runs evenly from end to end, but for single stamps."""
    at = np.linspace(0, len(t) - 1, min(len(t), _ALONG)).astype(np.intp)
    off = t[at] - (t[0] + (t[-1] - t[0]) * at / (len(t) - 1))
    windows = np.lib.stride_tricks.sliding_window_view(off, min(len(off), _LEAST_STUCK))
    return float(np.abs(np.median(windows, axis=1)).max())


def standstill(t: Floats) -> tuple[int, int] | None:
    """The row at which a clock stands still, and for how many rows; None where it does not."""
    same = t[1:] == t[:-1]
    if not same.any() or same.mean() > 1 - _RULE:
        return None
    edges = np.flatnonzero(np.diff(np.concatenate(([False], same, [False])).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    longest = int(np.argmax(lengths))
    if lengths[longest] < _LEAST_STUCK:
        return None
    return int(edges[::2][longest]), int(lengths[longest])


def timed_rows(t: Floats) -> tuple[int, int]:
    """The first and the last row whose time is known to a sample; the same row twice: none."""
    changes = _changes(t)
    if changes is None:
        return 0, len(t) - 1
    return (int(changes[0]), int(changes[-1])) if len(changes) else (0, 0)


def tick(t: Floats) -> float:
    """What stamps count in when it is coarser than the samples, else 0."""
    changes = _changes(t)
    return (
        0.0
        if changes is None or not len(changes)
        else float(np.median(t[changes] - t[changes - 1]))
    )


def _changes(t: Floats) -> Indices | None:
    """Where stamps that count in whole seconds, or the like, change; None for finer ones."""
    if float(np.median(np.diff(t[: _PROBES * 2]))) != 0:
        return None
    changes: Indices = np.flatnonzero(t[1:] > t[:-1]) + 1
    return changes


def _steps(t: Floats) -> Iterator[tuple[int, Floats]]:
    """The steps in pieces, each with the row of its first."""
    for at in range(0, len(t) - 1, _AT_ONCE):
        yield at, np.diff(t[at : at + _AT_ONCE + 1])


def _window(t: Floats, step_s: float) -> int:
    """How many stamps it takes until one is surely on time: two bursts, where there are such."""
    steps = np.diff(t[: _PROBES * 4])
    starts = np.flatnonzero(steps > (1 + _ODD_STEP) * step_s)
    if len(starts) <= (1 - _RULE) / 2 * len(steps) and not (steps <= 0).mean() > _RULE / 2:
        return _LEAST_WINDOW
    burst = float(np.percentile(np.diff(starts), 95)) if len(starts) > 2 else 1.0
    return int(np.clip(2 * burst, _LEAST_WINDOW, max(_LEAST_WINDOW, len(t) // 4)))

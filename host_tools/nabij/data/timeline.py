"""Rates and times of recordings: the one place where time stamps become a steady rate.

A recording has samples at one rate, so that sample k is k / rate seconds after its first. What was
logged is brought to that, or refused: rows that occur twice are dropped, a stamp that is out of
line is mended, short holes are bridged by a straight line, and at longer ones, or where the clock
was set, the recording is split.
"""

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from nabij.data import stamps
from nabij.data.bundle_files import RATE_RANGE_HZ
from nabij.data.common import Floats, UnusableFileError, nominal
from nabij.data.stamps import Indices

# An impact lasts about as long, so that a straight line hides none as a whole.
LONGEST_BRIDGE_S: Final = 0.1
# At slow rates that is not even one sample.
_BRIDGED_SAMPLES: Final = 2
# A part of a split recording that is shorter tells nothing.
SHORTEST_PART_S: Final = 1.0
# More bridges than this are no lost samples but another rate.
_MOST_BRIDGED: Final = 0.1
# A part whose rate is nearer to that of the whole than this has the rate of the whole.
_SAME_RATE: Final = 0.03
# How far stamps may stray from the steady rate, over spans of these seconds.
_STRAY_S: Final = 0.25
_STRAY_SHARE: Final = 0.02
# A rate that changes by so much from the first fifth to the last drifts, if moments are so far
# off.
_DRIFT: Final = 0.02
_DRIFTED_S: Final = 0.15
_SPANS_S: Final = (2.0, 8.0, 32.0, 128.0, 512.0)
_PROBES: Final = 20_000
# With coarse stamps a row at each end may be on the wrong side: 1 % of these.
_FEWEST_STEPS: Final = 200
# Among uneven steps a shorter hole cannot be told from a late sample.
_SURE_STEPS: Final = 3
_NONE: Final = np.empty(0, np.intp)


@dataclass(frozen=True)
class Rules:
    """What is known of a set's rate: the usual ones within `tolerance`, or the one that was told.

    `uneven`: its stamps are known to say little one by one, so that short holes are left alone.
    `remedy`: what a person can do about stamps that are none.
    """

    usual_hz: Sequence[float] = ()
    tolerance: float = 0.0
    told_hz: float | None = None
    bridge_s: float = LONGEST_BRIDGE_S
    uneven: bool = False
    remedy: str = ""


@dataclass(frozen=True)
class Segment:
    """A stretch at one rate: rows `start` to `stop` as logged, of which some were dropped.

    `holes` are the rows after which samples were put in, `filled` how many at each.
    """

    start: int
    stop: int
    rate_hz: float
    max_gap_s: float | None
    dropped: Indices = field(default_factory=_NONE.copy)
    holes: Indices = field(default_factory=_NONE.copy)
    filled: Indices = field(default_factory=_NONE.copy)

    def second_of(self, row: int) -> float | None:
        """When in the part a row is, by its sample; None when it is not of this part."""
        if not self.start <= row < self.stop:
            return None
        before = int(np.searchsorted(self.dropped, row, side="right"))
        put_in = int(self.filled[: np.searchsorted(self.holes, row)].sum())
        return round((row - self.start - before + put_in) / self.rate_hz, 3)

    def samples(self, acc: Floats) -> Floats:
        """These rows of what was logged, without what was dropped and with what was put in."""
        rows = acc[self.start : self.stop]
        if not (len(self.dropped) or len(self.holes)):
            return rows
        kept = np.delete(np.arange(len(rows)), self.dropped - self.start)
        rows = rows[kept]
        if not len(self.holes):
            return rows
        # Where each kept row comes to lie; what is between is on the straight line.
        ahead = np.zeros(len(kept), np.intp)
        ahead[np.searchsorted(kept, self.holes - self.start) + 1] = self.filled
        at = np.arange(len(kept)) + np.cumsum(ahead)
        grid = np.arange(at[-1] + 1)
        return np.stack([np.interp(grid, at, rows[:, axis]) for axis in range(3)], axis=1)


@dataclass(frozen=True)
class Settled:
    """The parts of a recording, what was done to it in words, and the flags of its quality.

    `order` has the rows as they follow each other, when they were mixed up; parts count in it.
    """

    parts: tuple[Segment, ...]
    done: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    order: Indices | None = None

    def note(self, name: str) -> str:
        """What was done, as one sentence; empty when nothing was."""
        if not self.done:
            return ""
        rates = " and ".join(dict.fromkeys(f"{part.rate_hz:g} Hz" for part in self.parts))
        return f"{name}: {rates}; {'; '.join(self.done)}."


def settle(name: str, t_s: Floats | None, acc: Floats, rules: Rules) -> Settled:
    """Where and at what rate the samples of a recording are; UnusableFileError when that is open.

    `t_s` is the time of each row in seconds, or None when the rate is told.
    """
    if len(acc) < 2:
        raise UnusableFileError(f"{name} has {len(acc)} samples: a recording has at least 2.")
    if rules.told_hz is not None:
        return _as_told(t_s, len(acc), rules.told_hz)
    if t_s is None:
        raise UnusableFileError(f"{name} does not say its rate: its samples have no time.")
    order = stamps.in_order(t_s)
    if order is None:
        return _Clock(name, t_s, acc, rules).settled()
    settled = _Clock(name, t_s[order], acc[order], rules).settled()
    moved = int((order != np.arange(len(order))).sum())
    return dataclasses.replace(
        settled,
        done=(f"rows out of order, sorted by time: {moved}", *settled.done),
        flags=("sorted", *settled.flags),
        order=order,
    )


def _as_told(t_s: Floats | None, n: int, told_hz: float) -> Settled:
    """The told rate counts; what the stamps say instead is told back."""
    if t_s is None:
        return Settled((Segment(0, n, told_hz, 0.0),))
    part = Segment(0, n, told_hz, round(stamps.longest_step(t_s), 3))
    span_s = float(t_s[-1] - t_s[0])
    said_hz = (n - 1) / span_s if span_s > 0 else 0.0
    if abs(said_hz / told_hz - 1) <= _SAME_RATE:
        return Settled((part,))
    said = f"as told, although its time stamps say {said_hz:.4g} Hz"
    return Settled((part,), (said,), ("stamps",))


@dataclass(frozen=True)
class _Stretch:
    """Rows between two splits: the seconds between two of them that are known well, and steps."""

    begin: int
    end: int
    span_s: float
    steps: int


class _Clock:
    """One recording's stamps while they are settled; rows are numbered without the copies."""

    def __init__(self, name: str, t_s: Floats, acc: Floats, rules: Rules) -> None:
        self._name = name
        self._rules = rules
        self._done: list[str] = []
        self._flags: list[str] = []
        self._dropped = stamps.doubled(t_s, acc)
        self._t = np.delete(t_s, self._dropped) if len(self._dropped) else t_s
        self._holes, self._filled = _NONE, _NONE
        if len(self._dropped):
            self._did("doubled", f"rows that occur twice, dropped: {len(self._dropped)}")

    def settled(self) -> Settled:
        step_s = stamps.usual_step(self._t) if len(self._t) > 1 else 0.0
        if step_s < 0:
            raise UnusableFileError(
                f"{self._name} has time stamps that run backwards: sort it by "
                f"time{self._rules.remedy}."
            )
        if step_s == 0:
            raise UnusableFileError(
                f"{self._name} has time stamps that do not advance: its rate is "
                f"unknown{self._rules.remedy}."
            )
        odd = stamps.odd_steps(self._t, step_s)
        wrong = stamps.out_of_line(self._t, odd, step_s)
        if len(wrong):
            self._t = self._t.copy()
            self._t[wrong] = (self._t[wrong - 1] + self._t[wrong + 1]) / 2
            odd = stamps.odd_steps(self._t, step_s)
            self._did("stamps", f"time stamps out of line, mended: {len(wrong)}")
        splits = self._find_holes(odd, step_s)
        edges = [0, *(splits + 1).tolist(), len(self._t)]
        stretches = [self._timed(*pair) for pair in itertools.pairwise(edges)]
        long = [one for one in stretches if one.span_s + step_s >= SHORTEST_PART_S]
        if len(stretches) == 1:
            long = stretches
        if not sum(one.span_s for one in long) > 0:
            raise UnusableFileError(
                f"{self._name} has time stamps that jump {len(splits)} times, with no second "
                "between: its rate is unknown."
            )
        whole_hz = sum(one.steps for one in long) / sum(one.span_s for one in long)
        parts = tuple(self._part(one, whole_hz) for one in long)
        self._tell_splits(splits, stretches, long)
        return Settled(parts, tuple(self._done), tuple(self._flags))

    def _did(self, flag: str, what: str) -> None:
        self._flags.append(flag)
        self._done.append(what)

    def _find_holes(self, odd: Indices, step_s: float) -> Indices:
        """Bridges the short holes; returns the rows after which the recording is split."""
        at, excess_s = stamps.shifts(self._t, odd, step_s)
        bridge_s = max(self._rules.bridge_s, _BRIDGED_SAMPLES * step_s) + 0.25 * step_s
        wavering = self._rules.uneven or stamps.uneven(self._t, step_s)
        back_s = stamps.SLACK_S if wavering else min(stamps.SLACK_S, 1.5 * step_s)
        split = np.abs(excess_s) > np.where(excess_s > 0, bridge_s, back_s)
        filled = np.rint(excess_s / step_s).astype(np.intp)
        least_s = 0.0
        if self._rules.uneven:
            least_s = stamps.SLACK_S
        elif stamps.uneven(self._t, step_s):
            least_s = min(stamps.SLACK_S, _SURE_STEPS * step_s)
        bridged = ~split & (filled > 0) & (filled * step_s > least_s)
        self._holes, self._filled = at[bridged], filled[bridged]
        count = int(self._filled.sum())
        if count > _MOST_BRIDGED * len(self._t):
            raise self._other_rates()
        if count:
            self._did("bridged", f"lost samples, bridged by a straight line: {count}")
        return at[split]

    def _timed(self, begin: int, end: int) -> _Stretch:
        t = self._t[begin:end]
        if len(t) < 2:
            return _Stretch(begin, end, 0.0, 0)
        first, last = stamps.timed_rows(t)
        return _Stretch(
            begin, end, float(t[last] - t[first]), self._steps(begin + first, begin + last)
        )

    def _steps(self, first: int, last: int) -> int:
        """The steps between two rows, with those that were put in."""
        low, high = np.searchsorted(self._holes, [first, last])
        return last - first + int(self._filled[low:high].sum())

    def _part(self, stretch: _Stretch, whole_hz: float) -> Segment:
        own_hz = stretch.steps / stretch.span_s
        rate_hz = whole_hz if abs(own_hz / whole_hz - 1) < _SAME_RATE else own_hz
        low, high = RATE_RANGE_HZ
        if not low <= rate_hz <= high:
            raise UnusableFileError(
                f"{self._name} has {rate_hz:.3g} samples a second: a recording has {low:g} to "
                f"{high:g}."
            )
        self._check_steady(stretch, rate_hz)
        self._tell_drift(stretch)
        tick_s = stamps.tick(self._t[stretch.begin : stretch.end])
        if tick_s and stretch.steps < _FEWEST_STEPS:
            raise UnusableFileError(
                f"{self._name} is too short for time stamps that count in {tick_s:.3g} s: its "
                "rate is unknown."
            )
        usual = self._rules.usual_hz
        named_hz = nominal(rate_hz, usual, self._rules.tolerance) if usual else round(rate_hz, 2)
        begin, end = stretch.begin, stretch.end
        t = self._t[begin:end]
        inside = (self._holes >= begin) & (self._holes < end - 1)
        start, last = self._row(np.array([begin, end - 1]))
        dropped = self._dropped[(self._dropped > start) & (self._dropped <= last)]
        return Segment(
            start=int(start),
            stop=int(last) + 1,
            rate_hz=named_hz,
            max_gap_s=None if tick_s else round(stamps.longest_step(t), 3),
            dropped=dropped,
            holes=self._row(self._holes[inside]),
            filled=self._filled[inside],
        )

    def _row(self, at: Indices) -> Indices:
        """The rows as they were logged, copies counted too."""
        if not len(self._dropped):
            return at
        before = self._dropped - np.arange(len(self._dropped))
        return at + np.searchsorted(before, at, side="right")

    def _check_steady(self, stretch: _Stretch, rate_hz: float) -> None:
        """Raises UnusableFileError when stamps stray from the steady rate."""
        t = self._t[stretch.begin : stretch.end]
        put_in = np.concatenate([[0], np.cumsum(self._filled)])
        for span_s in _SPANS_S:
            lag = round(span_s * rate_hz)
            if lag >= len(t):
                return
            low = np.arange(0, len(t) - lag, max(1, (len(t) - lag) // _PROBES))
            ends = np.searchsorted(self._holes, low + stretch.begin + [[0], [lag]])
            steps = lag + put_in[ends[1]] - put_in[ends[0]]
            stray_s = np.abs(t[low + lag] - t[low] - steps / rate_hz)
            if stray_s.max() > _STRAY_S + _STRAY_SHARE * span_s + stamps.tick(t):
                raise self._other_rates()

    def _tell_drift(self, stretch: _Stretch) -> None:
        """Tells of a rate that changes slowly, by which moments are off in the middle."""
        t = self._t[stretch.begin : stretch.end]
        fifth = len(t) // 5
        if self._rules.uneven or fifth < _FEWEST_STEPS // 2 or "drift" in self._flags:
            return
        first_hz, last_hz = (
            1 / max(stamps.usual_step(one), 1e-9) for one in (t[:fifth], t[-fifth:])
        )
        off_s = stamps.off_the_line(t)
        if abs(first_hz / last_hz - 1) > _DRIFT and off_s > _DRIFTED_S:
            self._did(
                "drift",
                f"its rate drifts from {first_hz:.4g} to {last_hz:.4g} Hz, so that moments are up "
                f"to {off_s:.2g} s off",
            )

    def _tell_splits(
        self, splits: Indices, stretches: Sequence[_Stretch], long: Sequence[_Stretch]
    ) -> None:
        if not len(splits):
            return
        # Counted from the file's own beginning, as whoever looks there will find it.
        at_s = self._t[splits] - self._t[0]
        steps_s = self._t[splits + 1] - self._t[splits]
        for sign, what in ((1, "gap of"), (-1, "clock set back by")):
            some = steps_s * sign > 0
            if some.any():
                most = int(np.argmax(steps_s * sign))
                count = int(some.sum())
                times = f" (the longest of {count})" if count > 1 else ""
                self._done.append(
                    f"{what} {_spelt(abs(steps_s[most]))} s after {at_s[most]:.2f} s{times}"
                )
        self._flags.append("split" if len(long) > 1 else "cut")
        if len(long) > 1:
            self._done.append(f"split there into {len(long)} recordings")
        left_out = sum(one.end - one.begin for one in stretches if one not in long)
        if left_out:
            self._done.append(
                f"left out, as parts shorter than {SHORTEST_PART_S:g} s: {left_out} samples"
            )

    def _other_rates(self) -> UnusableFileError:
        stuck = stamps.standstill(self._t)
        if stuck is not None:
            row, count = stuck
            rate_hz = 1 / stamps.usual_step(self._t)
            return UnusableFileError(
                f"{self._name} has a clock that stands still for {count} samples after "
                f"{self._t[row] - self._t[0]:.2f} s: correct its stamps there, or leave it out; "
                f"if no sample is missing, --source-rate {rate_hz:.4g} makes stamps of its own."
            )
        quarter = max(2, len(self._t) // 4)
        first, last = (
            (quarter - 1) / span_s if (span_s := float(one[-1] - one[0])) > 0 else 0.0
            for one in (self._t[:quarter], self._t[-quarter:])
        )
        return UnusableFileError(
            f"{self._name} does not keep one rate ({first:.4g} Hz in its first quarter, "
            f"{last:.4g} Hz in its last): cut it where the rate changes, or leave it out."
        )


def _spelt(seconds: float) -> str:
    """Seconds with four figures, and whole ones of long times."""
    return f"{seconds:.4g}" if seconds < 1e4 else f"{seconds:.0f}"

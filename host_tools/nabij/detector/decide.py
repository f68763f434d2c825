"""Runs the shipped detector over whole recordings, and says what counts as an alarm.

How a recording is judged, in every engine of the replay and in every published figure:
- The badge is fresh at the first sample, and sees the samples that its accelerometer would give
  (sampling.measured). Of motion that a badge kept of an alarm it is told what that badge knew of
  upright then (`upright`).
- A recording that ends before the confirm stage does goes on: its last second runs backwards,
  forwards, backwards, ... (`tail`). That adds no rest or motion that was not there; holding the
  last sample instead would be perfect stillness, in whatever posture that sample happens to show.
- A fall counts only if its impact lies in the recording itself, not in the tail.
- The recording raised an alarm if a fall was judged and the pre-alarm was not taken back
  (`alarms`): it was confirmed, or, which a whole stream of samples never shows, not settled.
  Where the recording says that the person gets up again after the fall, the judged fall counts:
  there the confirm stage is right to take the pre-alarm back.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect, evidence
from badge.core.detector import params as detector_params
from badge.core.detector.detect import (
    BLOCK_SAMPLES,
    P_DOWN_POINTS,
    P_FALL_POINTS,
    PHASE_IDLE,
    S_ANCHOR_CLOCK,
    S_FALL_CLOCK,
    S_FALL_PEAK_Q,
    S_FRAME,
    S_PEAK_Q,
    S_PHASE,
    S_UPRIGHTS,
    reset,
    step_block,
)
from nabij.detector import engines, sampling

Samples = NDArray[np.int16]
Params = NDArray[np.int32]

TAIL_WINDOW_SAMPLES: Final = detect.RATE_HZ
# Once an open fall is settled the next impact may be judged.
_TAIL_SPARE_BLOCKS: Final = 4
# What is kept of the state with each event: all that has a name, not the ring of blocks.
SNAPSHOT_WORDS: Final[int] = detect.S_EVIDENCE + evidence.EVIDENCE
_TABLE_ROWS: Final = 1 << 16
NONE_FEWER: Final[Params] = np.zeros((0, 0), np.int32)
# How often upright was learned, and x, y and z of it: words of the detector's state.
UPRIGHT_AT: Final = (S_UPRIGHTS, S_FRAME, S_FRAME + 1, S_FRAME + 2)
DECISIONS: Final = detect.EV_FALL | detect.EV_CONFIRMED | detect.EV_RECOVERED | detect.EV_REJECTED
_ABOUT_A_FALL: Final = detect.EV_FALL | detect.EV_CONFIRMED | detect.EV_RECOVERED
# FallAllD writes "rec" in the activity of a fall that the person gets up from after 3 s.
_GETS_UP: Final = re.compile(r"\b(rec|recovers?|gets up)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Decision:
    """A decision of the detector: `bits` of EV_, after `at` samples of recording and tail.

    `anchor` is the number of samples up to the end of the block with the impact, `peak_mg` that
    impact; `words` is the start of the detector's state just after the decision (None where the
    engine does not show it).
    """

    at: int
    bits: int
    anchor: int
    peak_mg: int = 0
    words: NDArray[np.int32] | None = None


@dataclass(frozen=True)
class Fall:
    """A fall that the detector judged; positions in samples of the recording and its tail.

    `kept` is True when it was confirmed, False when the wearer was up again, None if undecided.
    """

    impact: int
    judged: int
    settled: int | None = None
    kept: bool | None = None


def params_of(config: Any) -> Params:
    """Return the kernel's parameters for a badge configuration (core/settings/config.py)."""
    return np.array(detector_params.build(config), np.int32)


def decide(acc: Samples, params: Params) -> list[Decision]:
    """Return the decisions about one recording: N x 3 int16 milli-g at 104 Hz."""
    return decide_many(acc, np.array([0, len(acc)]), params)[0]


def decide_many(
    samples: Samples,
    offsets: NDArray[np.integer[Any]],
    params: Params,
    *,
    fewer: Params = NONE_FEWER,
    upright: Params | None = None,
    table_rows: int = _TABLE_ROWS,
) -> list[list[Decision]]:
    """Return the decisions about each recording; recording k is samples[offsets[k]:offsets[k+1]].

    `samples` is N x 3 int16 milli-g at 104 Hz, as the badge measures (sampling.measured). `fewer`
    has a row for each recording, with so many points less for each block of it and its tail (if
    left out, none), `upright` what a badge knew before it: words UPRIGHT_AT of its state (if
    left out, what a fresh one knows). `table_rows` is how many decisions the engine notes at once.
    """
    words = engines.words(samples)
    offsets = np.ascontiguousarray(offsets, np.int64)
    count = len(offsets) - 1
    known = fresh_upright(count) if upright is None else upright
    found: list[list[Decision]] = [[] for _ in range(count)]
    tail = tail_samples(params)
    longest = int(np.diff(offsets).max(initial=0)) + tail
    # A decision ends a block, so a recording has at most one for each.
    rows = max(table_rows, longest // BLOCK_SAMPLES + 1)
    table = np.zeros((rows, _COLUMNS + SNAPSHOT_WORDS), np.int32)
    first = 0
    while first < count:
        how = (params, params.copy(), fewer, known, tail)
        done, filled = _kernel()(words, offsets, first, how, engines.new_state(), table)
        for row in table[:filled].copy():
            recording, at, bits, anchor, peak_q = row[:_COLUMNS].tolist()
            peak_mg = detector_params.milli_g_of(peak_q)
            found[recording].append(Decision(at, bits, anchor, peak_mg, row[_COLUMNS:]))
        first = int(done)
    return found


def fresh_upright(count: int) -> Params:
    """Return what a fresh badge knows of upright, for so many recordings."""
    return np.tile(engines.new_state()[list(UPRIGHT_AT)], (count, 1))


def concatenate(recordings: Sequence[Samples]) -> tuple[Samples, NDArray[np.int64]]:
    """Return recordings end to end, as the badge would measure them, and their offsets."""
    offsets = np.zeros(len(recordings) + 1, np.int64)
    np.cumsum([len(acc) for acc in recordings], out=offsets[1:])
    samples = np.empty((int(offsets[-1]), 3), np.int16)
    for acc, (start, end) in zip(recordings, itertools.pairwise(offsets), strict=True):
        samples[start:end] = sampling.measured(acc)
    return samples, offsets


def tail_samples(params: Params) -> int:
    """Return how many samples a recording goes on for, so that its last impact can be settled."""
    blocks = int(params[detect.P_DECIDE_BLOCKS]) + verdict_blocks(params)
    return int((blocks + _TAIL_SPARE_BLOCKS) * BLOCK_SAMPLES)


def verdict_blocks(params: Params) -> int:
    """Return how many blocks after an impact that is judged a fall its verdict comes at most."""
    return int(params[detect.P_CONFIRM_BLOCKS] + detect.LIKELIER_BLOCKS)


def with_tail(acc: Samples, params: Params) -> Samples:
    """Return the recording with its tail: the last second backwards and forwards."""
    if not len(acc):
        return acc
    at = tail_index(len(acc) - 1, np.arange(tail_samples(params)))
    return np.concatenate([acc, acc[at]])


def falls(events: Sequence[Decision], samples: int) -> list[Fall]:
    """Return the falls judged in a recording of so many samples, with how they were settled."""
    found: list[Fall] = []
    for event in events:
        if event.bits & detect.EV_FALL:
            found.append(Fall(event.anchor, event.at))
        elif event.bits & (detect.EV_CONFIRMED | detect.EV_RECOVERED) and found:
            opened = found[-1]
            kept = bool(event.bits & detect.EV_CONFIRMED)
            found[-1] = Fall(opened.impact, opened.judged, event.at, kept)
    # The block of the impact must have begun within the recording.
    return [fall for fall in found if fall.impact - BLOCK_SAMPLES < samples]


def alarms(found: Sequence[Fall], *, gets_up: bool) -> list[Fall]:
    """Return the falls that count as alarms (see above)."""
    return [fall for fall in found if fall.kept is not False or gets_up]


def gets_up_again(activity: str) -> bool:
    """Say whether an activity's name tells that the person gets up again after the fall."""
    return _GETS_UP.search(activity) is not None


_COLUMNS: Final = 5


def tail_index(last: int, k: Any) -> Any:
    """Return which sample stands at place(s) `k` of the tail of a recording ending at `last`."""
    if last == 0:
        return 0 * k
    turn = min(TAIL_WINDOW_SAMPLES, last)
    return last - (turn - abs(turn - (k + 1) % (2 * turn)))


def _run_many(words, offsets, first, how, state, table):  # type: ignore[no-untyped-def]
    """Fill `table` from recording `first` on; return the recording to go on with, rows filled."""
    params, lowered, fewer, upright, tail = how
    filled = 0
    chunk = np.zeros(3 * BLOCK_SAMPLES, np.uint16)
    for k in range(first, len(offsets) - 1):
        start = offsets[k]
        length = offsets[k + 1] - start
        if filled + (length + tail) // BLOCK_SAMPLES + 1 > len(table):
            return k, filled
        reset(state)
        state[S_UPRIGHTS] = upright[k, 0]
        state[S_FRAME : S_FRAME + 3] = upright[k, 1:]
        at = 0
        end = length + tail if length else 0
        while at < end:
            take = BLOCK_SAMPLES - at % BLOCK_SAMPLES
            if at < length:
                take = min(take, length - at)
                part = words[3 * (start + at) : 3 * (start + at + take)]
            else:
                # With nothing open the tail can add no alarm that counts.
                if state[S_PHASE] == PHASE_IDLE and take == BLOCK_SAMPLES:
                    break
                take = min(take, end - at)
                for i in range(take):
                    source = 3 * (start + tail_index(length - 1, at + i - length))
                    for axis in range(3):
                        chunk[3 * i + axis] = words[source + axis]
                part = chunk
            anchor = state[S_ANCHOR_CLOCK]
            peak = state[S_PEAK_Q]
            judged_by = params
            if len(fewer):
                points = fewer[k, at // BLOCK_SAMPLES]
                for at_word in (P_FALL_POINTS, P_DOWN_POINTS):
                    lowered[at_word] = params[at_word] - points
                judged_by = lowered
            bits = step_block(state, part, take, judged_by)
            at += take
            if bits & _ABOUT_A_FALL:
                anchor = state[S_FALL_CLOCK]
                peak = state[S_FALL_PEAK_Q]
            if bits & DECISIONS:
                row = table[filled]
                row[0] = k
                row[1] = at
                row[2] = bits
                row[3] = anchor
                row[4] = peak
                row[_COLUMNS:] = state[:SNAPSHOT_WORDS]
                filled += 1
    return len(offsets) - 1, filled


@functools.cache
def _kernel() -> Any:
    """Compile the loop over recordings together with the shipped kernel that it calls."""
    return compile_loop(_run_many, {**globals(), "step_block": engines.step_block("numba")})


def compile_loop(loop: FunctionType, names: dict[str, Any]) -> Any:
    """Compile a loop over recordings that calls `reset` and `tail_index` besides kernels."""
    names["reset"] = numba.njit(cache=True)(reset)
    names["tail_index"] = numba.njit(cache=True)(tail_index)
    return engines.compile_cached(loop, names)

"""What a gap in the samples costs: `python -m nabij.measure.gaps`.

Each recorded fall that is found without a gap is judged again with one at every place from 3 s
before its hardest moment to 3 s after it, bridged as the badge bridges it, and each other
recording with some gaps at random. What is made up for a gap is the firmware's own
(core/detector/gap.py).
"""

from __future__ import annotations

import argparse
import functools
import itertools
import os
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect, gap
from badge.core.detector.detect import BLOCK_SAMPLES, reset, step_block
from nabij.data import bundles
from nabij.data.bundles import Trial
from nabij.detector import decide, engines
from nabij.detector.decide import Params, Samples
from nabij.errors import NabijError
from nabij.replay import settings
from nabij.replay.outcome import judge, squares
from nabij.tune import recordings

AROUND_S: Final = 3.0
_STEP_MS: Final = 125
_GAPS_EACH: Final = 3
_SEED: Final = 1
# What may_hide_blow() reads of the state.
_WORDS: Final = 8
_SIDE_SAMPLES: Final = 208
# The shipped configuration by where a badge is worn.
_WORN: Final = {"neck": "neck", "chest": "neck", "waist": "belt"}


@dataclass(frozen=True)
class Recorded:
    """Recordings worn at one place, end to end as the badge measures them."""

    trials: tuple[Trial, ...]
    samples: Samples
    offsets: NDArray[np.int64]
    params: Params
    # The first words of the detector's state, a row a block; rows[k] is that of recording k.
    states: NDArray[np.int32]
    rows: NDArray[np.int64]

    def spans(self) -> Iterator[slice]:
        """Where each recording lies."""
        return (slice(start, end) for start, end in itertools.pairwise(self.offsets))


@dataclass(frozen=True)
class Place:
    """A gap that begins so long after the hardest moment, and of which source how many missed."""

    at_s: float
    missed: dict[str, int]


def gather(trials: Sequence[Trial], name: str) -> Recorded:
    """Return recordings with the parameters of a shipped configuration."""
    samples, offsets = decide.concatenate([bundles.samples_104(trial) for trial in trials])
    params = decide.params_of(settings.load(name).config)
    blocks = np.diff(offsets) // BLOCK_SAMPLES + 1
    rows = np.concatenate([[0], np.cumsum(blocks)])
    states = np.zeros((rows[-1], _WORDS), np.int32)
    _kernel()(engines.words(samples), offsets, rows, params, engines.new_state(), states)
    return Recorded(tuple(trials), samples, offsets, params, states, rows)


def alarms(
    data: Recorded, samples: Samples, fewer: Params = decide.NONE_FEWER
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each recording whether an alarm was raised, and a pre-alarm.

    `fewer` are the points that the gaps are worth (doubt()).
    """
    events = decide.decide_many(samples, data.offsets, data.params, fewer=fewer)
    found = [
        judge(trial, samples[span], seen)
        for trial, span, seen in zip(data.trials, data.spans(), events, strict=True)
    ]
    return (
        np.array([bool(one.alarms) for one in found], np.bool_),
        np.array([bool(one.falls) for one in found], np.bool_),
    )


def doubt(data: Recorded, drawn: Sequence[tuple[NDArray[np.int64], int]]) -> Params:
    """Return by how many points less each block of each recording is judged after its gaps."""
    length = np.diff(data.offsets)
    blocks = (length.max() + decide.tail_samples(data.params)) // BLOCK_SAMPLES + 1
    fewer = np.zeros((len(length), blocks), np.int32)
    for first, samples in drawn:
        for k in np.flatnonzero((first > 0) & (first < length - samples)):
            began = first[k] // BLOCK_SAMPLES
            row = fewer[k, began : began + gap.DOUBT_BLOCKS]
            np.maximum(row, gap.doubt_points(samples), out=row)
    return fewer


def with_gaps(
    data: Recorded, first: NDArray[np.int64], length: int, samples: Samples | None = None
) -> Samples:
    """Return the samples with a bridged gap in each recording, `first` samples after its begin.

    A recording in which the gap has no neighbours stays as it is. `samples` may have gaps already.
    """
    bridged = (data.samples if samples is None else samples).copy()
    for k, span in enumerate(data.spans()):
        at = int(first[k])
        if 0 < at < span.stop - span.start - length:
            state = data.states[data.rows[k] + at // BLOCK_SAMPLES]
            _bridge(bridged[span], at, length, state)
    return bridged


def missed(data: Recorded, length: int, step_ms: int) -> Iterator[Place]:
    """Return the falls that a gap of so many samples costs, of those found without one."""
    found, _ = alarms(data, data.samples)
    sources = np.array([recordings.source_of(trial) for trial in data.trials])
    hardest = np.array([int(np.argmax(squares(data.samples[span]))) for span in data.spans()])
    around = int(AROUND_S * detect.RATE_HZ)
    for after in range(-around, around + 1, max(1, step_ms * detect.RATE_HZ // 1000)):
        first = hardest + after
        seen, _ = alarms(data, with_gaps(data, first, length), doubt(data, [(first, length)]))
        lost = found & ~seen
        counts = {source: int(lost[sources == source].sum()) for source in sorted(set(sources))}
        yield Place(after / detect.RATE_HZ, counts)


def raised(data: Recorded, length: int) -> tuple[float, float]:
    """Return in what share of gaps, at random in recordings of no fall, an alarm or a pre-alarm
    is raised that is not there without it."""
    rng = np.random.default_rng(_SEED)
    room = np.diff(data.offsets) - length - 2 * _SIDE_SAMPLES
    calm = alarms(data, data.samples)
    more = np.zeros(2)
    for _ in range(_GAPS_EACH):
        first = _SIDE_SAMPLES + (rng.random(len(room)) * np.maximum(room, 1)).astype(np.int64)
        now = alarms(data, with_gaps(data, first, length), doubt(data, [(first, length)]))
        more += [(after & ~before).sum() for after, before in zip(now, calm, strict=True)]
    alarm, pre_alarm = more / (_GAPS_EACH * len(data.trials))
    return float(alarm), float(pre_alarm)


def _bridge(samples: Samples, at: int, length: int, state: NDArray[np.int32]) -> None:
    words = samples.view(np.uint16)
    one = gap.Gap()
    one.between(words[at - 1].tolist(), words[at + length].tolist(), length)
    shaken = words[max(0, at - gap.SHAKEN_SAMPLES) : at]
    blow_mg = one.blow_mg(shaken.reshape(-1).tolist(), len(shaken), state.tolist())
    filled = array("H", bytes(6 * length))
    one.fill(filled, 0, length, blow_mg)
    words[at : at + length] = np.frombuffer(filled, np.uint16).reshape(-1, 3)


def _states(words, offsets, rows, params, state, states):  # type: ignore[no-untyped-def]
    """Keep the beginning of the state after each block of each recording."""
    for k in range(len(offsets) - 1):
        reset(state)
        at = offsets[k]
        for row in range(rows[k], rows[k + 1]):
            states[row] = state[: states.shape[1]]
            if at + BLOCK_SAMPLES <= offsets[k + 1]:
                step_block(state, words[3 * at : 3 * (at + BLOCK_SAMPLES)], BLOCK_SAMPLES, params)
            at += BLOCK_SAMPLES
    return 0


@functools.cache
def _kernel() -> Any:
    loop = cast("FunctionType", _states)
    return decide.compile_loop(loop, {**globals(), "step_block": engines.step_block("numba")})


def main(arguments: Sequence[str]) -> int:
    """Print what gaps of one length cost in the bundles of a folder."""
    parser = argparse.ArgumentParser(prog="python -m nabij.measure.gaps", description=__doc__)
    default = os.environ.get("NABIJ_DATA", "../shared/data")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(default))
    parser.add_argument(
        "--samples",
        type=int,
        default=gap.LONGEST_SAMPLES,
        help="length of the gap (%(default)s: the longest that is bridged)",
    )
    parser.add_argument("--step-ms", type=int, default=_STEP_MS, help="between places")
    given = parser.parse_args(arguments)
    if given.samples < 1 or given.step_ms < 1:
        print("--samples and --step-ms are 1 or more.", file=sys.stderr)
        return 2
    try:
        trials = [trial for one in bundles.load_every(given.folder) for trial in one.rows]
    except NabijError as error:
        print(error.sentence, file=sys.stderr)
        return error.exit_code
    length_s = given.samples / detect.RATE_HZ
    print(f"A gap of {given.samples} samples ({length_s:.2f} s), bridged.\n")
    for name in sorted(set(_WORN.values())):
        worn = [trial for trial in trials if _WORN.get(trial.place) == name]
        _report(name, worn, given.samples, given.step_ms)
    return 0


def _report(name: str, trials: Sequence[Trial], length: int, step_ms: int) -> None:
    data = gather([trial for trial in trials if trial.is_fall], name)
    found, _ = alarms(data, data.samples)
    of = dict.fromkeys(sorted({recordings.source_of(one) for one in data.trials}), 0)
    for trial, is_found in zip(data.trials, found, strict=True):
        of[recordings.source_of(trial)] += int(is_found)
    places = list(missed(data, length, step_ms))
    print(f"{name}:{'':24} falls found   missed at the worst place        on average")
    for source, total in {**of, "all": sum(of.values())}.items():
        counts = [
            sum(one.missed.values()) if source == "all" else one.missed[source] for one in places
        ]
        if not total:
            continue
        worst = int(np.argmax(counts))
        mean = sum(counts) / len(counts)
        print(
            f"  {source:28} {total:8}   {counts[worst]:4} {100 * counts[worst] / total:5.2f} % "
            f"({places[worst].at_s:+.2f} s) {100 * mean / total:15.2f} %"
        )
    others = gather([trial for trial in trials if not trial.is_fall], name)
    alarm, pre_alarm = raised(others, length)
    print(
        f"  of {_GAPS_EACH * len(others.trials)} gaps in other recordings {100 * alarm:.2f} % "
        f"raised an alarm, {100 * pre_alarm:.2f} % a pre-alarm\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

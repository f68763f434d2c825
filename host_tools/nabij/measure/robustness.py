"""What another sensor, or another way of wearing it, costs: `python -m nabij.measure.robustness`.

Each recording is judged as it is and changed, by the shipped way of fitting, with a table that
never saw the person (nabij.measure.held_out). The kernel alone, a fresh one for each recording.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from nabij import places
from nabij.data import bundles
from nabij.detector import sampling
from nabij.detector.sampling import Samples
from nabij.errors import NabijError
from nabij.measure import held_out
from nabij.measure.held_out import Corpus
from nabij.replay.outcome import Outcome
from nabij.terminal import output_console, print_table
from nabij.tune import recipe, recordings
from nabij.tune.recordings import Recordings

_SEED: Final = 1
_OFFSET_MG: Final = 80
_SKEW: Final = 0.05

# What becomes of one recording, N x 3 int16 milli-g at 104 Hz; random parts from the generator.
Making = Callable[[Samples, np.random.Generator], Samples]


@dataclass(frozen=True)
class Change:
    """Another sensor, or another way of wearing it."""

    name: str
    make: Making


def turned(acc: Samples, rng: np.random.Generator) -> Samples:
    """Return a recording of a badge that hangs in another, random way."""
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    if np.linalg.det(turn) < 0:
        # A mirror is no badge.
        turn[:, 0] *= -1
    return _rounded(acc.astype(np.float64) @ turn)


def noisy(rms_mg: int) -> Making:
    """Return what so much more noise on each axis makes of a recording."""
    return lambda acc, rng: _rounded(acc + rng.normal(0, rms_mg, acc.shape))


def clipped(most_mg: int) -> Making:
    """Return what a sensor makes of a recording that measures so much at most."""
    return lambda acc, _: np.clip(acc, -most_mg, most_mg)


def offset(acc: Samples, rng: np.random.Generator) -> Samples:
    """Return a recording that is 80 mg off in a random direction."""
    direction = rng.normal(size=3)
    return _rounded(acc.astype(np.float64) + _OFFSET_MG * direction / np.linalg.norm(direction))


def at_pace(pace: float) -> Making:
    """Return what a sensor makes of a recording that samples so many times as often as it says."""
    true_hz = sampling.BADGE_RATE_HZ * pace
    return lambda acc, _: sampling.resample(acc, sampling.BADGE_RATE_HZ, true_hz)


CHANGES: Final = (
    Change("turned any way", turned),
    # The LSM6DSOX has 3 mg rms at +-16 g (DS12814).
    Change("noise, 5 mg rms", noisy(5)),
    Change("noise, 15 mg rms", noisy(15)),
    Change("clipped at 4 g", clipped(4000)),
    Change("clipped at 2 g", clipped(2000)),
    Change(f"{_OFFSET_MG} mg offset", offset),
    Change("5 % fast", at_pace(1 + _SKEW)),
    Change("5 % slow", at_pace(1 - _SKEW)),
)


def changed(data: Recordings, change: Change, seed: int = _SEED) -> Recordings:
    """Return all recordings changed, to judge and not to fit to."""
    rng = np.random.default_rng(seed)
    parts = [
        sampling.measured(np.ascontiguousarray(change.make(data.samples[start:end], rng)))
        for start, end in itertools.pairwise(data.offsets)
    ]
    offsets = np.cumsum([0, *map(len, parts)])
    return replace(data, samples=np.concatenate(parts), offsets=offsets)


def shares(outcomes: Sequence[Outcome]) -> dict[str, tuple[float | None, float | None]]:
    """Return by source in percent: falls seen, others silent; None where there are none."""
    found: dict[str, tuple[list[bool], list[bool]]] = {}
    for one in outcomes:
        seen, silent = found.setdefault(recordings.source_of(one.trial), ([], []))
        if one.trial.is_fall:
            seen.append(bool(one.alarms))
        else:
            silent.append(not one.alarms)
    return {source: (_percent(seen), _percent(silent)) for source, (seen, silent) in found.items()}


def main(arguments: Sequence[str]) -> int:
    """Print what each change costs in the bundles of a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m nabij.measure.robustness", description=__doc__, allow_abbrev=False
    )
    names = [one.name for one in recipe.RECIPES]
    parser.add_argument("folder", nargs="?", type=Path, default=places.recordings())
    parser.add_argument("--only", choices=names, help="one configuration")
    given = parser.parse_args(arguments)
    try:
        data = recordings.gather(bundles.load_every(given.folder, resampled=True))
    except NabijError as error:
        print(error.sentence, file=sys.stderr)
        return error.exit_code
    wanted = [one for one in recipe.RECIPES if given.only in {None, one.name}]
    known = {source for one in wanted for source in one.worn}
    if not np.isin(data.labels.source, list(known)).any():
        print(f"Nothing in {given.folder} is judged: it needs {_or(known)}.", file=sys.stderr)
        return 2
    sample = recordings.sample_of(
        (data.samples, data.offsets), recipe.MOST_COPIES, data.labels.is_fall
    )
    # No softened falls are asked about.
    corpus = Corpus(data, data, sample)
    for chosen in wanted:
        _report(corpus, chosen)
    return 0


def _or(sources: Collection[str]) -> str:
    *others, last = sorted(sources)
    return f"{', '.join(others)} or {last}"


def _rounded(acc: NDArray[np.float64]) -> Samples:
    whole: Samples = np.clip(np.rint(acc), -32768, 32767).astype(np.int16)
    return whole


def _report(corpus: Corpus, chosen: recipe.Recipe) -> None:
    made = held_out.fitted(corpus, chosen, held_out.by_person(corpus))

    def judged(of: Recordings) -> dict[str, tuple[float | None, float | None]]:
        return shares(held_out.outcomes_of(of, chosen, made, recipe.DEFAULT_PRESET))

    plain = judged(corpus.data)
    print(f"\n{chosen.name}, on people held out: falls seen / others silent, %, and the change")
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for source in plain:
        table.add_column(source, justify="right", no_wrap=True)
    table.add_row("as recorded", *map(_told, plain.values()))
    worst = 0.0
    for change in CHANGES:
        now = judged(changed(corpus.data, change))
        cells = []
        for source, before in plain.items():
            pairs = zip(now[source], before, strict=True)
            more = [a - b for a, b in pairs if a is not None and b is not None]
            worst = min(worst, *more)
            cells.append(f"{_told(now[source])} ({' / '.join(f'{one:+.1f}' for one in more)})")
        table.add_row(change.name, *cells)
    print_table(output_console(), table)
    print(f"The largest loss is {abs(worst):.1f} points.")


def _told(of: tuple[float | None, float | None]) -> str:
    return " / ".join("-" if one is None else f"{one:.1f}" for one in of)


def _percent(hits: Sequence[bool]) -> float | None:
    return 100 * sum(hits) / len(hits) if hits else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

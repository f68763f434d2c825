"""Recordings as what a verifier is fitted to: their labels, and the impacts in them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nabij.data.bundles import Bundle, Trial, samples_104
from nabij.detector import decide
from nabij.detector.decide import Samples
from nabij.replay.outcome import squares
from nabij.tune import extract as extracting
from nabij.tune.extract import Impacts
from nabij.tune.fit import Bools, Labels, Sample, stack
from nabij.tune.soften import softened

# Of the shipped configurations.
SEED: Final = 7
# The shares of a soft copy's quick motion are drawn from these.
_SOFT: Final = (0.35, 0.9)
_ON_TRUNK: Final = frozenset({"neck", "chest", "waist"})


@dataclass(frozen=True)
class Recordings:
    """Trials end to end as the badge measures them, with their labels."""

    trials: tuple[Trial, ...]
    samples: Samples
    offsets: NDArray[np.int64]
    labels: Labels


def gather(bundles: Iterable[Bundle], *, on_trunk: bool = True) -> Recordings:
    """Return all recordings of bundles that were worn on the trunk, or all others."""
    rows = itertools.chain.from_iterable(bundle.rows for bundle in bundles)
    trials = tuple(trial for trial in rows if (trial.place in _ON_TRUNK) == on_trunk)
    samples, offsets = decide.concatenate([samples_104(trial) for trial in trials])
    return Recordings(trials, samples, offsets, labels_of(trials, samples, offsets))


def labels_of(trials: Sequence[Trial], samples: Samples, offsets: NDArray[np.int64]) -> Labels:
    """Return what is known of trials that lie end to end as the badge measures them."""
    is_fall = np.array([trial.is_fall for trial in trials], np.bool_)
    gets_up = np.array([decide.gets_up_again(trial.activity) for trial in trials], np.bool_)
    # One by one: squares are three times as large as the samples.
    spans = itertools.pairwise(offsets)
    peaks = [int(np.argmax(squares(samples[start:end]))) for start, end in spans]
    return Labels(
        is_fall,
        is_fall & gets_up,
        np.array([source_of(trial) for trial in trials], np.str_),
        np.array([trial.person for trial in trials], np.str_),
        np.array(peaks, np.int64),
    )


def source_of(trial: Trial) -> str:
    """Return the source of a recording: its data set and placement, as fallalld/neck."""
    return f"{trial.bundle}/{trial.placement}"


def chosen(data: Recordings, rows: Bools) -> Recordings:
    """Return the marked recordings."""
    numbers = np.flatnonzero(rows)
    samples, offsets = _end_to_end(data.samples, data.offsets, numbers)
    trials = tuple(data.trials[n] for n in numbers)
    return Recordings(trials, samples, offsets, labels_of(trials, samples, offsets))


def soft_falls(data: Recordings, share: float) -> Recordings:
    """Return the falls among recordings with their quick motion scaled by `share`."""
    falls = chosen(data, data.labels.is_fall)
    return replace(falls, samples=softened(falls.samples, falls.offsets, share))


@dataclass(frozen=True)
class Copies:
    """How many noisy copies of all recordings, and soft ones of the falls, teach besides."""

    noisy: int = 0
    soft: int = 0


def sample_of(
    data: tuple[Samples, NDArray[np.int64]],
    copies: Copies,
    is_fall: Bools,
    seed: int = SEED,
    step: Callable[[], object] = lambda: None,
) -> Sample:
    """Return the impacts of recordings (samples end to end, offsets) and of their copies.

    `step` is called after the recordings and after each copy.
    """
    samples, offsets = data
    rng = np.random.default_rng(seed)
    found = [extracting.extract_many(samples, offsets)]
    step()
    for _ in range(copies.noisy):
        noisy = extracting.with_noise(samples, offsets, rng)
        found.append(extracting.extract_many(noisy, offsets))
        step()
    soft = []
    falls = np.flatnonzero(is_fall)
    fallen, spans = _end_to_end(samples, offsets, falls)
    for _ in range(copies.soft if len(falls) else 0):
        weaker = softened(fallen, spans, rng.uniform(*_SOFT, len(falls)).tolist())
        one = extracting.extract_many(extracting.with_noise(weaker, spans, rng), spans)
        numbers = falls[one.recording].astype(np.int32)
        soft.append(Impacts(numbers, one.at, one.evidence))
        step()
    return stack(found, soft)


def _end_to_end(
    samples: Samples, offsets: NDArray[np.int64], numbers: NDArray[np.integer[Any]]
) -> tuple[Samples, NDArray[np.int64]]:
    """Return the recordings of these numbers, and their offsets."""
    parts = [samples[offsets[n] : offsets[n + 1]] for n in numbers]
    spans = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=spans[1:])
    return np.concatenate(parts) if parts else samples[:0], spans

"""Bundles as the recordings and labels that a verifier is fitted to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nabij import decide
from nabij.bundles import Bundle, Trial, samples_104
from nabij.decide import Samples
from nabij.tune import extract as extracting
from nabij.tune.extract import Impacts
from nabij.tune.fit import Labels, Sample, only, stack

_PLACES: Final = ("neck", "sternum", "chest", "waist")
_SEED: Final = 7


@dataclass(frozen=True)
class Recordings:
    """Trials end to end as the badge measures them, with their labels."""

    trials: tuple[Trial, ...]
    samples: Samples
    offsets: NDArray[np.int64]
    labels: Labels


def gather(bundles: Iterable[Bundle]) -> Recordings:
    """Return all recordings of bundles that were worn on the trunk."""
    trials = tuple(trial for bundle in bundles for trial in bundle.rows if place_of(trial))
    samples, offsets = decide.concatenate([samples_104(trial) for trial in trials])
    is_fall = np.array([trial.is_fall for trial in trials], np.bool_)
    gets_up = np.array([decide.gets_up_again(trial.activity) for trial in trials], np.bool_)
    labels = Labels(
        is_fall,
        is_fall & gets_up,
        np.array([source_of(trial) for trial in trials], np.str_),
        np.array([f"{trial.bundle}:{trial.subject}" for trial in trials], np.str_),
        _peaks(samples, offsets),
    )
    return Recordings(trials, samples, offsets, labels)


def sample_of(recordings: Recordings, copies: int) -> Sample:
    """Return the impacts of the recordings and of so many noisy copies of them."""
    rng = np.random.default_rng(_SEED)
    samples, offsets = recordings.samples, recordings.offsets
    found = [extracting.extract_many(samples, offsets)]
    for _ in range(copies):
        noisy = extracting.with_noise(samples, offsets, rng)
        found.append(extracting.extract_many(noisy, offsets))
    return stack(found)


def originals(sample: Sample) -> Impacts:
    """Return the impacts of the recordings themselves."""
    rows = sample.copy == 0
    return only(sample.impacts, rows)


def place_of(trial: Trial) -> str:
    """Return where on the trunk a recording was worn, or nothing."""
    return next((place for place in _PLACES if place in trial.placement), "")


def source_of(trial: Trial) -> str:
    """Return a recording's data set and place, as fallalld/neck."""
    return f"{trial.bundle}/{place_of(trial)}"


def _peaks(samples: Samples, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    half = samples.astype(np.int32) >> 1
    squared = (half * half).sum(axis=1)
    pairs = itertools.pairwise(offsets)
    return np.array([int(np.argmax(squared[start:end])) for start, end in pairs], np.int64)

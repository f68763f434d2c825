"""Recordings as what a verifier is fitted to: their labels, and the impacts in them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nabij.data.bundles import Bundle, Trial, samples_104
from nabij.detector import decide
from nabij.detector.decide import Samples
from nabij.replay.outcome import squares
from nabij.tune import extract as extracting
from nabij.tune.fit import Labels, Sample, stack

# Of the shipped configurations.
SEED: Final = 7
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


def sample_of(
    samples: Samples,
    offsets: NDArray[np.int64],
    copies: int,
    seed: int = SEED,
    step: Callable[[], object] = lambda: None,
) -> Sample:
    """Return the impacts of recordings that lie end to end, and of so many noisy copies of them.

    `step` is called after the recordings and after each copy.
    """
    rng = np.random.default_rng(seed)
    found = [extracting.extract_many(samples, offsets)]
    step()
    for _ in range(copies):
        noisy = extracting.with_noise(samples, offsets, rng)
        found.append(extracting.extract_many(noisy, offsets))
        step()
    return stack(found)

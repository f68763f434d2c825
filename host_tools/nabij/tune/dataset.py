"""What a tuning works on: recordings, their impacts, who is held out when, and what counts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from nabij.data.bundles import Trial
from nabij.detector import decide
from nabij.errors import NabijError, UsageError
from nabij.replay.run import Loaded, Progressing
from nabij.tune import recordings
from nabij.tune.fit import Ints, Labels, Sample, folds
from nabij.tune.recordings import Copies

FOLDS: Final = 5
# The second division into folds, for figures that the search has not seen.
_OTHER_TURN: Final = 1


@dataclass(frozen=True)
class Position:
    """Where a badge is worn: how much a placement teaches, and which are judged."""

    weight: Mapping[str, float]
    judged: frozenset[str]


POSITIONS: Final = {
    "neck": Position({"neck": 1.0, "chest": 0.5, "waist": 0.25}, frozenset({"neck", "chest"})),
    "belt": Position({"waist": 1.0, "neck": 0.25, "chest": 0.15}, frozenset({"waist"})),
}


@dataclass(frozen=True)
class Lesson:
    """All that a fit needs, and no more: this is what travels to the workers."""

    sample: Sample
    labels: Labels
    # Of each source that is learned from.
    weight: Mapping[str, float]
    # The sources that the figures are about.
    judged: tuple[str, ...]
    # The people divided for the search, and otherwise for the figures.
    fold: Ints
    other_fold: Ints


@dataclass(frozen=True)
class Material:
    """The recordings and the lesson in them."""

    loaded: Loaded
    lesson: Lesson
    # Of each source, without its falls.
    hours: Mapping[str, float]
    fingerprint: str = field(repr=False)


def prepare(
    loaded: Loaded, position: str, progress: Progressing, *, copies: Copies, seed: int
) -> Material:
    """Extract the impacts once; raises NabijError when there is too little to tune with."""
    if position not in POSITIONS:
        raise UsageError(f"Position {position} is unknown: choose {' or '.join(POSITIONS)}.")
    labels = recordings.labels_of(loaded.trials, loaded.acc, loaded.offsets)
    weight, judged = _roles(loaded.trials, labels, position)
    _check(labels, weight, judged, position)
    step = progress("finding impacts", 1 + copies.noisy + copies.soft)
    sample = recordings.sample_of((loaded.acc, loaded.offsets), copies, labels.is_fall, seed, step)
    people = len(set(labels.person[np.isin(labels.source, list(weight))]))
    count = min(FOLDS, people)
    lesson = Lesson(
        sample, labels, weight, judged, folds(labels, count), folds(labels, count, _OTHER_TURN)
    )
    _check_folds(lesson)
    length_h = np.diff(loaded.offsets) / decide.TAIL_WINDOW_SAMPLES / 3600
    hours = {
        source: float(length_h[(labels.source == source) & ~labels.is_fall].sum())
        for source in sorted(set(labels.source.tolist()))
    }
    return Material(loaded, lesson, hours, _fingerprint(lesson))


def _roles(
    trials: Sequence[Trial], labels: Labels, position: str
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the weight of each source to learn from, and the sources to be judged by.

    Daily life of another placement on the trunk counts too: badges are worn as people like.
    """
    chosen = POSITIONS[position]
    weight: dict[str, float] = {}
    judged = []
    places = {recordings.source_of(trial): trial.place for trial in trials}
    for source in sorted(places):
        place = places[source]
        if place in chosen.weight:
            weight[source] = chosen.weight[place]
            has_falls = labels.is_fall[labels.source == source].any()
            if place in chosen.judged or not has_falls:
                judged.append(source)
    return weight, tuple(judged)


def _check(
    labels: Labels, weight: Mapping[str, float], judged: tuple[str, ...], position: str
) -> None:
    known = ", ".join(sorted(POSITIONS[position].judged))
    rows = np.isin(labels.source, judged)
    for wanted, name in ((True, "fall"), (False, "daily life")):
        if not (labels.is_fall[rows] == wanted).any():
            raise NabijError(
                f"There is no recording of {name} at {known}, which --position {position} "
                "is judged by: add a bundle that has one."
            )
    if len(set(labels.person[np.isin(labels.source, list(weight))])) < 2:
        raise NabijError(
            "All recordings are of one person: tuning holds people out, so it needs two or more."
        )


def _check_folds(lesson: Lesson) -> None:
    labels = lesson.labels
    used = np.isin(labels.source, list(lesson.weight))
    with_impact = np.zeros(len(labels.is_fall), np.bool_)
    with_impact[lesson.sample.impacts.recording] = True
    for fold in (lesson.fold, lesson.other_fold):
        for held_out in sorted(set(fold[used])):
            rows = used & (fold != held_out) & with_impact
            if not rows.any() or labels.is_fall[rows].all() or not labels.is_fall[rows].any():
                raise NabijError(
                    "Too few people have both falls and daily life with an impact to hold some "
                    "of them out: add recordings of more people."
                )


def _fingerprint(lesson: Lesson) -> str:
    """Return what tells one material from another."""
    whole = hashlib.sha256()
    for part in (
        lesson.sample.impacts.evidence,
        lesson.sample.impacts.recording,
        lesson.labels.is_fall,
        lesson.labels.gets_up,
        lesson.labels.peak,
        lesson.fold,
    ):
        whole.update(np.ascontiguousarray(part).tobytes())
    whole.update("\n".join([*lesson.labels.source, *lesson.labels.person]).encode())
    whole.update(repr((sorted(lesson.weight.items()), lesson.judged)).encode())
    return whole.hexdigest()[:16]

"""The shipped detector on people whom its table never saw, and as shipped.

Held out: each recording goes through the kernel with a verifier that was fitted without the
person, over all placements; the way of fitting and the limits of points are the shipped ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np

from badge.core.detector import detect
from badge.core.settings import config as badge_config
from nabij.data.bundles import Trial
from nabij.data.stream import Joiner, Stream, streams
from nabij.detector import decide
from nabij.detector.decide import Params, Samples
from nabij.detector.verifier import Verifier
from nabij.errors import UsageError
from nabij.replay import settings
from nabij.replay import worn as wearing
from nabij.replay.figures import Causes
from nabij.replay.outcome import Outcome, judge
from nabij.tune import fit, recipe, recordings
from nabij.tune.fit import Bools, Ints, Sample
from nabij.tune.recipe import Recipe
from nabij.tune.recordings import Recordings

# How much of a fall's motion above 2 Hz the column "soft" leaves (nabij.tune.soften).
SOFT: Final = 0.5
_STREAM_MINUTES: Final = 20.0
_NO_MORE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True)
class Corpus:
    """The recordings, the falls among them softened, and the impacts to fit to."""

    data: Recordings
    soft: Recordings
    sample: Sample


@dataclass(frozen=True)
class Judged:
    """What verifiers made of recordings, and of the soft falls."""

    outcomes: list[Outcome]
    soft: list[Outcome]


class Choice(NamedTuple):
    """What a preset is chosen by: its share of quiet recordings, and the falls that it misses."""

    quiet: float
    missed: int


@dataclass(frozen=True)
class Fitted:
    """A verifier for each fold of the recordings."""

    fold: Ints
    verifiers: list[Verifier]


@dataclass(frozen=True)
class Joined:
    """What worn badges made of joined streams, by place; `left_out` people could not be joined."""

    outcomes: dict[str, list[Outcome]]
    left_out: int


def fitted(corpus: Corpus, chosen: Recipe, fold: Ints) -> Fitted:
    """Return for each fold the verifier that was fitted to all others."""
    sample = fit.first_copies(corpus.sample, chosen.copies)
    labels = corpus.data.labels
    return Fitted(fold, fit.cross_fit(sample, labels, chosen.how, fold))


def by_person(corpus: Corpus, turn: int = 0) -> Ints:
    """Return folds by person; `turn` divides the people in another way."""
    return fit.folds(corpus.data.labels, recipe.FOLDS, turn)


def by_set(corpus: Corpus) -> Ints:
    """Return folds by data set."""
    names = np.array([trial.bundle for trial in corpus.data.trials])
    known = sorted(set(names))
    return np.array([known.index(name) for name in names])


def judged(corpus: Corpus, chosen: Recipe, made: Fitted, preset: int) -> Judged:
    """Return each recording's outcome by the verifier that never saw its fold."""
    # Softened falls are in the order of the falls.
    of_falls = replace(made, fold=made.fold[corpus.data.labels.is_fall])
    return Judged(
        outcomes_of(corpus.data, chosen, made, preset),
        outcomes_of(corpus.soft, chosen, of_falls, preset),
    )


def outcomes_of(data: Recordings, chosen: Recipe, made: Fitted, preset: int) -> list[Outcome]:
    """Return what the kernel alone makes of recordings that `made` has a fold for."""
    found = []
    for k, config in enumerate(_configs(chosen, made, preset)):
        here = np.isin(data.labels.source, chosen.worn) & (made.fold == k)
        found += _judge(data, here, decide.params_of(config))
    return found


def worn(
    corpus: Corpus,
    chosen: Recipe,
    made: Fitted,
    preset: int,
    then: str | None,
    more: Mapping[str, Any] = _NO_MORE,
) -> list[Outcome]:
    """Return what worn badges made of the same; `then` as in nabij.replay.worn.

    `more` are settings of the badge.
    """
    found = []
    for k, config in enumerate(_configs(chosen, made, preset, more)):
        here = np.isin(corpus.data.labels.source, chosen.worn) & (made.fold == k)
        found += _worn(corpus.data, here, config, then)
    return found


def joined(
    corpus: Corpus, chosen: Recipe, made: Fitted, preset: int, hours: float, seed: int
) -> Joined:
    """Return what worn badges made of `hours` of joined streams at each place.

    The streams of a fold are of its people alone, and its verifier never saw them.
    """
    found = Joined({}, 0)
    for k, config in enumerate(_configs(chosen, made, preset)):
        here = np.isin(corpus.data.labels.source, chosen.worn) & (made.fold == k)
        of_fold = [corpus.data.trials[n] for n in np.flatnonzero(here)]
        for place in sorted({trial.place for trial in of_fold}):
            rows = [trial for trial in of_fold if trial.place == place]
            share = hours / len(made.verifiers)
            trials, left_out = _streams(rows, share, seed + k)
            parts = [trial.samples for trial in trials]
            outcomes = wearing.wear_each(trials, parts, [], config)
            found.outcomes.setdefault(place, []).extend(outcomes)
            found = replace(found, left_out=found.left_out + left_out)
    return found


def as_shipped(corpus: Corpus, name: str) -> Judged:
    """Return the outcome of each recording by a shipped configuration."""
    params = decide.params_of(settings.load(name).config)
    both = [
        _judge(data, np.ones(len(data.trials), np.bool_), params)
        for data in (corpus.data, corpus.soft)
    ]
    return Judged(*both)


def worn_elsewhere(
    data: Recordings, name: str, then: str = "walk", more: Mapping[str, Any] = _NO_MORE
) -> list[Outcome]:
    """Return what badges made of what no shipped table is judged by; their wearers walk on."""
    known = [source for one in recipe.RECIPES for source in one.worn]
    here = ~np.isin(data.labels.source, known)
    config = badge_config.Config.from_dict({**settings.load(name).config.to_dict(), **more})
    return _worn(data, here, config, then)


def without_verdict(outcomes: Iterable[Outcome]) -> int:
    """Return how many alarms of a fall went before the detector had given its verdict."""
    causes = Causes()
    for one in outcomes:
        causes.add(one)
    return causes.without_verdict


def without_impact(corpus: Corpus) -> dict[str, int]:
    """Return by source how many falls have no impact that is large enough to be judged."""
    labels, impacts = corpus.data.labels, corpus.sample.impacts
    proposed = np.zeros(len(labels.is_fall), np.bool_)
    proposed[impacts.recording[corpus.sample.copy == 0]] = True
    sources = sorted(set(labels.source[labels.is_fall].tolist()))
    missed = labels.is_fall & ~proposed
    return {source: int((missed & (labels.source == source)).sum()) for source in sources}


def quiet_and_missed(found: Judged) -> Choice:
    """Return the share of quiet recordings of the sets with falls, and the falls missed."""
    with_falls = {recordings.source_of(one.trial) for one in found.outcomes if one.trial.is_fall}
    others = [
        one
        for one in found.outcomes
        if not one.trial.is_fall and recordings.source_of(one.trial) in with_falls
    ]
    missed = sum(one.is_miss for one in [*found.outcomes, *found.soft])
    return Choice(sum(not one.alarms for one in others) / len(others), missed)


def best(choice: Mapping[int, Choice]) -> int:
    """Return the preset that recipe.py's rule makes the default; the quietest if none is quiet."""
    enough = [preset for preset, one in choice.items() if one.quiet >= recipe.QUIET]
    if not enough:
        return max(choice, key=lambda preset: choice[preset].quiet)
    return min(enough, key=lambda preset: choice[preset].missed)


def _configs(
    chosen: Recipe, made: Fitted, preset: int, more: Mapping[str, Any] = _NO_MORE
) -> Iterator[Any]:
    for verifier in made.verifiers:
        table = fit.with_bases(verifier, chosen.presets[preset]).text()
        yield badge_config.Config.from_dict({"verifier": table, **more})


def _judge(data: Recordings, rows: Bools, params: Params) -> list[Outcome]:
    trials, parts = _some(data, rows)
    if not trials:
        return []
    offsets = np.cumsum([0, *map(len, parts)])
    events = decide.decide_many(np.concatenate(parts), offsets, params)
    return [
        judge(trial, acc, found) for trial, acc, found in zip(trials, parts, events, strict=True)
    ]


def _worn(data: Recordings, rows: Bools, config: Any, then: str | None) -> list[Outcome]:
    return wearing.wear_each(*_some(data, rows), data.trials, config, then=then)


def _some(data: Recordings, rows: Bools) -> tuple[list[Trial], list[Samples]]:
    """Return the marked recordings, and their samples as the badge measures them."""
    numbers = np.flatnonzero(rows)
    spans = [slice(data.offsets[n], data.offsets[n + 1]) for n in numbers]
    return [data.trials[n] for n in numbers], [data.samples[span] for span in spans]


def _streams(rows: Sequence[Trial], hours: float, seed: int) -> tuple[list[Trial], int]:
    """Return joined streams as recordings, and how many people could not be joined."""
    people = {trial.person for trial in rows}
    try:
        joiner = Joiner(rows, seed)
        made = streams(joiner, hours, min(_STREAM_MINUTES, 60 * hours))
    except UsageError:
        # Nobody of them walks, or no recording goes on from a walk.
        return [], len(people)
    return [_as_trial(rows[0], one) for one in made], len(joiner.left_out)


def _as_trial(like: Trial, stream: Stream) -> Trial:
    return replace(
        like,
        trial_id="stream",
        subject="",
        activity_code="",
        activity="joined recordings of daily life",
        is_fall=False,
        rate_hz=float(detect.RATE_HZ),
        start=0,
        length=len(stream.samples),
        samples=stream.samples,
        _at_104=[],
    )

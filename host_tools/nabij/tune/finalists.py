"""From the trials to a configuration: the Pareto front, the pick, and figures of the kernel."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import optuna

from badge.core.settings.config import Config
from nabij.detector import decide
from nabij.detector.verifier import Verifier
from nabij.replay.figures import Figures
from nabij.replay.outcome import judge
from nabij.replay.run import Progressing
from nabij.tune import fit, search
from nabij.tune.dataset import Material
from nabij.tune.fan_out import Fitted, Run
from nabij.tune.fit import Limits
from nabij.tune.recordings import source_of

_SHOWN: Final = 8


@dataclass(frozen=True)
class Finalist:
    """A trial on the Pareto front; `held_out` are the kernel's figures by source.

    They come from another division of the people than `score`, each person held out.
    """

    number: int
    params: dict[str, Any]
    score: search.Score
    held_out: dict[str, Figures]
    picked: bool

    @property
    def together(self) -> Figures:
        """All sources as one."""
        whole = Figures()
        for one in self.held_out.values():
            whole.falls += one.falls
            whole.detected += one.detected
            whole.others += one.others
            whole.others_with_alarm += one.others_with_alarm
            whole.false_alarms += one.false_alarms
            whole.pre_alarms += one.pre_alarms
            whole.other_hours += one.other_hours
        return whole


@dataclass(frozen=True)
class Pick:
    """The index on a front that a rule chose, and the rule in words."""

    index: int
    rule: str


def pick(front: Sequence[search.Score], most_per_hour: float | None) -> Pick:
    """Choose from a front in order of false alarms: by the limit given, else its knee."""
    if most_per_hour is None:
        return Pick(
            _knee(front), "the knee: nearest to the best of both, each scaled to its range"
        )
    within = [k for k, one in enumerate(front) if one.false_per_hour <= most_per_hour]
    if not within:
        return Pick(
            0, f"the fewest false alarms, because none has at most {most_per_hour:g} an hour"
        )
    best = max(within, key=lambda k: (front[k].sensitivity, -front[k].false_per_hour))
    return Pick(
        best, f"the highest sensitivity with at most {most_per_hour:g} false alarms an hour"
    )


def front_of(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Return the Pareto front in order of false alarms, one trial for each score."""
    unique: dict[tuple[float, ...], optuna.trial.FrozenTrial] = {}
    for trial in sorted(study.best_trials, key=lambda one: one.number):
        unique.setdefault(tuple(trial.values), trial)
    return sorted(unique.values(), key=lambda one: _score(one).false_per_hour)


def finalists(
    study: optuna.Study,
    material: Material,
    run: Run,
    progress: Progressing,
    seed: int,
    most_per_hour: float | None,
) -> tuple[list[Finalist], Pick]:
    """Return some of the front with figures of the shipped kernel on people held out again."""
    front = front_of(study)
    chosen = pick([_score(one) for one in front], most_per_hour)
    kept = _spread(len(front), chosen.index)
    step = progress("finalists", len(kept))
    found = []
    for index in kept:
        trial = front[index]
        how = search.hyperparameters(trial.params, material.lesson, seed)
        fitted = run(search.jobs(how, material.lesson, other_folds=True))
        found.append(
            Finalist(
                trial.number,
                trial.params,
                _score(trial),
                _replay(fitted, limits_of(trial.params), material),
                index == chosen.index,
            )
        )
        step()
    return found, chosen


def verifier_of(finalist: Finalist, material: Material, seed: int) -> Verifier:
    """Return the verifier of a finalist, fitted to everybody."""
    lesson = material.lesson
    how = search.hyperparameters(finalist.params, lesson, seed)
    everybody = np.ones(len(lesson.labels.is_fall), np.bool_)
    fitted = fit.fit(lesson.sample, lesson.labels, how, everybody)
    return fit.with_bases(fitted, limits_of(finalist.params))


def limits_of(params: dict[str, Any]) -> Limits:
    """Return the points that an impact and the rest must reach in a trial."""
    return Limits(int(params["fall_limit"]), int(params["down_limit"]))


def _replay(parts: Sequence[Fitted], limits: Limits, material: Material) -> dict[str, Figures]:
    """Put each recording through the kernel with the verifier that never saw its person."""
    lesson, loaded = material.lesson, material.loaded
    judged = np.isin(lesson.labels.source, lesson.judged)
    samples = loaded.parts
    found = {source: Figures() for source in lesson.judged}
    for part in parts:
        verifier = fit.with_bases(part.verifier, limits)
        params = decide.params_of(Config.from_dict({"verifier": verifier.text()}))
        here = np.flatnonzero(judged & (lesson.other_fold == part.held_out)).tolist()
        if not here:
            continue
        offsets = np.array([0, *itertools.accumulate(len(samples[k]) for k in here)])
        acc = np.concatenate([samples[k] for k in here])
        for k, events in zip(here, decide.decide_many(acc, offsets, params), strict=True):
            trial = loaded.trials[k]
            found[source_of(trial)].add(judge(trial, samples[k], events))
    return found


def _score(trial: optuna.trial.FrozenTrial) -> search.Score:
    return search.Score(*trial.values)


def _knee(front: Sequence[search.Score]) -> int:
    most, least = front[-1], front[0]
    width = most.false_per_hour - least.false_per_hour or 1.0
    height = most.sensitivity - least.sensitivity or 1.0

    def away(k: int) -> float:
        return math.hypot(
            (front[k].false_per_hour - least.false_per_hour) / width,
            (most.sensitivity - front[k].sensitivity) / height,
        )

    return min(range(len(front)), key=away)


def _spread(count: int, index: int) -> list[int]:
    """Return up to so many places of a front, evenly, with both ends and the one chosen."""
    if count <= _SHOWN:
        return list(range(count))
    even = {round(k * (count - 1) / (_SHOWN - 2)) for k in range(_SHOWN - 1)}
    return sorted(even | {index})

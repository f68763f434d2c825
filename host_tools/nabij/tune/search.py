"""The search: which verifiers are tried, and how good each is on people held out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import optuna

from badge.core.detector import verifier as packed
from nabij.tune import fit
from nabij.tune.boost import Boosting
from nabij.tune.dataset import Lesson, Material
from nabij.tune.extract import Impacts
from nabij.tune.fan_out import Fitted, Job, Run
from nabij.tune.fit import Hyperparameters, Limits

# A fit takes a hundred times as long as asking it for other limits, so each is asked for some.
SHAPES_A_BATCH: Final = 5
LIMITS_A_SHAPE: Final = 4
BATCH: Final = SHAPES_A_BATCH * LIMITS_A_SHAPE
_TREES: Final = (packed.MOST_BYTES - packed.HEAD_BYTES) // packed.TREE_BYTES

# How a verifier is fitted; all of it is learned anew for each value of these.
SHAPE: Final[Mapping[str, Sequence[float]]] = {
    "fall_trees": (20, 24, 28, 32, 40),
    "fall_rate": (0.2, 0.3, 0.4),
    "fall_l2": (1.0, 3.0, 8.0),
    "down_rate": (0.07, 0.1, 0.14),
    "down_l2": (1.0, 3.0, 8.0, 15.0),
    "evidence_share": (0.3, 0.5, 0.7),
    "row_share": (0.5, 0.7, 0.9),
    "crowd": (0.3, 0.5, 0.8),
    "easy_share": (0.1, 0.2, 0.4, 1.0),
    "up_again_share": (0.1, 0.3, 0.6),
    "other_placements": (0.0, 0.3, 1.0),
}
# The points that an impact and the rest after it must reach; 50 are one log odd.
LIMITS: Final = {"fall_limit": (-200, 100, 5), "down_limit": (-200, 200, 5)}


@dataclass(frozen=True)
class Score:
    """What is searched for: `sensitivity` high (mean of the sources), `false_per_hour` low."""

    sensitivity: float
    false_per_hour: float


def hyperparameters(given: Mapping[str, Any], lesson: Lesson, seed: int) -> Hyperparameters:
    """Return how to fit for these values of SHAPE; the table fills what a badge can hold."""
    trees = int(given["fall_trees"])
    weight = {
        source: share * (1.0 if source in lesson.judged else float(given["other_placements"]))
        for source, share in lesson.weight.items()
    }
    return Hyperparameters(
        weight={source: share for source, share in weight.items() if share > 0},
        fall=_boosting(given, "fall", trees, seed),
        down=_boosting(given, "down", _TREES - trees, seed),
        crowd=float(given["crowd"]),
        easy_share=float(given["easy_share"]),
        up_again_share=float(given["up_again_share"]),
    )


def _boosting(given: Mapping[str, Any], stage: str, trees: int, seed: int) -> Boosting:
    return Boosting(
        trees,
        float(given[f"{stage}_rate"]),
        l2=float(given[f"{stage}_l2"]),
        evidence_share=float(given["evidence_share"]),
        row_share=float(given["row_share"]),
        seed=seed,
    )


def jobs(how: Hyperparameters, lesson: Lesson, *, other_folds: bool = False) -> list[Job]:
    """Return the fits of one cross-validation."""
    fold = lesson.other_fold if other_folds else lesson.fold
    return [Job(how, int(k), other_folds) for k in np.unique(fold)]


def run_batch(study: optuna.Study, material: Material, run: Run, seed: int) -> None:
    """Ask for a batch of trials, fit, and tell how good they are.

    What is asked depends on the seed and on the trials told before, not on the workers.
    """
    lesson = material.lesson
    asked = ask_batch(study)
    shapes = {_shape(trial.params): trial.params for trial in asked}
    hows = {key: hyperparameters(given, lesson, seed) for key, given in shapes.items()}
    wanted = {key: jobs(how, lesson) for key, how in hows.items()}
    done = iter(run([job for some in wanted.values() for job in some]))
    fitted = {key: [next(done) for _ in some] for key, some in wanted.items()}
    scores = []
    for trial in asked:
        limits = Limits(int(trial.params["fall_limit"]), int(trial.params["down_limit"]))
        scores.append(score(fitted[_shape(trial.params)], limits, material))
    for trial, found in zip(asked, scores, strict=True):
        study.tell(trial, (found.sensitivity, found.false_per_hour))


def score(parts: Sequence[Fitted], limits: Limits, material: Material) -> Score:
    """Return how good verifiers are with these limits, each on the people that it never saw."""
    lesson = material.lesson
    impacts = lesson.sample.impacts
    rows = np.concatenate([part.rows for part in parts])
    points = (
        np.concatenate([part.fall for part in parts]),
        np.concatenate([part.down for part in parts]),
    )
    held_out = Impacts(impacts.recording[rows], impacts.at[rows], impacts.evidence[rows])
    rates = fit.evaluate(points, held_out, lesson.labels, limits)
    judged = [rates[source] for source in lesson.judged]
    found = [1 - one.missed_share for one in judged if one.falls]
    hours = sum(material.hours[source] for source in lesson.judged)
    alarms = fit.count_alarms(points, held_out, len(lesson.labels.is_fall), limits)
    false = ~lesson.labels.is_fall & np.isin(lesson.labels.source, lesson.judged)
    return Score(sum(found) / len(found), float(alarms[false].sum()) / hours)


def until(
    study: optuna.Study, trials: int, batch: Callable[[int], None], step: Callable[[], object]
) -> None:
    """Run whole batches until so many trials are complete."""
    while (done := complete(study)) < trials:
        batch(done)
        for _ in range(BATCH):
            step()


def complete(study: optuna.Study) -> int:
    """Return how many trials have been told."""
    return len(study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)))


def ask_batch(study: optuna.Study) -> list[optuna.Trial]:
    """Return the trials of a batch: the sampler chooses shapes, and limits for each."""
    asked = []
    for _ in range(SHAPES_A_BATCH):
        first = _suggest(study)
        asked.append(first)
        shape = {name: first.params[name] for name in SHAPE}
        for _ in range(LIMITS_A_SHAPE - 1):
            study.enqueue_trial(shape)
            asked.append(_suggest(study))
    return asked


def _suggest(study: optuna.Study) -> optuna.Trial:
    trial = study.ask()
    for name, choices in SHAPE.items():
        trial.suggest_categorical(name, choices)
    for name, (low, high, step) in LIMITS.items():
        trial.suggest_int(name, low, high, step=step)
    return trial


def _shape(params: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(params[name] for name in SHAPE)

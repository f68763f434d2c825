"""Loads bundles, chooses recordings, and puts each through the detector in one of the engines."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nabij.data import bundles
from nabij.data.alarm_bundle import UPRIGHT
from nabij.data.bundle_files import TraceError
from nabij.data.bundles import Bundle, Trial
from nabij.detector import decide
from nabij.detector.decide import Samples
from nabij.errors import NabijError, UsageError
from nabij.replay import firmware, viper, worn
from nabij.replay.outcome import Outcome, judge
from nabij.replay.settings import Settings, remark

ENGINES: Final = ("numba", "viper", "firmware", "badge")
_BAR_AFTER_S: Final = 2.0
# A list of all subjects helps nobody.
_MOST_NAMED: Final = 12
# Of a word of 16 bits.
_MOST_DIGITS: Final = 5


class NothingUsableError(NabijError):
    """No recording is left; `errors` says of each why, in one sentence."""

    def __init__(self, sentence: str, errors: Sequence[str]) -> None:
        super().__init__(sentence)
        self.errors = list(errors)


@dataclass(frozen=True)
class Loaded:
    """The recordings that a replay is about, and what was wrong with others of their bundles.

    `refused` are the sentences, also in `errors`, about folders that are no bundles. `known` are
    all recordings of the bundles, chosen or not.
    """

    trials: list[Trial]
    acc: Samples
    offsets: NDArray[np.int64]
    errors: list[str]
    refused: tuple[str, ...] = ()
    known: tuple[Trial, ...] = ()

    @property
    def parts(self) -> list[Samples]:
        """The samples of each trial as the badge measures them, at 104 Hz."""
        return [self.acc[a:b] for a, b in itertools.pairwise(self.offsets)]


@dataclass(frozen=True)
class Replay:
    """The outcomes with one configuration; `errors` are one sentence each."""

    settings: Settings
    engine: str
    outcomes: list[Outcome]
    errors: list[str]
    then: str | None = None

    @property
    def remark(self) -> str:
        """What to know of the configuration at the places of these recordings, or nothing."""
        return remark(self.settings, (one.trial.place for one in self.outcomes))


class Progressing(Protocol):
    """Hears how far something is."""

    def __call__(self, what: str, total: int) -> Callable[[], object]:
        """Begin `what` of `total` steps; the result is called after each."""


def load(
    paths: Sequence[Path],
    progress: Progressing,
    *,
    placement: str | None = None,
    subjects: str | None = None,
    exclude: str | None = None,
) -> Loaded:
    """Load the bundles and keep the recordings of a placement and of some subjects.

    `subjects` and `exclude` are names or patterns, separated by commas: "SA01,SE*". UsageError
    when none of the folders is a bundle and for a choice that leaves nothing.
    """
    step = progress("loading", len(paths))
    names = [path.resolve().name for path in paths]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"Two bundles are called {name}: give it once, or rename a folder.")
    loaded: list[Bundle] = []
    refused: list[str] = []
    for path in paths:
        try:
            loaded.append(bundles.load_bundle(path, resampled=True))
        except TraceError as error:
            refused.append(error.sentence)
        step()
    if not loaded:
        raise UsageError(refused[0])
    errors = refused + [problem.sentence for bundle in loaded for problem in bundle.problems]
    trials = [trial for bundle in loaded for trial in bundle.rows]
    if not trials:
        why = f" ({errors[0].rstrip('.')})" if errors else ""
        sentence = f"{_names(loaded)} has no recording that can be used{why}."
        raise NothingUsableError(sentence, errors)
    known = tuple(trials)
    trials = _without(_of_subjects(_at_placement(trials, placement), subjects), exclude)
    errors = refused + _about(loaded, trials)
    acc, offsets = decide.concatenate([bundles.samples_104(trial) for trial in trials])
    return Loaded(trials, acc, offsets, errors, tuple(refused), known)


def replay(
    loaded: Loaded,
    settings: Settings,
    engine: str,
    progress: Progressing,
    then: str | None = None,
) -> Replay:
    """Return what the detector decided about each recording, and which recordings failed.

    `then` is what the wearer does after a recording, of worn.THEN: for the engine badge alone.
    """
    check(engine, then)
    if engine == "badge":
        return _worn(loaded, settings, progress, then)
    parts = loaded.parts
    params = decide.params_of(settings.config)
    answers: Sequence[firmware.Answer]
    upright = _upright(loaded.trials)
    if engine == "numba":
        answers = decide.decide_many(loaded.acc, loaded.offsets, params, upright=upright)
    elif engine == "viper":
        answers = viper.decide_each(parts, params, upright)
    else:
        step = progress("virtual badges", len(parts))
        told = firmware.decide_each(parts, settings.config, step)
        kernel = decide.decide_many(loaded.acc, loaded.offsets, params)
        answers = [
            answer if isinstance(answer, NabijError) else firmware.with_evidence(answer, events)
            for answer, events in zip(told, kernel, strict=True)
        ]
    outcomes = []
    errors = list(loaded.errors)
    for trial, part, answer in zip(loaded.trials, parts, answers, strict=True):
        if isinstance(answer, NabijError):
            errors.append(f"{trial.bundle}/{trial.trial_id} failed: {answer.sentence}")
        else:
            outcomes.append(judge(trial, part, answer))
    if not outcomes:
        raise NothingUsableError(f"No recording could be replayed; the first: {errors[0]}", errors)
    return Replay(settings, engine, outcomes, errors)


def check(engine: str, then: str | None) -> None:
    """UsageError for an engine or a `then` that there is not, or that do not go together."""
    if engine not in ENGINES:
        raise UsageError(f"Engine {engine} is unknown: choose one of {', '.join(ENGINES)}.")
    if then is not None and then not in worn.THEN:
        raise UsageError(f"--then {then} is unknown: choose {' or '.join(worn.THEN)}.")
    if then is not None and engine != "badge":
        raise UsageError(f"--then {then} needs --engine badge: the others judge a detector.")


def _worn(loaded: Loaded, settings: Settings, progress: Progressing, then: str | None) -> Replay:
    step = progress("worn badges", len(loaded.trials))
    outcomes = worn.wear_each(
        loaded.trials, loaded.parts, loaded.known, settings.config, then=then, done=step
    )
    return Replay(settings, "badge", outcomes, list(loaded.errors), then)


def _upright(trials: Sequence[Trial]) -> NDArray[np.int32]:
    """Return what the badge of each recording knew of upright before it; fresh ones, nothing."""
    known = decide.fresh_upright(len(trials))
    for row, trial in zip(known, trials, strict=True):
        told = [trial.extra.get(name, "") for name in UPRIGHT]
        if all(one.isascii() and one.isdigit() and len(one) <= _MOST_DIGITS for one in told):
            row[:] = [int(one) for one in told]
    return known


class _LateProgress(Progress):
    """Bars that show only for what takes longer than two seconds."""

    def get_renderables(self) -> Iterable[RenderableType]:
        late = [task for task in self.tasks if (task.elapsed or 0.0) > _BAR_AFTER_S]
        yield self.make_tasks_table(task for task in late if not task.finished)


@contextmanager
def progress_bars(console: Console) -> Iterator[Progressing]:
    """Show a bar for whatever takes longer than two seconds, on a terminal only."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    shown = console.is_terminal
    with _LateProgress(*columns, console=console, transient=True, disable=not shown) as bar:

        def begin(what: str, total: int) -> Callable[[], object]:
            task = bar.add_task(what, total=total)
            return lambda: bar.advance(task)

        yield begin


def silent(_what: str, _total: int) -> Callable[[], object]:
    """Show nothing."""
    return lambda: None


def _about(loaded: Sequence[Bundle], trials: Sequence[Trial]) -> list[str]:
    """Return what is wrong: first of what was left out, then of what was chosen all the same."""
    chosen = {(trial.bundle, trial.trial_id) for trial in trials}
    every = [(bundle.name, problem) for bundle in loaded for problem in bundle.problems]
    left_out = [problem.sentence for _, problem in every if problem.left_out]
    return left_out + [
        problem.sentence
        for name, problem in every
        if not problem.left_out
        and (not problem.trials or any((name, trial) in chosen for trial in problem.trials))
    ]


def _at_placement(trials: list[Trial], placement: str | None) -> list[Trial]:
    if placement is None:
        return trials
    kept = [trial for trial in trials if _is_at(trial, placement)]
    if not kept:
        known = ", ".join(dict.fromkeys(trial.placement for trial in trials))
        raise UsageError(f"No recording was made at '{placement}': choose from {known}.")
    return kept


def _is_at(trial: Trial, placement: str) -> bool:
    """Whether the placement is the one asked for, or a kind of it: chest is chest (sternum)."""
    return placement.casefold() in {trial.placement.casefold(), trial.place}


def _of_subjects(trials: list[Trial], subjects: str | None) -> list[Trial]:
    if subjects is None:
        return trials
    chosen = _matching(trials, subjects, "--subjects")
    return [trial for trial in trials if trial.subject in chosen]


def _without(trials: list[Trial], exclude: str | None) -> list[Trial]:
    if exclude is None:
        return trials
    left_out = _matching(trials, exclude, "--exclude")
    left = [trial for trial in trials if trial.subject not in left_out]
    if not left:
        raise UsageError("--exclude leaves no recording: name fewer people.")
    return left


def _matching(trials: list[Trial], subjects: str, option: str) -> set[str]:
    patterns = [one.strip() for one in subjects.split(",") if one.strip()]
    known = list(dict.fromkeys(trial.subject for trial in trials))
    chosen: set[str] = set()
    for pattern in patterns:
        matching = fnmatch.filter(known, pattern)
        if not matching:
            named = ", ".join(known[:_MOST_NAMED]) + (", ..." if len(known) > _MOST_NAMED else "")
            raise UsageError(f"No recording is of subject '{pattern}': choose from {named}.")
        chosen.update(matching)
    if not chosen:
        raise UsageError(f"{option} is empty: give names or patterns, such as SA01,SE*.")
    return chosen


def _names(loaded: Sequence[Bundle]) -> str:
    return ", ".join(bundle.name for bundle in loaded)

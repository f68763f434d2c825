"""A tuning from bundles to a configuration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from optuna import Study

from nabij.errors import NabijError, UsageError
from nabij.replay import run as replaying
from nabij.replay.run import Progressing
from nabij.tune import dataset, fan_out, finalists, search, study
from nabij.tune.recordings import Copies
from nabij.tune.report import Tuned


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person asks of a tuning; `trials` is rounded up to whole batches."""

    position: str
    trials: int
    seed: int
    copies: Copies = field(default_factory=Copies)
    workers: int = 1
    scheduler: str | None = None
    most_per_hour: float | None = None
    subjects: str | None = None
    exclude: str | None = None


def tune(bundles: Sequence[Path], journal: Path, choices: Choices, progress: Progressing) -> Tuned:
    """Tune on bundles, going on with the study in `journal` if there is one."""
    # Loading needs no numba, but the workers should find it compiled: so first prepare, then fan.
    loaded = replaying.load(bundles, progress, subjects=choices.subjects, exclude=choices.exclude)
    if loaded.refused:
        # Hours of search on other recordings than were asked for would help nobody.
        raise UsageError(loaded.refused[0])
    made = dataset.prepare(
        loaded, choices.position, progress, copies=choices.copies, seed=choices.seed
    )
    about = {
        "recordings": made.fingerprint,
        "seed": choices.seed,
        "position": choices.position,
        "copies": choices.copies.noisy,
        "soft": choices.copies.soft,
    }
    with (
        study.alone(journal),
        fan_out.running(made.lesson, choices.workers, choices.scheduler) as run,
    ):
        kept = study.open_study(journal, about)

        def batch(done: int) -> None:
            study.seed_batch(kept, choices.seed, done)
            search.run_batch(kept, made, run, choices.seed)

        try:
            search.until(kept, choices.trials, batch, _already(progress, kept, choices.trials))
        except KeyboardInterrupt:
            raise NabijError(
                f"Stopped after {search.complete(kept)} trials; the same command goes on."
            ) from None
        front, pick = finalists.finalists(
            kept, made, run, progress, choices.seed, choices.most_per_hour
        )
    chosen = next(one for one in front if one.picked)
    return Tuned(
        position=choices.position,
        trials=search.complete(kept),
        seed=choices.seed,
        front=front,
        pick=pick,
        verifier=finalists.verifier_of(chosen, made, choices.seed),
        problems=loaded.errors,
    )


def _already(progress: Progressing, kept: Study, trials: int) -> Callable[[], object]:
    """Begin a bar that shows what an earlier run has done."""
    step = progress("trials", trials)
    for _ in range(search.complete(kept)):
        step()
    return step

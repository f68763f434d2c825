"""Fits on this process, on more of them, or on a Dask cluster: the same code for each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import joblib
import numpy as np

from nabij.detector.verifier import Verifier
from nabij.errors import NabijError, UsageError
from nabij.tune import fit
from nabij.tune.dataset import Lesson
from nabij.tune.fit import Hyperparameters, Ints

CONNECT_S: Final = 10
_SCHEMES: Final = ("tls://", "tcp://")
_LOST: Final[tuple[type[BaseException], ...]] = (OSError, ImportError, RuntimeError, MemoryError)


@dataclass(frozen=True)
class Job:
    """One fit: to all people but those of a fold; `other_folds`: of the second division."""

    how: Hyperparameters
    held_out: int
    other_folds: bool = False


@dataclass(frozen=True)
class Fitted:
    """A verifier, the fold of people that it never saw, their impacts, and the points of those."""

    verifier: Verifier
    held_out: int
    rows: Ints
    fall: Ints
    down: Ints


# Runs jobs and returns the results in their order.
Run = Callable[[Sequence[Job]], list[Fitted]]


@contextlib.contextmanager
def running(lesson: Lesson, workers: int, scheduler: str | None) -> Iterator[Run]:
    """Open workers on this machine, or those of a scheduler at `scheduler`, for the lesson."""
    with contextlib.ExitStack() as stack:
        if scheduler is None:
            settings: dict[str, Any] = {"backend": "loky", "n_jobs": workers}
            lost = _LOST
        else:
            settings = _dask(scheduler, lesson, stack)
            lost = (*_LOST, *_lost_of_cluster())
        stack.enter_context(joblib.parallel_config(**settings))
        parallel = stack.enter_context(joblib.Parallel())

        def run(jobs: Sequence[Job]) -> list[Fitted]:
            try:
                done: list[Fitted] = parallel(joblib.delayed(work)(lesson, job) for job in jobs)
            except NabijError:
                raise
            except lost as error:
                # A lost worker, or one without this package: what it says is all that is known.
                raise NabijError(
                    f"A worker failed ({_first_line(error)}): see that each has this version of "
                    "nabij and memory to spare, then run the same command to go on."
                ) from error
            return done

        yield run


def work(lesson: Lesson, job: Job) -> Fitted:
    """Do one job; this is what runs on a worker."""
    fold = lesson.other_fold if job.other_folds else lesson.fold
    verifier = fit.fit(lesson.sample, lesson.labels, job.how, fold != job.held_out)
    impacts = lesson.sample.impacts
    # Copies with noise teach, but nobody is judged by them.
    rows = np.flatnonzero((fold[impacts.recording] == job.held_out) & (lesson.sample.copy == 0))
    fall, down = verifier.points(impacts.evidence[rows])
    return Fitted(verifier, job.held_out, rows, fall, down)


def _dask(scheduler: str, lesson: Lesson, stack: contextlib.ExitStack) -> dict[str, Any]:
    if not scheduler.startswith(_SCHEMES):
        raise UsageError(
            f"Scheduler {scheduler} has no protocol: give tls://HOST:PORT or tcp://HOST:PORT."
        )
    # Importing it also makes the backend known to joblib.
    import distributed  # noqa: PLC0415 - slow, and most tunings need no cluster

    # It has annotations, but not all of them.
    connect: Any = distributed.Client

    try:
        client: Any = stack.enter_context(connect(scheduler, timeout=CONNECT_S))
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise NabijError(
            f"Cannot reach the scheduler at {scheduler} ({_first_line(error)}): start it, or for "
            "tls:// set distributed.comm.tls in Dask's configuration."
        ) from error
    if not client.scheduler_info(n_workers=-1)["workers"]:
        raise NabijError(
            f"The scheduler at {scheduler} has no workers: start some with "
            f"dask worker {scheduler}, in an environment with nabij."
        )
    return {"backend": "dask", "scatter": [lesson]}


def _lost_of_cluster() -> tuple[type[BaseException], ...]:
    """Return what a cluster raises that lost its workers or its scheduler."""
    from concurrent.futures import CancelledError  # noqa: PLC0415 - as the next

    from distributed import KilledWorker  # noqa: PLC0415 - slow, and only clusters need it

    return KilledWorker, CancelledError


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0].rstrip(".") if text else type(error).__name__

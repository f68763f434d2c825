"""A job on a loop of its own, for a test that is on none."""

import contextlib
from collections.abc import Callable, Iterator

from nabij.centre.recurring import Job, RecurringJob
from nabij.centre.worker import LoopThread


@contextlib.contextmanager
def loop_thread() -> Iterator[LoopThread]:
    """A loop that runs beside the test."""
    loop = LoopThread()
    try:
        yield loop
    finally:
        loop.close()


@contextlib.contextmanager
def recurring(job: Job, say: Callable[[str], None]) -> Iterator[None]:
    """Have the job done over and over, and finished at the end."""

    async def begin() -> RecurringJob:
        recurring = RecurringJob(job, say)
        recurring.start()
        return recurring

    with loop_thread() as loop:
        begun = loop.run(begin())
        try:
            yield
        finally:
            loop.run(begun.stop())

"""What the receiver does over and over: try, complain once, say when it works again."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from nabij.centre.complaints import Complaint
from nabij.errors import NabijError

_log = logging.getLogger("nabij.recurring")
Result = TypeVar("Result")


def tried(attempt: Callable[[], Result | None], for_s: float, every_s: float) -> Result | None:
    """What `attempt` gives at last; None when it gave nothing for so long, the end included."""
    deadline_s = time.monotonic() + for_s
    while True:
        result = attempt()
        if result is not None or time.monotonic() > deadline_s:
            return result
        time.sleep(every_s)


class Part(Protocol):
    """What runs in a receiver's loop beside it."""

    async def start(self, receiver: Any) -> None:
        """Begin; NabijError when that cannot be."""

    async def stop(self) -> None:
        """End; safe to call twice, or without start."""


@dataclass(frozen=True)
class Job:
    """One thing that recurs."""

    # Of its task.
    name: str
    every_s: float
    work: Callable[[], Awaitable[object]]
    # What is the matter while it fails, without a full stop: "Deadlines are not watched".
    failing: str
    # A whole sentence.
    works_again: str


class RecurringJob:
    """Does its work on the running loop until it is stopped, whatever becomes of it.

    `say` gets each sentence about a failure once, then now and then that it goes on, and one when
    all is well again.
    """

    def __init__(self, job: Job, say: Callable[[str], None]) -> None:
        self._job = job
        self._complaint = Complaint(say, job.works_again)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; the first round comes after a pause."""
        self._task = asyncio.create_task(self._run(), name=self._job.name)

    async def stop(self) -> None:
        """Finish the round at hand and end; safe to call twice, or without start."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is the matter with it now, in sentences."""
        return self._complaint.sentences

    def is_stopping(self) -> bool:
        """For a round that is long: whether it should come to its end."""
        return self._stopping.is_set()

    async def _run(self) -> None:
        while not await self._is_stopped_within(self._job.every_s):
            try:
                await self._job.work()
            except NabijError as error:
                self._complaint.found(error.sentence)
            except Exception as error:  # noqa: BLE001 - a job must outlive any fault of ours
                if not self._complaint.holds:
                    _log.exception("fault in %s", self._job.name)
                sentence = f"{self._job.failing} because of a fault in nabij: {error}."
                self._complaint.found(sentence)
            else:
                self._complaint.over()

    async def _is_stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

"""What the receiver does over and over: try, complain once, say when it works again."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

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


@dataclass(frozen=True)
class Job:
    """One thing that recurs."""

    # Of its thread.
    name: str
    every_s: float
    work: Callable[[], None]
    # What is the matter while it fails, without a full stop: "Deadlines are not watched".
    failing: str
    # A whole sentence.
    works_again: str


class RecurringJob:
    """Does its work on a thread of its own until it is stopped, whatever becomes of it.

    `say` gets each sentence about a failure once, and one when all is well again.
    """

    def __init__(self, job: Job, say: Callable[[str], None]) -> None:
        self._job = job
        self._say = say
        self._said: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=job.name, daemon=True)

    def start(self) -> None:
        """Begin; the first round comes after a pause."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the round at hand and end; safe to call twice, or without start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def is_stopping(self) -> bool:
        """For a round that is long: whether it should come to its end."""
        return self._stopping.is_set()

    def _run(self) -> None:
        while not self._stopping.wait(self._job.every_s):
            try:
                self._job.work()
            except NabijError as error:
                self._complain(error.sentence)
            except Exception as error:  # noqa: BLE001 - a job must outlive any fault of ours
                _log.exception("fault in %s", self._job.name)
                self._complain(f"{self._job.failing} because of a fault in nabij: {error}.")
            else:
                if self._said:
                    self._said.clear()
                    self._say(self._job.works_again)

    def _complain(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self._say(sentence)

"""Tells the listeners on a thread of their own: whoever hangs there holds up no alarm."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Final

from nabij.centre.listeners import Listeners
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.centre.worker import Worker
from nabij.errors import NabijError

LOOK_S: Final = 1.0
# A listener has to return soon.
HANGING_S: Final = 10.0

_log = logging.getLogger("nabij.receiver")


class Telling:
    """Has `listeners` told of what is in `store`. `say` gets a sentence."""

    def __init__(self, listeners: Listeners, store: Store, say: Callable[[str], None]) -> None:
        self._listeners = listeners
        self._store = store
        self._say = say
        self._worker = Worker("nabij-listeners")

    def tell(self, news: tuple[int, ...] | None) -> None:
        """Have these changes told, or all that were not told before; waits for nothing."""
        told = self._worker.ask(partial(self._listeners.tell, self._store, news))
        told.add_done_callback(_log_fault)

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-listeners",
            LOOK_S,
            self.look,
            "Listeners are not watched",
            "Those who listen are told again.",
        )

    async def look(self) -> None:
        """NabijError when a listener hangs."""
        if self._worker.busy_s() > HANGING_S:
            raise NabijError(
                f"A LISTENER HAS NOT RETURNED for more than {HANGING_S:g} s: alarms are taken and "
                "badges have their receipts, but nobody is told of them here; start nabij again."
            )

    def close(self, timeout_s: float) -> None:
        """Tell what waits, and end; a listener that hangs is left behind."""
        if not self._worker.close(timeout_s):
            self._say(
                "A listener does not return and is left behind; it is told at the next start."
            )


def _log_fault(done: Future[None]) -> None:
    if (error := done.exception()) is not None:
        _log.error("fault while telling", exc_info=error)

"""Whoever listens to what happens: each by a name, from where it was when it stopped."""

import time
from collections.abc import Callable
from typing import Final

from nabij.centre.incidents.news import News
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.centre.telling import Listener
from nabij.errors import NabijError

_LOOK_S: Final = 1.0
# A listener that is at one event for so long may never return.
HANGING_S: Final = 10.0


class Listeners:
    """All listeners of a receiver. `say` gets a sentence about what is odd."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._all: dict[str, Listener] = {}

    def add(self, name: str, hear: Callable[[News], object]) -> None:
        """Have `hear` called with each event, from where the listener of that name was."""
        if name in self._all:
            message = f"there is a listener {name} already"
            raise ValueError(message)
        self._all[name] = Listener(name, hear, self._say)

    def start(self, store: Store, now_ms: int) -> None:
        """Begin to tell; StoreError when it cannot be read who was told of what."""
        for listener in self._all.values():
            listener.start(store, now_ms)

    def wake(self) -> None:
        """Something happened. For any thread; waits for nothing."""
        for listener in self._all.values():
            listener.wake()

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-listeners",
            _LOOK_S,
            self._look,
            "Listeners are not watched",
            "Those who listen are told again.",
        )

    def close(self, timeout_s: float) -> None:
        """Tell what waits, and end; a listener that hangs is left behind."""
        for listener in self._all.values():
            listener.stop()
        deadline_s = time.monotonic() + timeout_s
        for listener in self._all.values():
            if not listener.has_ended(max(0.0, deadline_s - time.monotonic())):
                self._say(
                    f"Listener {listener.name} does not return and is left behind; it is told at "
                    "the next start."
                )

    async def _look(self) -> None:
        hanging = [one.name for one in self._all.values() if one.busy_s() > HANGING_S]
        if hanging:
            raise NabijError(
                f"A LISTENER HAS NOT RETURNED for more than {HANGING_S:g} s "
                f"({', '.join(hanging)}): alarms are taken and badges have their receipts, but it "
                "is told of nothing; start nabij again."
            )

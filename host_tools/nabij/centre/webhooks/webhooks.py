"""Posts all that happens to each webhook; each has a place in the events and a thread of its own.

At least once, and what happens to one alarm in its order. Who does not take it is tried again with
growing pauses; nobody else waits for them.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from nabij.centre.incidents.news import News
from nabij.centre.incidents.words import local_time
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.centre.telling import Listener
from nabij.centre.webhooks import hooks
from nabij.centre.webhooks.hooks import Hook
from nabij.centre.webhooks.post import LIMIT_S, NotTakenError, letter, post
from nabij.errors import NabijError

LOOK_S: Final = 2.0
# A server that is started anew is no trouble of ours.
PATIENCE_MS: Final = 60_000


class Receiver(Protocol):
    """What is needed of the receiver."""

    store: Store


class Webhooks:
    """Keeps a listener for each webhook that there is; `say` gets sentences."""

    def __init__(self, say: Callable[[str], None], limit_s: float = LIMIT_S) -> None:
        self._say = say
        self._limit_s = limit_s
        self._at_work: dict[int, Listener] = {}
        self._leaving: list[Listener] = []
        self._failing: set[int] = set()

    def job(self, receiver: Receiver) -> Job:
        """What has to recur on the receiver's loop."""
        self._store = receiver.store
        return Job(
            "nabij-webhooks",
            LOOK_S,
            lambda: asyncio.to_thread(self.look),
            "Webhooks are not looked after",
            "Webhooks are looked after again, and take what is posted.",
        )

    async def start(self, _receiver: object) -> None:
        """All begin with the first look."""

    async def stop(self) -> None:
        """End all; whoever hangs is left behind, and is told at the next start."""
        for listener in self._at_work.values():
            listener.drop()
        self._at_work.clear()

    @property
    def is_at_work(self) -> bool:
        """Whether anything is posted to anybody."""
        return bool(self._at_work or self._leaving)

    def look(self) -> None:
        """Begin with those that are new, end those that are gone; NabijError when one fails."""
        wanted = {one.id: one for one in self._store.read(hooks.all_of) if not one.disabled}
        for hook_id in [one for one in self._at_work if one not in wanted]:
            listener = self._at_work.pop(hook_id)
            listener.drop()
            self._leaving.append(listener)
        for listener in [one for one in self._leaving if one.has_ended(0)]:
            # It may have kept its place once more after that was taken away.
            self._store.end_listener(listener.name)
            self._leaving.remove(listener)
        leaving = {one.name for one in self._leaving}
        for hook_id, hook in wanted.items():
            if hook_id not in self._at_work and hook.listener not in leaving:
                self._begin(hook)
        _complain(list(wanted.values()), _now_ms())

    def _begin(self, hook: Hook) -> None:
        if hook.failing_ms is not None:
            self._failing.add(hook.id)
        listener = Listener(hook.listener, partial(self._hear, hook), self._say)
        listener.start(self._store, _now_ms())
        self._at_work[hook.id] = listener

    def _hear(self, hook: Hook, news: News) -> None:
        try:
            post(hook, letter(news), self._limit_s)
        except NotTakenError as error:
            now_ms, said = _now_ms(), error.said
            self._failing.add(hook.id)
            self._store.write(lambda one: hooks.is_failing(one, hook.id, now_ms, said))
            raise
        if hook.id in self._failing:
            self._store.write(lambda one: hooks.is_well(one, hook.id))
            self._failing.discard(hook.id)


def _complain(those: list[Hook], now_ms: int) -> None:
    for one in those:
        if one.failing_ms is not None and now_ms - one.failing_ms > PATIENCE_MS:
            raise NabijError(
                f"Webhook {one.name} takes nothing since {local_time(one.failing_ms)} "
                f"({one.said}): mend it, or disable it at the console."
            )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

"""A text message to the intake that the broker's messages take, by whichever way it came."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from enum import Enum, auto
from typing import Any, Final

from badge.core.codec import sms_text
from badge.core.codec.cbor import WireError
from nabij.centre.link.incoming import Incoming, Outcome
from nabij.centre.sms.forms import Text

# A commit that takes longer than this is not waited for: whoever brought the message does again.
MOST_S: Final = 10.0

Bring = Callable[[Sequence[Incoming]], Coroutine[Any, Any, list[Outcome]]]


class Taken(Enum):
    """What became of a message."""

    # On the disk, or there already.
    KEPT = auto()
    # Of nobody that we know, or damaged: it will not get better.
    REFUSED = auto()
    # No frame at all: a text message of somebody else.
    FOREIGN = auto()
    # The database could not keep it now: it has to come again.
    NOT_NOW = auto()


class Taking:
    """Hands messages to a receiver's `bring`, which is for `loop`. For any thread.

    `counts` are of what became of them; `last_ms` is when the last one was kept.
    """

    def __init__(self, bring: Bring, loop: asyncio.AbstractEventLoop) -> None:
        self.counts: Counter[Taken] = Counter()
        self.last_ms: int | None = None
        self._bring = bring
        self._loop = loop

    async def take(self, text: Text) -> Taken:
        """What became of it; for any loop. KEPT only after the commit."""
        began = self._begin(text)
        if isinstance(began, Taken):
            return self._count(began)
        try:
            async with asyncio.timeout(MOST_S):
                outcomes = await asyncio.shield(asyncio.wrap_future(began))
        except TimeoutError:
            return self._count(Taken.NOT_NOW)
        return self._count(_judged(outcomes))

    def take_blocking(self, text: Text) -> Taken:
        """The same for a thread that has no loop."""
        began = self._begin(text)
        if isinstance(began, Taken):
            return self._count(began)
        try:
            outcomes = began.result(MOST_S)
        except TimeoutError:
            return self._count(Taken.NOT_NOW)
        return self._count(_judged(outcomes))

    def _begin(self, text: Text) -> Taken | Future[list[Outcome]]:
        try:
            frame = sms_text.decode(text.text)
        except WireError:
            is_damaged = sms_text.is_ours(text.text)
            return Taken.REFUSED if is_damaged else Taken.FOREIGN
        incoming = Incoming(f"sms/{text.arrival.service}", frame, sms=text.arrival)
        if self._loop.is_closed():
            return Taken.NOT_NOW
        return asyncio.run_coroutine_threadsafe(self._bring([incoming]), self._loop)

    def _count(self, taken: Taken) -> Taken:
        self.counts[taken] += 1
        if taken is Taken.KEPT:
            self.last_ms = time.time_ns() // 1_000_000
        return taken


def _judged(outcomes: list[Outcome]) -> Taken:
    [outcome] = outcomes
    if not outcome.done:
        return Taken.NOT_NOW
    # What was kept is answered.
    return Taken.KEPT if outcome.replies else Taken.REFUSED

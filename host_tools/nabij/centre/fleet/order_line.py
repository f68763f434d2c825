"""Orders to one badge by the link: one at a time, and each is done once however often it is sent.

The badge says in each answer which start it is in and which order it took last, so nothing about
that need be kept.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg

from badge.core.codec import order as codec
from badge.core.codec import wire
from badge.core.codec.wire import TYPE_ORDER, WireError
from nabij.acts.act import Request
from nabij.centre.link.door import LOST
from nabij.errors import NabijError

# A round trip by a modem that sleeps, and a hash of a whole slot.
ANSWER_S: Final = 15.0
TRIES: Final = 3
# A badge that answers at once must not send more than one that floods (link/floods.py).
PACE_S: Final = 0.1
# It was meant for another start, or another order came first.
_NOT_TAKEN: Final = ("order.boot", "order.number")
# What an order has besides the settings: badge, number, verb, names, authentication.
SETTINGS_BYTES: Final = codec.ORDER_MAX - 200


class OrderRefusedError(NabijError):
    """The badge does not do it now; `code` is the badge's."""

    def __init__(self, badge: str, code: str, why: str) -> None:
        super().__init__(f"Badge {badge} refused ({code}): {why}")
        self.code = code
        self.why = why


class NoAnswerError(NabijError):
    """The badge is not connected, or its firmware takes no orders."""


class RestartedError(NabijError):
    """The badge has started anew since the last answer: what it was told before it has lost."""


class OrderLine:
    """One badge; `client` gives the connection to the broker, None while that is lost."""

    def __init__(self, client: Callable[[], Client | None], badge: str, key: bytes) -> None:
        self._client = client
        self._badge = badge
        self._key = key
        self._boot: int | None = None
        self._number = 0
        self._answers: asyncio.Queue[codec.Answer] = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hear the badge meanwhile; NoAnswerError without a broker."""
        client = self._client()
        if client is None:
            raise self._silent()
        try:
            hearing = await client.subscribe(_subject(wire.up_topic(self._badge)), cb=self._heard)
        except LOST as error:
            raise self._silent() from error
        try:
            yield
        finally:
            with contextlib.suppress(*LOST):
                await hearing.unsubscribe()

    async def ask(self, request: Request) -> dict[str, Any]:
        """The badge's answer; OrderRefusedError, NoAnswerError or RestartedError."""
        self._number += 1
        for _ in range(TRIES):
            answer = await self._asked_once(request)
            if answer is None:
                continue
            before, self._boot = self._boot, answer.boot
            if before not in (None, answer.boot):
                raise RestartedError(f"Badge {self._badge} has started anew.")
            if answer.code in _NOT_TAKEN:
                self._number = answer.last + 1
                answer = await self._asked_once(request)
            if answer is not None and answer.code not in _NOT_TAKEN:
                return self._read(answer)
        raise self._silent()

    async def _asked_once(self, request: Request) -> codec.Answer | None:
        await asyncio.sleep(PACE_S)
        client = self._client()
        if client is None:
            raise self._silent()
        try:
            await client.publish(_subject(wire.down_topic(self._badge)), self._frame(request))
        except LOST as error:
            raise self._silent() from error
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(ANSWER_S, request.timeout_s)):
                while True:
                    answer = await self._answers.get()
                    if answer.number == self._number or answer.boot != self._boot:
                        return answer
        return None

    def _frame(self, request: Request) -> bytes:
        fields = json.dumps(request.fields).encode()
        # 1 is no start that a badge is in when it has been provisioned; if it is, all the better.
        order = codec.Order(
            self._badge, self._boot or 1, self._number, request.verb, fields, request.data or b""
        )
        frame: bytes = codec.encode(self._key, TYPE_ORDER, order)
        return frame

    def _read(self, answer: codec.Answer) -> dict[str, Any]:
        if answer.code:
            why = answer.body.decode("utf-8", "replace")
            raise OrderRefusedError(self._badge, answer.code, why)
        try:
            found: dict[str, Any] = json.loads(answer.body)
        except ValueError as error:
            raise OrderRefusedError(self._badge, "order.body", "its answer is no JSON") from error
        return found

    async def _heard(self, message: Msg) -> None:
        with contextlib.suppress(WireError):
            answer = codec.decode(self._key, codec.TYPE_ANSWER, message.data)
            if answer.badge == self._badge:
                self._answers.put_nowait(answer)

    def _silent(self) -> NoAnswerError:
        return NoAnswerError(f"Badge {self._badge} does not answer.")


def _subject(topic: str) -> str:
    return topic.replace("/", ".")

"""The receiver's link to its broker: messages come in batches, answered after their commit."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg

from nabij.centre.link import stream
from nabij.centre.link.broker_config import PROBE_DOWN, PROBE_UP
from nabij.centre.link.door import CLOSE_S, LOST, MAX_RECONNECT_S, Door, LostError, end, keep_open
from nabij.centre.link.eraser import Eraser
from nabij.centre.link.incoming import Incoming, Message, Outcome
from nabij.centre.link.replies import Replies
from nabij.centre.link.teller import Teller
from nabij.centre.worker import Worker
from nabij.errors import NabijError

PUBLISH_S: Final = 5.0
# What cannot be taken in now comes again after RETRY_S, then twice that, and so on so often.
MOST_DOUBLED: Final = 3
# What is itself to blame is set aside then.
MOST_TRIES: Final = 3
# A fault is told once; so many that differ.
MOST_FAULTS: Final = 100
# A stream that the broker refuses so often in a row is damaged, if the disk has room.
DAMAGED_AFTER: Final = 4

_log = logging.getLogger("nabij.link")


@dataclass(frozen=True)
class Uses:
    """What a link does with what comes.

    `take` gives an outcome for each message, `tell` is called with the ids of the news, both on
    the worker's thread and the second after the receipts. `up` hears whether the link is up,
    `back` of each probe that came back; `is_full` says whether the broker's disk is; `say` gets a
    sentence. Messages are kept on so many `replicas`: of several, the brokers mend one.
    """

    take: Callable[[Sequence[Incoming]], list[Outcome]]
    tell: Callable[[tuple[int, ...]], None]
    set_aside: Callable[[Message], None]
    up: Callable[[bool], None]
    back: Callable[[bytes], None]
    is_full: Callable[[], bool]
    say: Callable[[str], None]
    replicas: int = 1


class Link:
    """Hands each message in the stream to `take`, and does its outcome."""

    def __init__(self, door: Door, worker: Worker, uses: Uses) -> None:
        self._door = door
        self._worker = worker
        self._uses = uses
        self._teller = Teller(worker, uses.tell)
        self._replies = Replies(uses.say)
        self._eraser = Eraser()
        # So many messages were taken and done with.
        self.taken = 0
        self._client: Client | None = None
        self._up = threading.Event()
        self._was_up = False
        # Why there is no link, as far as the broker says.
        self._refused = ""
        self._consumer = ""
        # Whether stream and consumer may not be there. To ask for them takes brokers who agree on
        # who leads; of one that is left by another's death nothing of it is gone.
        self._is_doubtful = True
        self._anew = False
        self._faults: set[str] = set()
        # Subject, queue and callback of what else is heard, beside the stream.
        self._heard: list[tuple[str, str, Callable[[Msg], Awaitable[None]]]] = []
        self._task: asyncio.Task[None] | None = None

    async def start(self, timeout_s: float = 20.0) -> None:
        """Begin, and return when messages can come; NabijError when that is not so in time."""
        self._teller.start()
        self._task = asyncio.create_task(keep_open(self._door, self._serve), name="nabij-link")
        end_s = asyncio.get_running_loop().time() + timeout_s
        while not self._up.is_set():
            if asyncio.get_running_loop().time() > end_s:
                await self.stop()
                raise NabijError(
                    self._refused
                    or f"No broker let the receiver in within {timeout_s:g} s: see whether it "
                    "runs and this machine is overloaded, and start again."
                )
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Finish the messages at hand and disconnect; what is in the stream stays there."""
        await end(self._task)
        self._task = None
        await self._teller.stop()

    def is_up(self) -> bool:
        """Whether messages can come."""
        return self._up.is_set()

    def wait_up(self, timeout_s: float) -> bool:
        """Wait until messages can come, again or still. For any thread but the loop's."""
        return self._up.wait(timeout_s)

    async def publish(self, topic: str, frame: bytes, *, kept: bool) -> bool:
        """Send a frame; True once the broker has it, or keeps it for the badge if `kept`."""
        client = self._client
        if client is None:
            return False
        try:
            done = await self._replies.send(client, (topic, frame), kept=kept)
            await client.flush(round(PUBLISH_S))
        except LOST:
            return False
        return done

    async def send_probe(self, token: bytes) -> bool:
        """Send it the way of an alarm; whether the broker has it."""
        client = self._client
        if client is None:
            return False
        try:
            await client.publish(_subject(PROBE_UP), token)
            await client.flush(round(PUBLISH_S))
        except LOST:
            return False
        return True

    async def hear(self, subject: str, queue: str, hear: Callable[[Msg], Awaitable[None]]) -> None:
        """Have `hear` called with what comes there and is in no stream, from now on.

        Of receivers that name the same queue one gets each message.
        """
        self._heard.append((subject, queue, hear))
        client = self._client
        if client is not None:
            with contextlib.suppress(*LOST):
                await client.subscribe(subject, queue=queue, cb=hear)

    async def done(self, work: Callable[[], object]) -> None:
        """Have work done where messages are taken in, after those at hand."""
        await self._worker.run(work)

    def is_taking(self) -> bool:
        """Whether messages of the stream are being taken in now."""
        return self._worker.busy_s() > 0

    async def begin_anew(self) -> None:
        """Connect anew, and have the broker make another consumer: this one hands over nothing."""
        self._anew = True
        client = self._client
        if client is not None:
            with contextlib.suppress(*LOST):
                await asyncio.wait_for(client.close(), CLOSE_S)

    async def _serve(self, client: Client) -> None:
        try:
            if self._is_doubtful or self._anew or self._uses.replicas == 1:
                self._consumer = await self._ensure(client)
            self._is_doubtful = self._anew = False
            await client.subscribe(_subject(PROBE_DOWN), cb=self._is_back)
            for subject, queue, hear in self._heard:
                await client.subscribe(subject, queue=queue, cb=hear)
            self._client = client
            self._is_up()
            async for batch in stream.batches(
                client, self._consumer, replicas=self._uses.replicas
            ):
                await _finished(self._do(client, batch))
        except LostError:
            self._is_doubtful = True
            raise
        finally:
            self._is_down()

    async def _is_back(self, message: Msg) -> None:
        self._uses.back(message.data)

    async def _ensure(self, client: Client) -> str:
        refusals = 0
        while True:
            try:
                consumer = await stream.ensure(
                    client, anew=self._anew, replicas=self._uses.replicas
                )
            except stream.RefusedError as error:
                refusals += error.is_fault and self._uses.replicas == 1
                if not self._refused:
                    self._uses.say(error.sentence)
                self._refused = error.sentence
                if refusals >= DAMAGED_AFTER and not self._uses.is_full():
                    refusals = 0
                    await self._make_anew(client)
                else:
                    await asyncio.sleep(MAX_RECONNECT_S)
            else:
                self._refused = ""
                return consumer

    async def _make_anew(self, client: Client) -> None:
        self._uses.say(
            "THE BROKER'S STREAM IS DAMAGED and is made anew; what waited in it is lost there "
            "and comes again from each badge that has no receipt."
        )
        await stream.remove(client)

    def _is_up(self) -> None:
        self._uses.up(True)
        self._up.set()
        if self._was_up:
            self._uses.say("The receiver is connected to the broker again.")
        self._was_up = True

    def _is_down(self) -> None:
        if self._up.is_set() and self._task is not None and not self._task.cancelling():
            self._uses.say("The receiver lost its broker; connecting again.")
        self._client = None
        self._uses.up(False)
        self._up.clear()

    def client(self) -> Client | None:
        """The connection, while messages can come."""
        return self._client

    async def take(self, client: Client, messages: Sequence[Incoming]) -> list[bool]:
        """Have messages taken, and what came of them answered and told; which are done with."""
        return [outcome.done for outcome in await self._outcomes(client, messages)]

    async def bring(self, messages: Sequence[Incoming]) -> list[Outcome]:
        """Have messages taken that came by no broker; each is done with as its outcome says."""
        outcomes = await self._taken(messages)
        client = self._client
        if client is not None:
            # Whoever is connected hears of it this way too.
            await self._replies.send_all(client, outcomes)
        return outcomes

    async def _outcomes(self, client: Client, messages: Sequence[Incoming]) -> list[Outcome]:
        outcomes = await self._taken(messages)
        sent = await self._replies.send_all(client, outcomes)
        return [
            replace(one, done=one.done and is_out)
            for one, is_out in zip(outcomes, sent, strict=True)
        ]

    async def _taken(self, messages: Sequence[Incoming]) -> list[Outcome]:
        loop = asyncio.get_running_loop()

        def work() -> list[Outcome]:
            outcomes = self._take(messages)
            # Here, so that nothing comes between the commit and the telling.
            news = tuple(number for outcome in outcomes for number in outcome.news)
            loop.call_soon_threadsafe(self._teller.add, news)
            return outcomes

        return await self._worker.run(work)

    async def _do(self, client: Client, batch: list[Msg]) -> None:
        messages = [stream.incoming(one) for one in batch]
        outcomes = await self._outcomes(client, messages)
        self.taken += sum(outcome.done for outcome in outcomes)
        with contextlib.suppress(*LOST):
            for message, taken, outcome in zip(batch, messages, outcomes, strict=True):
                if stream.is_passing(message):
                    continue
                tries = message.metadata.num_delivered
                if outcome.is_private and self._eraser.add(client, message):
                    continue
                if outcome.done or await self._is_set_aside(taken[:2], outcome, tries):
                    await message.ack()
                else:
                    delay_s = stream.RETRY_S * 2 ** min(tries - 1, MOST_DOUBLED)
                    await message.nak(delay=delay_s)

    async def _is_set_aside(self, message: Message, outcome: Outcome, tries: int) -> bool:
        if not outcome.is_bad or tries < MOST_TRIES:
            return False
        try:
            await self._worker.run(lambda: self._uses.set_aside(message))
        except NabijError as error:
            _log.debug("%r", error)
            return False
        return True

    def _take(self, messages: Sequence[Incoming]) -> list[Outcome]:
        try:
            return self._uses.take(messages)
        except Exception as error:  # noqa: BLE001 - a fault of ours in one must not hold up others
            if len(messages) > 1:
                return [outcome for one in messages for outcome in self._take([one])]
            cause = repr(error)
            if cause not in self._faults and len(self._faults) < MOST_FAULTS:
                self._faults.add(cause)
                _log.exception("fault while taking a message")
                self._uses.say(
                    "A message could not be handled because of a fault in nabij; going on."
                )
            return [Outcome(done=False, is_bad=True)]


def _subject(topic: str) -> str:
    return topic.replace("/", ".")


async def _finished(work: Coroutine[Any, Any, None]) -> None:
    """Have the work done to its end, however often it is cancelled meanwhile; then raise that."""
    doing = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled

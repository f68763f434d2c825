"""The stream in which the broker keeps what badges send until it is in the database."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from nabij.centre.link.door import LostError
from nabij.centre.link.fair import Fair
from nabij.centre.link.incoming import Incoming
from nabij.errors import NabijError

NAME: Final = "NABIJ_UP"
CONSUMER: Final = "receiver"
# The server cannot make one of a name whose file is damaged: then the next one is taken.
CONSUMERS: Final = (CONSUMER, "receiver-2", "receiver-3")
SUBJECTS: Final = "nabij.*.up"
# Without an end a flood would fill the disk for good. What has no room is refused and its badge
# sends it again; what came first stays. None may take the room of the others.
MOST_MESSAGES: Final = 1_000_000
# One that has not been answered for an hour has no more than that.
MOST_OF_A_BADGE: Final = 1_000
# A frame has at most some 200.
MOST_BYTES: Final = 8_192
MOST_STREAM_BYTES: Final = 512 << 20
# After this long without our acknowledgement (a receiver that was killed) it is handed over again.
ACK_WAIT_S: Final = 5.0
# What the database refused is handed over again after this.
RETRY_S: Final = 1.0
# So many may wait for that, or be under way; what is beyond comes when there is room.
MOST_UNACKNOWLEDGED: Final = 10_000
# So many are asked for at a time, as long as fewer than that wait here.
REQUEST: Final = 512
WINDOW: Final = 2_048
# So many are kept in one commit, and of one badge at most; or a quarter of those that wait:
# receipts then come a few at a time, and not all behind the last of a thousand, and each of a
# thousand waits for few commits.
BATCH: Final = 16
_SHARE: Final = 4
EXPIRES_S: Final = 10.0
# A broker that has a request says so twice a second. One that had it may have died: then we ask
# another, which costs nothing if the first comes back.
_HEARTBEAT_S: Final = 0.5
_SILENT_S: Final = 1.5
_MOST_SILENT: Final = 10
# While several brokers choose who leads, nobody has a request and nothing comes into the stream.
# That takes them up to 9 s, in which we take what badges send as it passes.
_CHOOSING_S: Final = 0.25
_MOST_CHOOSING_S: Final = 20.0
# From this share on there is hardly room.
_NEARLY: Final = 0.9
_OVER: Final = {"404", "408", "409"}
_HEARTBEAT: Final = "100"
_NOBODY: Final = "503"
_SERVERS_FAULT: Final = 500
_SECOND_NS: Final = 1_000_000_000


class RefusedError(NabijError):
    """The broker is there and does not give us the stream.

    `is_fault`: it cannot, as one whose disk is full or whose files are damaged.
    """

    def __init__(self, sentence: str, *, is_fault: bool) -> None:
        super().__init__(sentence)
        self.is_fault = is_fault


async def ensure(client: Client, *, anew: bool = False, replicas: int = 1) -> str:
    """Have stream and consumer; the consumer's name. RefusedError when the broker does not let us.

    `anew`: in place of the consumer that is there, as one that hands over nothing. `replicas`:
    on so many brokers; never on fewer than it is.
    """
    jetstream = client.jetstream()
    remedy = "see whether the disk of this machine is full"
    if replicas > 1:
        remedy = "see whether most of the brokers run and have room on their disks"
    try:
        await _ensure_stream(jetstream, replicas)
        return await _ensure_consumer(jetstream, anew=anew)
    except APIError as error:
        raise RefusedError(
            "THE BROKER REFUSES THE RECEIVER ITS STREAM and no alarm can arrive "
            f"({error.description}): {remedy}; asking again until it is granted.",
            is_fault=error.code == _SERVERS_FAULT,
        ) from error


async def remove(client: Client) -> None:
    """Throw the stream away with all that waits in it, as far as the broker lets us."""
    with contextlib.suppress(APIError):
        await client.jetstream().delete_stream(NAME)


async def erase(client: Client, message: Msg) -> None:
    """Take a message out of the stream and write over its bytes; APIError when it is gone."""
    await client.jetstream().delete_msg(NAME, message.metadata.sequence.stream)


async def crowding(client: Client) -> str | None:
    """In a sentence, who has filled the stream or its share of it; None when there is room."""
    state = (await client.jetstream().stream_info(NAME, subjects_filter=SUBJECTS)).state
    most = MOST_OF_A_BADGE * _NEARLY
    full = [name for name, count in (state.subjects or {}).items() if count >= most]
    if state.messages >= MOST_MESSAGES * _NEARLY or state.bytes >= MOST_STREAM_BYTES * _NEARLY:
        return (
            f"THE BROKER'S STREAM IS NEARLY FULL ({state.messages:,} messages wait): what has no "
            "room is refused and badges send it again; see why the receiver does not keep up."
        )
    if not full:
        return None
    badges = ", ".join(sorted(name.split(".")[1] for name in full)[:5])
    return (
        f"{len(full)} BADGE{'' if len(full) == 1 else 'S'} ({badges}) FILLED ITS SHARE of the "
        "broker's stream: what it sends beyond that is refused, and it sends it again."
    )


async def backlog(client: Client) -> int:
    """How many messages wait in the stream, or are being taken."""
    return int((await client.jetstream().stream_info(NAME)).state.messages)


def is_passing(message: Msg) -> bool:
    """Whether it came as it passed: nobody waits for an acknowledgement."""
    return not message.reply


def incoming(message: Msg, prefix: str = "") -> Incoming:
    """The message as it goes to the intake, without what the server has put before its subject."""
    topic = message.subject.removeprefix(prefix).replace(".", "/")
    if is_passing(message):
        return Incoming(topic, message.data)
    arrived_ms = round(message.metadata.timestamp.timestamp() * 1000)
    return Incoming(topic, message.data, arrived_ms)


async def batches(client: Client, consumer: str, *, replicas: int = 1) -> AsyncIterator[list[Msg]]:
    """What badges sent, each badge in turn, a few messages at a time; LostError to begin anew."""
    pull = _Pull(is_shared=replicas > 1)
    passing: Subscription | None = None
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox, cb=pull.arrived)
    try:
        while True:
            if passing is None and pull.has_no_leader():
                passing = await client.subscribe(SUBJECTS, queue=CONSUMER, cb=pull.passed)
            elif passing is not None and not pull.has_no_leader():
                await passing.unsubscribe()
                passing = None
            if len(pull.waiting) < WINDOW and pull.may_ask():
                await _ask(client, consumer, inbox)
            if not len(pull.waiting):
                await pull.wait()
                continue
            most = max(BATCH, len(pull.waiting) // _SHARE)
            batch = pull.waiting.take(most, BATCH)
            yield batch
            pull.done(batch)
            # Whoever else has something to do here has its turn too.
            await asyncio.sleep(0)
    finally:
        if not client.is_closed:
            await subscription.unsubscribe()
            if passing is not None:
                await passing.unsubscribe()


class _Pull:
    """What was asked of the broker, and what came of it and waits here."""

    def __init__(self, *, is_shared: bool) -> None:
        self._is_shared = is_shared
        # Since when nobody leads, when we asked last, and how often in a row nobody said anything.
        self._leaderless_s: float | None = None
        self._asked_s = 0.0
        self._silent = 0
        # So many are yet to come of what was asked for.
        self.asked = 0
        self.waiting: Fair[Msg] = Fair()
        self._numbers: set[int] = set()
        self._some = asyncio.Event()
        self._odd = ""

    async def arrived(self, message: Msg) -> None:
        """One message, or how the broker ended a request."""
        self._some.set()
        status = _status(message)
        self._silent = 0
        if status == _NOBODY and self._is_borne():
            self.asked = 0
            return
        self._leaderless_s = None
        if status in _OVER:
            self.asked = 0
        elif status == _HEARTBEAT:
            return
        elif status:
            self._odd = status
        else:
            self.asked -= 1
            number = message.metadata.sequence.stream
            # Handed over again while it waits here.
            if number not in self._numbers:
                self._numbers.add(number)
                self.waiting.add(message.subject, message)

    async def passed(self, message: Msg) -> None:
        """One message on its way, which no stream may have."""
        self._some.set()
        self.waiting.add(message.subject, message)

    def has_no_leader(self) -> bool:
        """Whether several brokers seem to have nobody who keeps the stream now."""
        return self._is_shared and (self._leaderless_s is not None or self._silent > 0)

    def may_ask(self) -> bool:
        """Whether to ask now, and nothing is asked; True counts as asked."""
        now_s = time.monotonic()
        is_early = self._leaderless_s is not None and now_s - self._asked_s < _CHOOSING_S
        if self.asked > 0 or is_early:
            return False
        self.asked, self._asked_s = REQUEST, now_s
        return True

    def _is_borne(self) -> bool:
        """Whether to go on without a leader; one that does not come is a reason to begin anew."""
        now_s = time.monotonic()
        if self._leaderless_s is None:
            self._leaderless_s = now_s
        return self._is_shared and now_s - self._leaderless_s < _MOST_CHOOSING_S

    async def wait(self) -> None:
        """Until something has come; LostError when that is nothing to go on with."""
        self._some.clear()
        has_request = self.asked > 0
        try:
            await asyncio.wait_for(self._some.wait(), _SILENT_S if has_request else _CHOOSING_S)
        except TimeoutError:
            self._silent += has_request
            self.asked = 0
            if self._silent > _MOST_SILENT:
                raise LostError("The broker does not answer a request.") from None
        if self._odd:
            raise LostError(f"The broker ended a request with status {self._odd}.")

    def done(self, batch: list[Msg]) -> None:
        """Those were taken; they may come again."""
        self._numbers.difference_update(
            one.metadata.sequence.stream for one in batch if not is_passing(one)
        )


async def _ask(client: Client, consumer: str, inbox: str) -> None:
    request = {
        "batch": REQUEST,
        "expires": round(EXPIRES_S * _SECOND_NS),
        "idle_heartbeat": round(_HEARTBEAT_S * _SECOND_NS),
    }
    subject = f"$JS.API.CONSUMER.MSG.NEXT.{NAME}.{consumer}"
    await client.publish(subject, json.dumps(request).encode(), reply=inbox)


def _status(message: Msg) -> str:
    return "" if message.headers is None else message.headers.get("Status", "")


async def _ensure_stream(jetstream: JetStreamContext, replicas: int) -> None:
    config = StreamConfig(
        name=NAME,
        subjects=[SUBJECTS],
        # What was acknowledged is gone.
        retention=RetentionPolicy.WORK_QUEUE,
        storage=StorageType.FILE,
        max_msgs=MOST_MESSAGES,
        max_bytes=MOST_STREAM_BYTES,
        max_msgs_per_subject=MOST_OF_A_BADGE,
        max_msg_size=MOST_BYTES,
        discard=DiscardPolicy.NEW,
        discard_new_per_subject=True,
        num_replicas=replicas,
    )
    try:
        found = (await jetstream.stream_info(NAME)).config.num_replicas
    except NotFoundError:
        await jetstream.add_stream(config)
    else:
        await jetstream.update_stream(replace(config, num_replicas=max(found or 1, replicas)))


async def _ensure_consumer(jetstream: JetStreamContext, *, anew: bool) -> str:
    there = [one.name for one in await jetstream.consumers_info(NAME)]
    ours = [name for name in CONSUMERS if name in there and not anew]
    # Whatever else is handed messages of this stream takes them from us.
    for name in set(there) - set(ours[:1]):
        await jetstream.delete_consumer(NAME, name)
    if ours:
        try:
            return await _add_consumer(jetstream, ours[0])
        except APIError:
            await jetstream.delete_consumer(NAME, ours[0])
    for name in CONSUMERS[:-1]:
        with contextlib.suppress(APIError):
            return await _add_consumer(jetstream, name)
    return await _add_consumer(jetstream, CONSUMERS[-1])


async def _add_consumer(jetstream: JetStreamContext, name: str) -> str:
    config = ConsumerConfig(
        durable_name=name,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_S,
        max_ack_pending=MOST_UNACKNOWLEDGED,
    )
    # Also when it is there: this brings it up to date.
    await jetstream.add_consumer(NAME, config)
    return name

"""What an older release's broker holds for its receiver: taken in once, then removed there.

Up to 0.1 the receiver had a persistent session of MQTT. The server keeps such a session for ever,
as a consumer with all that its receiver had yet to acknowledge.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from nabij.centre.link import stream
from nabij.centre.link.broker_config import KEPT_SUBJECTS
from nabij.centre.link.door import LOST
from nabij.centre.link.incoming import Incoming
from nabij.centre.link.link import Link
from nabij.centre.link.stream import ACK_WAIT_S, SUBJECTS, incoming
from nabij.centre.recurring import Job
from nabij.errors import NabijError
from nabij.paths import StatePaths, write_file

# The server's own streams: messages at QoS 1 for who listens at QoS 1, and the sessions of those.
KEPT: Final = "$MQTT_msgs"
SESSIONS: Final = "$MQTT_sess"
_FILTER: Final = KEPT_SUBJECTS + SUBJECTS
_DRAIN: Final = "nabij-drain"
_DRAIN_CONFIG: Final = ConsumerConfig(
    durable_name=_DRAIN,
    filter_subject=_FILTER,
    ack_policy=AckPolicy.EXPLICIT,
    ack_wait=ACK_WAIT_S,
)
_AT_ONCE: Final = 16
_WAIT_S: Final = 1.0
_EVERY_S: Final = 0.5

Take = Callable[[Sequence[Incoming]], Awaitable[list[bool]]]


class OldSession:
    """Has the link take an older release's messages, once a state folder.

    The broker would keep them for an older release for ever.
    """

    def __init__(self, paths: StatePaths, link: Link) -> None:
        self._file = paths.broker_session
        self._link = link
        self._is_done = False
        self._is_ending = False

    def job(self) -> Job:
        """What does it beside the running link."""
        return Job(
            "nabij-old-session",
            _EVERY_S,
            self._look,
            "Alarms in the broker of an older release wait",
            "Alarms in the broker of an older release are taken in again.",
        )

    def end(self) -> None:
        """Take no more from now on."""
        self._is_ending = True

    async def _look(self) -> None:
        client = self._link.client()
        if self._is_done or client is None:
            return
        if not self._file.exists() or self._file.read_text() != stream.NAME:
            try:
                done = await take_over(client, partial(self._take, client))
            except LOST as error:
                raise NabijError(
                    f"What waits for an older release cannot be had from the broker ({error})."
                ) from error
            if not done:
                return
            write_file(self._file, stream.NAME.encode(), 0o600)
        self._is_done = True

    async def _take(self, client: Client, messages: Sequence[Incoming]) -> list[bool]:
        if self._is_ending:
            return [False] * len(messages)
        return await self._link.take(client, messages)


async def take_over(client: Client, take: Take) -> bool:
    """Have `take` take what older sessions hold, and remove them; False when some is not taken.

    `take` says of each message whether it is done with. What is done with does not come again:
    the next call goes on where this one was cut. It may be called beside the running link.
    """
    jetstream = client.jetstream()
    try:
        consumers = await _receivers(jetstream)
        last = (await jetstream.stream_info(KEPT)).state.last_seq
    except NotFoundError:
        return True
    older = [name for name in consumers if name != _DRAIN]
    if older:
        await jetstream.add_consumer(KEPT, _DRAIN_CONFIG)
    # From here on the drain alone has the server keep what is to be taken.
    for name in older:
        await jetstream.delete_consumer(KEPT, name)
    await _forget_sessions(jetstream)
    if not consumers:
        return True
    if not await drain(jetstream, take, last):
        return False
    await jetstream.delete_consumer(KEPT, _DRAIN)
    return True


async def _receivers(jetstream: JetStreamContext) -> list[str]:
    """The consumers of older sessions, and our own; those of badges hear something else."""
    found: list[str] = []
    offset = 0
    while page := await jetstream.consumers_info(KEPT, offset=offset):
        offset += len(page)
        found += [one.name for one in page if one.config.filter_subject == _FILTER]
    return found


async def drain(jetstream: JetStreamContext, take: Take, last: int) -> bool:
    """Take what came up to the number `last`; all that is later is in our own stream."""
    subscription = await jetstream.pull_subscribe_bind(_DRAIN, stream=KEPT)
    try:
        while True:
            try:
                batch = await subscription.fetch(_AT_ONCE, timeout=_WAIT_S)
            except TimeoutError:
                batch = []
            if not batch:
                # What a receiver that died had in its hands comes again only after ACK_WAIT_S,
                # and a broker that is busy answers late.
                left = await subscription.consumer_info()
                return not left.num_pending and not left.num_ack_pending
            done = await take([incoming(one, KEPT_SUBJECTS) for one in batch])
            for message, is_done in zip(batch, done, strict=True):
                await (message.ack() if is_done else message.nak())
            if not all(done):
                return False
            if batch[-1].metadata.sequence.stream > last:
                return True
    finally:
        await subscription.unsubscribe()


async def _forget_sessions(jetstream: JetStreamContext) -> None:
    try:
        state = (await jetstream.stream_info(SESSIONS)).state
    except NotFoundError:
        return
    for number in range(state.first_seq, state.last_seq + 1):
        try:
            record = await jetstream.get_msg(SESSIONS, number)
        except NotFoundError:
            continue
        # No badge may listen there.
        if SUBJECTS in json.loads(record.data or b"{}").get("subs", {}):
            await jetstream.delete_msg(SESSIONS, number)

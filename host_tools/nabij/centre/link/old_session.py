"""What an older release's broker holds for its receiver: taken in once, then removed there.

Up to 0.1 the receiver had a persistent session of MQTT. The server keeps such a session for ever,
as a consumer with all that its receiver had yet to acknowledge.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from nats.aio.client import Client
from nats.errors import TimeoutError as NoMessageError
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from nabij.centre.link.broker_config import KEPT_SUBJECTS
from nabij.centre.link.intake import Message
from nabij.centre.link.stream import ACK_WAIT_S, SUBJECTS

# The server's own streams: messages at QoS 1 for who listens at QoS 1, and the sessions of those.
KEPT: Final = "$MQTT_msgs"
SESSIONS: Final = "$MQTT_sess"
_FILTER: Final = KEPT_SUBJECTS + SUBJECTS
_DRAIN: Final = "nabij-drain"
_AT_ONCE: Final = 16
_WAIT_S: Final = 1.0

Take = Callable[[Sequence[Message]], Awaitable[list[bool]]]


async def take_over(client: Client, take: Take) -> bool:
    """Have `take` take what older sessions hold, and remove them; False when some is not taken.

    `take` says of each message whether it is done with. A cut leaves all for the next time, and
    what was taken before is then found to be a repeat.
    """
    jetstream = client.jetstream()
    try:
        consumers = await _receivers(jetstream)
    except NotFoundError:
        return True
    if consumers and not await _drain(jetstream, take):
        return False
    for name in consumers:
        await jetstream.delete_consumer(KEPT, name)
    await _forget_sessions(jetstream)
    return True


async def _receivers(jetstream: JetStreamContext) -> list[str]:
    """The consumers of older sessions; those of badges hear something else."""
    found: list[str] = []
    offset = 0
    while page := await jetstream.consumers_info(KEPT, offset=offset):
        offset += len(page)
        found += [one.name for one in page if one.config.filter_subject == _FILTER]
    return [name for name in found if name != _DRAIN]


async def _drain(jetstream: JetStreamContext, take: Take) -> bool:
    config = ConsumerConfig(
        durable_name=_DRAIN,
        filter_subject=_FILTER,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_S,
    )
    await jetstream.add_consumer(KEPT, config)
    subscription = await jetstream.pull_subscribe_bind(_DRAIN, stream=KEPT)
    try:
        while True:
            try:
                batch = await subscription.fetch(_AT_ONCE, timeout=_WAIT_S)
            except NoMessageError:
                return True
            topics = [one.subject.removeprefix(KEPT_SUBJECTS).replace(".", "/") for one in batch]
            frames = [one.data for one in batch]
            if not all(await take(list(zip(topics, frames, strict=True)))):
                return False
            for message in batch:
                await message.ack()
    finally:
        await subscription.unsubscribe()
        await jetstream.delete_consumer(KEPT, _DRAIN)


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

"""Publishes what badges are to be told, and has it kept for those that do not ask for it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from nats.aio.client import Client

from nabij.centre.link.broker_config import KEPT_SUBJECTS
from nabij.centre.link.door import LOST
from nabij.centre.link.incoming import Message, Outcome

# What nats-server writes beside a message that was published by MQTT at QoS 1.
_AT_QOS_1: Final = {"Nmqtt-Pub": "1"}
KEEP_S: Final = 1.0

_log = logging.getLogger("nabij.link")


class Replies:
    """`say` hears when the broker does not keep what it should, and when it does again."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._refused = False

    async def send(self, client: Client, message: Message, *, kept: bool) -> bool:
        """Publish one; whether the broker keeps it, if it is to. Raises what LOST names."""
        subject = _subject(message)
        if not kept:
            await client.publish(subject, message[1])
            return True
        # By these headers the server tells that who listens at QoS 1 has it from the stream.
        await client.publish(subject, message[1], headers=_AT_QOS_1)
        return await self._keep(client, message)

    async def send_all(self, client: Client, outcomes: Sequence[Outcome]) -> list[bool]:
        """Publish all replies, none waiting for one that is to be kept; whether each is out."""
        sent = []
        to_keep: list[Message] = []
        for outcome in outcomes:
            try:
                for reply in outcome.replies:
                    headers = _AT_QOS_1 if outcome.kept else None
                    await client.publish(_subject(reply), reply[1], headers=headers)
                    if outcome.kept:
                        to_keep.append(reply)
            except LOST as error:
                _log.debug("%r", error)
                sent.append(False)
            else:
                sent.append(True)
        await asyncio.gather(*(self._keep_or_send(client, reply) for reply in to_keep))
        return sent

    async def _keep_or_send(self, client: Client, message: Message) -> None:
        """A badge that is connected has it all the same; the others repeat their alarm."""
        try:
            if not await self._keep(client, message):
                await client.publish(_subject(message), message[1])
        except LOST as error:
            _log.debug("%r", error)

    async def _keep(self, client: Client, message: Message) -> bool:
        try:
            await client.jetstream().publish(
                KEPT_SUBJECTS + _subject(message),
                message[1],
                timeout=KEEP_S,
                headers=_AT_QOS_1,
            )
        except LOST as error:
            if client.is_connected and not self._refused:
                self._refused = True
                self._say(
                    f"The broker does not keep what badges with older firmware miss ({error}): "
                    "those that are connected are told all the same, the others repeat their "
                    "alarms; see whether the disk of this machine is full."
                )
            return False
        if self._refused:
            self._refused = False
            self._say("The broker keeps again what badges with older firmware miss.")
        return True


def _subject(message: Message) -> str:
    return message[0].replace("/", ".")

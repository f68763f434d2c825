"""The gateway's line to the receiver's broker: up again by itself, and known when it is not."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from badge.core.codec import wire
from nabij.gateway.identity import Identity

KEEPALIVE_S: Final = 30
_AGAIN_S: Final = (1, 30)
# Sessions that end so soon, so often in a row: somebody else has the same name, and each takes the
# line from the other. Then it waits, so that whoever has it can finish a visit.
_SOON_S: Final = 20.0
_SOON_TIMES: Final = 3
_PATIENT_S: Final = (8, 30)


class Line:
    """`heard` gets each message, in the loop that `start` was called in; `say` a sentence."""

    def __init__(
        self, identity: Identity, heard: Callable[[bytes], None], say: Callable[[str], None]
    ) -> None:
        self._identity = identity
        self._heard = heard
        self._say = say
        self._loop: asyncio.AbstractEventLoop | None = None
        self._refusal = ""
        self._up_s = 0.0
        self._ended_soon = 0
        # Connected, and let in to hear the answers.
        self.is_up = False
        client = Client(CallbackAPIVersion.VERSION2, client_id=identity.client_id)
        client.tls_set_context(identity.tls)
        client.reconnect_delay_set(*_AGAIN_S)
        # What is old by the time the line is back, the badge says again.
        client.max_queued_messages_set(1)
        client.on_connect = self._connected
        client.on_connect_fail = self._failed
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_message = self._arrived
        self._client = client

    def start(self) -> None:
        """Begin, and go on until `stop`."""
        self._loop = asyncio.get_running_loop()
        who = self._identity
        self._client.connect_async(who.host, who.port, KEEPALIVE_S)
        self._client.loop_start()

    async def stop(self) -> None:
        """Say goodbye and end; safe to call twice."""
        self.is_up = False
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def send(self, frame: bytes) -> bool:
        """Hand it to the broker; False when the line is down, and nothing was sent."""
        if not self.is_up:
            return False
        topic = wire.up_topic(self._identity.name)
        return self._client.publish(topic, frame, qos=1).rc is MQTTErrorCode.MQTT_ERR_SUCCESS

    # By the thread of the client.

    def _connected(self, client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            self._tell(f"The broker does not let the gateway in ({reason}); trying again.")
            return
        client.subscribe(wire.down_topic(self._identity.name), qos=0)

    def _subscribed(self, _client: Client, _data: Any, _id: int, codes: Any, _more: Any) -> None:
        if any(code.is_failure for code in codes):
            self._tell("The broker does not let the gateway hear answers; is it enrolled?")
            return
        self._up_s = time.monotonic()
        self.is_up = True
        if self._ended_soon < _SOON_TIMES:
            self._refusal = ""
            self._later(self._say, "Connected to the receiver's broker.")

    def _failed(self, _client: Client, _data: Any) -> None:
        who = self._identity
        self._tell(f"No broker answers at {who.host}:{who.port}; trying again for ever.")

    def _disconnected(
        self, _client: Client, _data: Any, _flags: Any, reason: Any, _more: Any
    ) -> None:
        if self.is_up:
            self.is_up = False
            self._lost(str(reason))
        elif reason.is_failure:
            self._tell(f"The broker ends the connection ({reason}); trying again for ever.")

    def _lost(self, reason: str) -> None:
        is_soon = time.monotonic() - self._up_s < _SOON_S
        self._ended_soon = self._ended_soon + 1 if is_soon else 0
        is_fought_for = self._ended_soon >= _SOON_TIMES
        self._client.reconnect_delay_set(*(_PATIENT_S if is_fought_for else _AGAIN_S))
        if not is_fought_for:
            self._later(self._say, f"The broker is lost ({reason}); connecting again.")
            return
        self._tell(
            f"The broker ends each connection within seconds ({reason}): see that no other "
            f"machine runs with the folder of {self._identity.name}, and give each its own by "
            "`nabij enrol NAME --gateway`; trying again for ever."
        )

    def _arrived(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._later(self._heard, message.payload)

    def _tell(self, sentence: str) -> None:
        # Once for as long as it lasts.
        if sentence != self._refusal:
            self._refusal = sentence
            self._later(self._say, sentence)

    def _later(self, what: Callable[[Any], None], given: Any) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(what, given)

"""The receiver's connection to its broker: messages are acknowledged after they are dealt with."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from nabij.centre.link.broker_config import ACK_WAIT_S
from nabij.centre.link.intake import Outcome
from nabij.errors import NabijError

# What releases up to 0.1 called their session, for anybody to guess.
OLD_CLIENT_ID: Final = "nabij-receiver"
# A session that gives nothing for so long is empty; one that never ends is not waited for. What an
# older session holds beyond MOST_UNACKNOWLEDGED comes only when the server hands it over again.
QUIET_S: Final = ACK_WAIT_S + 1.0
EMPTYING_S: Final = 30.0
UP_TOPICS: Final = "nabij/+/up"
KEEPALIVE_S: Final = 30
FIRST_RECONNECT_S: Final = 0.1
MAX_RECONNECT_S: Final = 2

_log = logging.getLogger("nabij.link")


class MqttLink:
    """A persistent session at the broker that hands each message to `take` and does its outcome.

    `client_id` names the session. Who knows it and may connect can end this connection.

    `take(topic, payload)`, then `after(outcome)`, and `up(is_up)` are called on the link's own
    thread.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        client_id: str,
        ca_file: Path,
        certificate: tuple[Path, Path],
        take: Callable[[str, bytes], Outcome],
        after: Callable[[Outcome], None],
        up: Callable[[bool], None] = lambda _up: None,
        say: Callable[[str], None] = _log.warning,
    ) -> None:
        self._address = (host, port)
        self._take = take
        self._after = after
        self._up = up
        self._say = say
        self.client_id = client_id
        self._context = ssl.create_default_context(cafile=str(ca_file))
        self._context.load_cert_chain(str(certificate[0]), str(certificate[1]))
        self._subscribed = threading.Event()
        self._message_s = 0.0
        self._was_up = False
        self._refused = False
        # manual_ack: paho would acknowledge before the alarm is in the database.
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, manual_ack=True
        )
        self._client.tls_set_context(self._context)
        # paho says int but only adds and doubles it; a second without alarms is too long here.
        self._client.reconnect_delay_set(FIRST_RECONNECT_S, MAX_RECONNECT_S)  # type: ignore[arg-type]
        self._client.on_socket_open = _without_delay
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def start(self, timeout_s: float = 10.0) -> None:
        """Connect and return when subscribed; NabijError when that does not come about in time."""
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        if not self._subscribed.wait(timeout_s):
            self.stop()
            raise NabijError(
                "The receiver cannot subscribe at its own broker: "
                "check that pki/ and broker/ in the state folder belong together and start again."
            )

    def wait_subscribed(self, timeout_s: float) -> bool:
        """Wait until the link is up, again or still."""
        return self._subscribed.wait(timeout_s)

    def publish(self, topic: str, frame: bytes, timeout_s: float = 5.0) -> bool:
        """Send a frame; True once the broker keeps it. Not for the link's own thread."""
        if not self._subscribed.is_set():
            return False
        try:
            sent = self._client.publish(topic, frame, qos=1)
            sent.wait_for_publish(timeout_s)
            return sent.is_published()
        except (RuntimeError, ValueError):
            return False

    def stop(self) -> None:
        """Finish the message at hand and disconnect; the session stays for the next start."""
        self._client.disconnect()
        self._client.loop_stop()

    def retire(self) -> None:
        """Take what waits in the session, then have the broker forget it; NabijError if not."""
        self.start()
        started_s = self._message_s = time.monotonic()
        while time.monotonic() < min(self._message_s + QUIET_S, started_s + EMPTYING_S):
            time.sleep(0.05)
        self.stop()
        gone = threading.Event()
        # Connecting with a clean session removes the one of that name.
        client = mqtt.Client(CallbackAPIVersion.VERSION2, self.client_id, clean_session=True)
        client.tls_set_context(self._context)
        client.on_connect = lambda _c, _u, _f, reason, _p: (
            None if reason.is_failure else gone.set()
        )
        try:
            client.connect(*self._address)
            client.loop_start()
            done = gone.wait(10.0)
        except OSError as error:
            raise NabijError(
                f"The old session at the broker cannot be removed ({error}): "
                "the next start tries again."
            ) from error
        finally:
            client.disconnect()
            client.loop_stop()
        if not done:
            raise NabijError(
                "The old session at the broker was not removed: the next start tries again."
            )

    def _on_connect(
        self, _c: mqtt.Client, _u: Any, _f: mqtt.ConnectFlags, reason: ReasonCode, _p: Any
    ) -> None:
        if reason.is_failure:
            self._say(f"The broker does not let the receiver in ({reason}); trying again.")
            return
        self._client.subscribe(UP_TOPICS, qos=1)

    def _on_subscribe(
        self, _c: mqtt.Client, _u: Any, _mid: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            if not self._refused:
                self._say(
                    "THE BROKER REFUSES THE RECEIVER'S SUBSCRIPTION and no alarm can arrive: see "
                    "whether the disk of this machine is full; asking again until it is granted."
                )
            self._refused = True
            # Nothing else can come over this link meanwhile.
            time.sleep(MAX_RECONNECT_S)
            self._client.subscribe(UP_TOPICS, qos=1)
            return
        self._refused = False
        self._up(True)
        self._subscribed.set()
        if self._was_up:
            self._say("The receiver is connected to the broker again.")
        self._was_up = True

    def _on_disconnect(
        self, _c: mqtt.Client, _u: Any, _f: mqtt.DisconnectFlags, reason: ReasonCode, _p: Any
    ) -> None:
        if self._subscribed.is_set() and reason.is_failure:
            self._say("The receiver lost its broker; connecting again.")
        self._up(False)
        self._subscribed.clear()

    def _on_message(self, client: mqtt.Client, _u: Any, message: mqtt.MQTTMessage) -> None:
        self._message_s = time.monotonic()
        try:
            outcome = self._take(message.topic, bytes(message.payload))
            for topic, frame in outcome.replies:
                client.publish(topic, frame, qos=outcome.qos)
            if outcome.done:
                client.ack(message.mid, message.qos)
            self._after(outcome)
        except Exception:  # noqa: BLE001 - a fault of ours must not end the thread that takes alarms
            _log.exception("fault while taking a message")
            self._say("A message could not be handled because of a fault in nabij; going on.")


def _without_delay(_client: mqtt.Client, _userdata: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

"""A badge as the receiver sees it: its certificate, its key, its frames, its stubbornness."""

import base64
import json
import queue
import socket
import ssl
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from badge.core.alarm import kinds
from badge.core.codec import motion_piece, wire
from badge.core.codec.cbor import WireError

# For what comes at once on a machine with nothing else to do.
LONG_S = 60.0


class UnreachableError(Exception):
    """The broker did not take the connection or ended it."""


class BadgeClient:
    """Connects with what a provisioning folder holds; a new MQTT client for every connection."""

    def __init__(
        self, folder: Path, *, port: int, client_id: str | None = None, older: bool = False
    ) -> None:
        identity = json.loads((folder / "identity.json").read_text())
        self.badge: str = identity["badge"]
        self.key = bytes.fromhex(identity["hmac_key"])
        self.statuses: queue.SimpleQueue[wire.Status] = queue.SimpleQueue()
        self.kept: queue.SimpleQueue[motion_piece.Kept] = queue.SimpleQueue()
        self.refused: list[str] = []
        # What takes an order, if anything does.
        self.on_order: Callable[[bytes], None] = lambda _frame: None
        self._port = port
        # Firmware before hello: a persistent session, and QoS 1 downwards.
        self._older = older
        self._hellos = 0
        self._client_id = client_id or wire.client_id(self.badge, self.key)
        self._context = tls_context(folder)
        self._client: mqtt.Client | None = None

    def connect(self, timeout_s: float = LONG_S) -> None:
        """Connect and subscribe to the own down topic; UnreachableError when that fails."""
        client = self._new_client()
        granted: queue.SimpleQueue[bool] = queue.SimpleQueue()

        def subscribe(c: mqtt.Client, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
            if reason.is_failure:
                granted.put(False)
            else:
                c.subscribe(wire.down_topic(self.badge), qos=int(self._older))

        client.on_connect = subscribe
        client.on_subscribe = lambda _c, _u, _m, reasons, _p: granted.put(
            not any(reason.is_failure for reason in reasons)
        )
        client.on_disconnect = lambda *_: granted.put(False)
        try:
            client.connect("127.0.0.1", self._port)
        except (OSError, ssl.SSLError) as error:
            raise UnreachableError(str(error)) from error
        self._client = client
        client.loop_start()
        try:
            up = granted.get(timeout=timeout_s)
        except queue.Empty:
            up = False
        if not up:
            self.close()
            raise UnreachableError("no subscription")

    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected()

    def close(self) -> None:
        """End the connection, not the session."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def frame(self, seq: int, *, boot: int = 1, attempt: int = 1, **fields: Any) -> bytes:
        fields.setdefault("kind", kinds.SOS)
        fields.setdefault("age_ms", 0)
        encoded: bytes = wire.encode_alarm(
            self.key, self.badge, boot, seq, attempt=attempt, **fields
        )
        return encoded

    def publish(self, payload: bytes, topic: str | None = None) -> mqtt.MQTTMessageInfo:
        assert self._client is not None
        return self._client.publish(topic or wire.up_topic(self.badge), payload, qos=1)

    def send(self, seq: int, **fields: Any) -> None:
        """Publish one alarm frame without waiting for anything."""
        self.publish(self.frame(seq, **fields))

    def hello(
        self,
        *standings: wire.Standing,
        boot: int = 1,
        where: tuple[Any, Any, Any] = wire.NOWHERE,
    ) -> bytes:
        """Say hello with these alarms open, and where it is; the frame that it said."""
        self._hellos += 1
        frame: bytes = wire.encode_hello(
            self.key,
            wire.Hello(self.badge, boot, self._hellos, "0.1.0", 60, 80, standings, *where),
        )
        assert self._client is not None
        self._client.publish(wire.up_topic(self.badge), frame, qos=0)
        return frame

    def publish_motion(self, frame: bytes) -> None:
        assert self._client is not None
        self._client.publish(wire.motion_topic(self.badge), frame, qos=0)

    def send_piece(
        self, piece: motion_piece.Piece, timeout_s: float = LONG_S
    ) -> motion_piece.Kept | None:
        """Send a piece of motion; the answer to it, None when there is none in time."""
        self.publish_motion(motion_piece.encode_piece(self.key, piece))
        try:
            return self.kept.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def subscription_granted(self, topic: str, timeout_s: float = LONG_S) -> bool:
        """Ask for one more subscription."""
        assert self._client is not None
        answer: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._client.on_subscribe = lambda _c, _u, _m, reasons, _p: answer.put(
            not any(reason.is_failure for reason in reasons)
        )
        self._client.subscribe(topic, qos=1)
        return answer.get(timeout=timeout_s)

    def wait_status(self, seq: int, timeout_s: float) -> wire.Status | None:
        """The next valid status of the alarm, None when there is none in time."""
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                status = self.statuses.get(timeout=left_s)
            except queue.Empty:
                return None
            if status.seq == seq:
                return status
        return None

    def insist(
        self,
        seq: int,
        *,
        timeout_s: float = LONG_S,
        repeat_s: float = 1.0,
        tries: Callable[[], object] = lambda: None,
        **fields: Any,
    ) -> int:
        """Repeat the alarm, reconnecting at need, until a valid receipt; returns the attempts.

        `tries` is called when one begins, also one that finds no broker.
        """
        deadline = time.monotonic() + timeout_s
        attempt = 0
        while time.monotonic() < deadline:
            tries()
            try:
                if not self.connected():
                    self.close()
                    self.connect(5.0)
                attempt += 1
                self.send(seq, attempt=attempt, **fields)
            except UnreachableError:
                time.sleep(0.05)
                continue
            until = time.monotonic() + repeat_s
            while time.monotonic() < until and self.connected():
                if self.wait_status(seq, 0.02) is not None:
                    return attempt
        raise AssertionError(f"no receipt for {self.badge} {seq} after {attempt} attempts")

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            clean_session=not self._older,
            reconnect_on_failure=False,
        )
        client.tls_set_context(self._context)
        client.on_message = self._on_message
        client.on_socket_open = _without_delay
        return client

    def _on_message(self, _c: mqtt.Client, _u: Any, message: mqtt.MQTTMessage) -> None:
        if wire.type_of(message.payload) == wire.TYPE_ORDER:
            self.on_order(bytes(message.payload))
            return
        if wire.type_of(message.payload) == wire.TYPE_KEPT:
            self.kept.put(motion_piece.decode_kept(message.payload, self.key, self.badge))
            return
        try:
            self.statuses.put(wire.decode_status(message.payload, self.key, self.badge))
        except WireError as error:
            self.refused.append(error.code)


def _without_delay(_client: mqtt.Client, _userdata: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def tls_context(folder: Path) -> ssl.SSLContext:
    """What a badge with that provisioning folder shows, and whom it trusts."""
    ca = ssl.DER_cert_to_PEM_cert((folder / "ca.der").read_bytes())
    context = ssl.create_default_context(cadata=ca)
    key = base64.encodebytes((folder / "badge.key.der").read_bytes()).decode()
    certificate = ssl.DER_cert_to_PEM_cert((folder / "badge.der").read_bytes())
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as pem:
        pem.write(f"{certificate}-----BEGIN PRIVATE KEY-----\n{key}-----END PRIVATE KEY-----\n")
        pem.flush()
        context.load_cert_chain(pem.name)
    return context

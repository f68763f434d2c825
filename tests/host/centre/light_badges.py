"""Many badges on one thread, as the broker sees them: TLS, MQTT and authenticated frames.

Plain sockets, because asyncio keeps ten times the memory of one for its TLS. A light badge sends
an alarm once and waits for its receipt; it does not repeat.
"""

from __future__ import annotations

import contextlib
import json
import random
import selectors
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from badge.core.alarm import kinds
from badge.core.codec import motion_piece, mqtt, wire
from tests.host.centre.badge_client import tls_context

PATIENCE_S: Final = 120.0
_KEEPALIVE_S: Final = 600
_CHUNK: Final = 4096

Key = tuple[str, int]


@dataclass
class Answers:
    """When the broker had each alarm, and when its receipt came, since all went out."""

    pubacks_s: dict[Key, float] = field(default_factory=dict)
    receipts_s: dict[Key, float] = field(default_factory=dict)


class LightBadge:
    """One connection; `is_heard` once the broker has let it listen.

    Older firmware listens at QoS 1; that of this release says hello instead.
    """

    def __init__(self, folder: Path, port: int, qos: int, host: str = "127.0.0.1") -> None:
        """Connect from the address `host` of this machine."""
        identity = json.loads((folder / "identity.json").read_text())
        self.badge: str = identity["badge"]
        # Of the last alarm of a burst.
        self.seq = 0
        # All of the motion that it sent is kept.
        self.is_uploaded = False
        self.pieces_kept = 0
        self._key = bytes.fromhex(identity["hmac_key"])
        self._packets = mqtt.PacketReader(70_000)
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S, (host, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = tls_context(folder).wrap_socket(plain, server_hostname="localhost")
        try:
            self._connect(qos)
        except BaseException:
            self.socket.close()
            raise

    def _connect(self, qos: int) -> None:
        connect = mqtt.connect(wire.client_id(self.badge, self._key), _KEEPALIVE_S, not qos)
        assert mqtt.read_connack(*self._ask(connect))[1] == 0
        first, body = self._ask(mqtt.subscribe(1, wire.down_topic(self.badge), qos))
        self.is_heard: bool = mqtt.read_suback(first, body)[1]
        if not qos:
            hello = wire.Hello(self.badge, 1, 1, "0.1.0", _KEEPALIVE_S, 80, (), *wire.NOWHERE)
            frame = wire.encode_hello(self._key, hello)
            self.socket.sendall(mqtt.publish_once(wire.up_topic(self.badge), frame))

    def raise_alarm(self, seq: int) -> None:
        """Send an SOS once."""
        frame = wire.encode_alarm(self._key, self.badge, 1, seq, kinds.SOS, 0, rev=1)
        self.socket.sendall(mqtt.publish(wire.up_topic(self.badge), frame, seq))

    def begin_upload(self, data: bytes, seq: int = 1) -> None:
        """Send the motion of an alarm, piece by piece as the answers come."""
        self._motion, self._of = data, seq
        self._send_piece(0)

    def _send_piece(self, at: int) -> None:
        size = motion_piece.room(self.badge)
        piece = motion_piece.Piece(
            self.badge, 1, self._of, at, len(self._motion), self._motion[at : at + size]
        )
        frame = motion_piece.encode_piece(self._key, piece)
        self.socket.sendall(mqtt.publish_once(wire.motion_topic(self.badge), frame))

    def _heard(self, payload: bytes) -> None:
        kept = motion_piece.decode_kept(payload, self._key, self.badge)
        self.is_uploaded = kept.state == motion_piece.DONE
        self.pieces_kept += 1
        if kept.state == motion_piece.GO_ON:
            self._send_piece(kept.next)

    def take(self, answers: Answers, since_s: float) -> None:
        """Read what is there."""
        self._packets.feed(self.socket.recv(_CHUNK))
        while self.socket.pending():
            self._packets.feed(self.socket.recv(_CHUNK))
        at_s = time.monotonic() - since_s
        while (packet := self._packets.next()) is not None:
            if packet[0] >> 4 == mqtt.PUBACK:
                answers.pubacks_s[self.badge, mqtt.read_puback(*packet)] = at_s
            elif packet[0] >> 4 == mqtt.PUBLISH:
                _topic, payload, packet_id = mqtt.read_publish(*packet)
                if packet_id is not None:
                    self.socket.sendall(mqtt.puback(packet_id))
                if wire.type_of(payload) == wire.TYPE_KEPT:
                    self._heard(payload)
                    continue
                status = wire.decode_status(payload, self._key, self.badge)
                answers.receipts_s.setdefault((self.badge, status.seq), at_s)

    def _ask(self, packet: bytes) -> tuple[int, bytes]:
        self.socket.sendall(packet)
        while (answer := self._packets.next()) is None:
            came = self.socket.recv(_CHUNK)
            if not came:
                raise ConnectionError("the broker ended the connection")
            self._packets.feed(came)
        first, body = answer
        return int(first), bytes(body)


class Fleet:
    """Light badges that are connected, until the end of `with`."""

    def __init__(self, folders: Iterable[Path], port: int, qos: int = 0) -> None:
        self._folders = list(folders)
        self._qos = qos
        self._port = port
        self.badges: list[LightBadge] = []

    def __enter__(self) -> Self:
        for folder in self._folders:
            self.badges.append(LightBadge(folder, self._port, self._qos))
        return self

    def __exit__(self, *_exc: object) -> None:
        for badge in self.badges:
            with contextlib.suppress(OSError):
                badge.socket.close()

    def raise_alarms(self, each: int, first_seq: int = 1) -> Answers:
        """Raise so many alarms on each badge at once; what came back before all had a receipt."""
        seqs = range(first_seq, first_seq + each)
        return self._raise([(badge, seq) for seq in seqs for badge in self.badges])

    def burst(self, count: int, seed: int) -> Answers:
        """Raise so many alarms at once on badges that the seed chooses; as `raise_alarms`."""
        chosen = random.Random(seed).choices(self.badges, k=count)
        alarms = []
        for badge in chosen:
            badge.seq += 1
            alarms.append((badge, badge.seq))
        return self._raise(alarms)

    def _raise(self, alarms: list[tuple[LightBadge, int]]) -> Answers:
        answers = Answers()
        since_s = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for badge in self.badges:
                selector.register(badge.socket, selectors.EVENT_READ, badge)
            for badge, seq in alarms:
                badge.raise_alarm(seq)
            while (
                len(answers.receipts_s) < len(alarms) and time.monotonic() - since_s < PATIENCE_S
            ):
                for ready, _events in selector.select(1.0):
                    ready.data.take(answers, since_s)
        return answers

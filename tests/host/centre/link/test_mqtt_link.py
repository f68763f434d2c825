"""The receiver's link when the broker does not let it listen: told once, asked until granted."""

import contextlib
import queue
import socket
import ssl
import struct
import threading
from pathlib import Path

import pytest

from badge.core.codec import mqtt
from nabij.centre.link import mqtt_link
from nabij.centre.link.intake import Outcome
from nabij.centre.link.mqtt_link import MqttLink
from nabij.centre.register.pki import Authority
from tests.waiting import LONG_S, wait_until

_CONNECT, _SUBSCRIBE = 1, 8


class Broker:
    """Takes one connection and refuses its first subscriptions, as a server at its limit does."""

    def __init__(self, authority: Authority, refusals: int) -> None:
        self.asked = 0
        self._refusals = refusals
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*authority.files("server"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        packets = mqtt.PacketReader()
        plain, _ = self._listener.accept()
        with (
            contextlib.suppress(OSError),
            self._context.wrap_socket(plain, server_side=True) as far,
        ):
            while data := far.recv(4096):
                packets.feed(data)
                while (packet := packets.next()) is not None:
                    first, body = packet
                    if first >> 4 == _CONNECT:
                        far.sendall(b"\x20\x02\x00\x00")
                    elif first >> 4 == _SUBSCRIBE:
                        self.asked += 1
                        code = 0x80 if self.asked <= self._refusals else 1
                        far.sendall(b"\x90\x03" + body[:2] + struct.pack("B", code))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority.create(tmp_path)
    authority.ensure_server(["localhost"])
    authority.ensure_receiver()
    return authority


@pytest.mark.requirement("R09")
def test_subscription_that_is_refused_is_told_once_and_asked_for_until_it_is_granted(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver that stays connected and deaf would never take an alarm again."""
    monkeypatch.setattr(mqtt_link, "MAX_RECONNECT_S", 0.05)
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    broker = Broker(authority, refusals=3)
    link = MqttLink(
        "127.0.0.1",
        broker.port,
        client_id="receiver",
        ca_file=authority.ca_file,
        certificate=authority.files("receiver"),
        take=lambda _topic, _frame: Outcome(done=True),
        after=lambda _outcome: None,
        say=said.put,
    )
    link.start(LONG_S)
    try:
        wait_until(lambda: broker.asked == 4)
        assert link.wait_subscribed(LONG_S)
        assert said.get(timeout=LONG_S).startswith(
            "THE BROKER REFUSES THE RECEIVER'S SUBSCRIPTION"
        )
        assert said.empty()
    finally:
        link.stop()

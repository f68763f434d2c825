"""Target `mqtt`: a broker that says rubbish before, inside and instead of what it should say.

An alarm has to be answered over some connection as soon as the broker speaks soundly again, and
nothing may count as its receipt that the receiver did not say.
"""

import asyncio

from badge.core.codec import mqtt, wire
from badge.core.keep_alive import KeepAlive
from badge.link.mqtt import MqttClient
from badge.link.tls import LinkError
from tests.fuzz.mp_draw import drawn, require

KEY = b"k" * 32
_BADGE = "nb-0001"
_UP, _DOWN = wire.up_topic(_BADGE), wire.down_topic(_BADGE)
_ALARM = wire.encode_alarm(KEY, _BADGE, 3, 7, 1, 1500, rev=1)
RECEIPT = wire.encode_status(
    KEY, _BADGE, 3, 7, wire.STATUS_RECEIVED, 1_800_000_000, rev=1, number=4
)
# Of connections that were begun when the broker spoke soundly again.
_TRIES = 2
_WAIT_MS = 10_000
_OTHER = wire.encode_status(b"o" * 32, _BADGE, 3, 7, 1, 1_800_000_000, rev=1)
SAMPLES = (
    b"\x20\x02\x00\x00",
    b"\x90\x03\xff\xff\x00",
    b"\x40\x02\x00\x01",
    b"\xd0\x00",
    mqtt.publish_once(_DOWN, _OTHER),
    mqtt.publish(_DOWN, _OTHER, 5),
    mqtt.publish(_DOWN, b"x" * 1100, 9),
    b"\x62\x02\x00\x05",
    b"\x34\x08\x00\x01d\x00\x07abc",
)
WORDS = [bytes((first,)) for first in (0x20, 0x30, 0x32, 0x34, 0x36, 0x40, 0x62, 0x90, 0xD0, 0xE0)]
WORDS += [b"\x00", b"\x02\x00\x01", b"\xff\xff\xff\x7f", b"\x80\x80\x80\x80\x01", b"\x00\x01+"]


def make(seed):
    """The pieces of a seed."""
    return drawn(seed, SAMPLES, WORDS)


class Broker:
    """What is sound behind all connections; the pieces spoil what it says, in turn."""

    def __init__(self, pieces):
        self.pieces = list(pieces)
        self.alarms = 0

    def spoiled(self, packet):
        """A packet with the next piece before or inside it, or in its place."""
        if not self.pieces:
            return packet
        piece = self.pieces.pop(0)
        mark = sum(piece) + len(piece)
        if mark & 3 == 0:
            # What nobody asked for, and the packet after it.
            return piece + packet
        at = mark % (len(packet) + 1)
        return packet[:at] + piece + (packet[at:] if mark & 7 else b"")

    def answers(self, first, body):
        """What a packet of the badge is answered by, packet by packet."""
        packet_type = first >> 4
        if packet_type == 1:
            return (b"\x20\x02\x00\x00",)
        if packet_type == 8:
            return (b"\x90\x03" + body[:2] + b"\x00",)
        if packet_type == 12:
            return (b"\xd0\x00",)
        if packet_type == mqtt.PUBLISH:
            topic, payload, packet_id = mqtt.read_publish(first, body)
            assert (topic, payload) == (_UP, _ALARM), "another alarm than was sent"
            self.alarms += 1
            return (mqtt.puback(packet_id), mqtt.publish_once(_DOWN, RECEIPT))
        return ()


class Stream:
    """One connection: the stream under an MqttClient."""

    def __init__(self, broker):
        self._broker = broker
        self._packets = mqtt.PacketReader()
        self._out = b""
        self._news = asyncio.Event()

    async def read_into(self, buf, timeout_ms):
        """As TlsStream has it."""
        if not self._out:
            self._news.clear()
            try:
                await asyncio.wait_for_ms(self._news.wait(), timeout_ms)
            except asyncio.TimeoutError:
                return 0
        n = min(len(buf), len(self._out))
        buf[:n] = self._out[:n]
        self._out = self._out[n:]
        return n

    async def write(self, data, timeout_ms):
        """As TlsStream has it."""
        self._packets.feed(data)
        while True:
            packet = self._packets.next()
            if packet is None:
                return
            for answer in self._broker.answers(*packet):
                self._out += self._broker.spoiled(answer)
                self._news.set()

    async def close(self):
        """As TlsStream has it."""


async def run(pieces):
    """Sends the alarm over one connection after the other until its receipt is there."""
    broker = Broker(pieces)
    tries = 0
    is_sound = False
    while not await _try(broker):
        tries += is_sound
        assert tries < _TRIES, "no receipt over %d connections to a sound broker" % tries
        is_sound = not broker.pieces
    assert broker.alarms, "a receipt of an alarm that did not arrive"


async def _try(broker):
    heard = asyncio.Event()

    def take(topic, payload):
        assert isinstance(topic, str)
        assert len(payload) <= 1024
        if payload == RECEIPT:
            heard.set()

    link = MqttClient(Stream(broker), "badge", KeepAlive(60, 300), take)
    try:
        await link.connect(_WAIT_MS)
        await link.subscribe(_DOWN, _WAIT_MS)
        await link.publish(_UP, _ALARM, 1, _WAIT_MS)
        await asyncio.wait_for_ms(heard.wait(), _WAIT_MS)
    except LinkError as error:
        require("died" not in str(error), error)
        return False
    except asyncio.TimeoutError:
        return False
    finally:
        await link.close()
    return True

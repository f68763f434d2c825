"""MQTT 3.1.1 packets, the part a QoS 1 client needs. Pure: bytes in, bytes out."""

import struct

CONNACK = 2
PUBLISH = 3
PUBACK = 4
PUBREL = 6
SUBACK = 9

PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"


class MqttError(Exception):
    """The far end broke the protocol; the text says how."""


class MessageError(MqttError):
    """A whole message that nobody can take: to be acknowledged (`ack`) and dropped."""

    def __init__(self, text, ack):
        super().__init__(text)
        self.ack = ack


def connect(client_id, keepalive_s, clean, will=None):
    """CONNECT; `will` is (topic, payload), published with QoS 1 when the badge falls silent."""
    flags = (2 if clean else 0) | (0x0C if will else 0)
    body = b"\x00\x04MQTT\x04" + struct.pack(">BH", flags, keepalive_s) + _text(client_id)
    if will:
        topic, payload = will
        body += _text(topic) + struct.pack(">H", len(payload)) + payload
    return packet(0x10, body)


def subscribe(packet_id, topic, qos=0):
    return packet(0x82, struct.pack(">H", packet_id) + _text(topic) + bytes((qos,)))


def publish(topic, payload, packet_id, *, dup=False):
    """PUBLISH with QoS 1."""
    return packet(0x3A if dup else 0x32, _text(topic) + struct.pack(">H", packet_id) + payload)


def publish_once(topic, payload):
    """PUBLISH with QoS 0, which nobody acknowledges."""
    return packet(0x30, _text(topic) + payload)


def puback(packet_id):
    return struct.pack(">BBH", 0x40, 2, packet_id)


def pubrec(packet_id):
    """The first half of the acknowledgement of a QoS 2 message; its PUBREL wants a pubcomp."""
    return struct.pack(">BBH", 0x50, 2, packet_id)


def pubcomp(packet_id):
    return struct.pack(">BBH", 0x70, 2, packet_id)


def read_connack(first, body):
    """(session_present, return_code)"""
    _require(first == 0x20 and len(body) == 2 and body[0] < 2, "CONNACK")
    _require(body[1] == 0 or body[0] == 0, "CONNACK that refuses and remembers")
    return body[0] == 1, body[1]


def read_publish(first, body):
    """(topic, payload, packet_id), packet_id None for QoS 0; raises MessageError, MqttError."""
    qos = (first >> 1) & 3
    _require(first >> 4 == PUBLISH and qos < 3 and len(body) >= 2, "PUBLISH")
    start = 2 + ((body[0] << 8) | body[1])
    end = start + (2 if qos else 0)
    _require(end <= len(body), "PUBLISH shorter than its topic")
    packet_id, ack = None, None
    if qos:
        packet_id = (body[start] << 8) | body[start + 1]
        _require(packet_id, "packet id 0")
        ack = puback(packet_id) if qos == 1 else pubrec(packet_id)
    if qos == 2:
        raise MessageError("a message with QoS 2, which was not asked for", ack)
    try:
        topic = str(body[2:start], "utf-8")
    except ValueError:
        raise MessageError("a topic that is not UTF-8", ack)
    if not topic or "\0" in topic or "+" in topic or "#" in topic:
        raise MessageError("bad topic", ack)
    return topic, body[end:], packet_id


def read_pubrel(first, body):
    """packet_id"""
    _require(first == 0x62 and len(body) == 2, "PUBREL")
    return (body[0] << 8) | body[1]


def read_puback(first, body):
    """packet_id"""
    _require(first == 0x40 and len(body) == 2, "PUBACK")
    return (body[0] << 8) | body[1]


def read_suback(first, body):
    """(packet_id, granted): granted False when the broker refused"""
    _require(first == 0x90 and len(body) == 3 and body[2] in (0, 1, 2, 0x80), "SUBACK")
    return (body[0] << 8) | body[1], body[2] != 0x80


class PacketReader:
    """Cuts a stream into packets: feed it, then call next() until it gives None.

    A PUBLISH of up to `longest` bytes has its body cut to `limit`, so that it can be acknowledged;
    any other packet above `limit` is an MqttError.
    """

    def __init__(self, limit=1024, longest=0):
        self._limit = limit
        self._longest = longest
        self._held = b""
        self._skip = 0
        self._cut = None

    def feed(self, data):
        passed = min(self._skip, len(data))
        self._skip -= passed
        if passed < len(data):
            self._held += bytes(data[passed:] if passed else data)

    def next(self):
        """(first byte, body) of the next whole packet, or None; raises MqttError."""
        if self._cut is not None:
            if self._skip:
                return None
            cut, self._cut = self._cut, None
            return cut
        held = self._held
        length = 0
        for i in range(1, min(len(held), 5)):
            length |= (held[i] & 0x7F) << (7 * (i - 1))
            _require(length <= self._most(held[0]), "packet of %d bytes" % length)
            if held[i] < 0x80:
                return self._take(i + 1, length)
        _require(len(held) < 5, "packet length")
        return None

    def _most(self, first):
        return max(self._limit, self._longest) if first >> 4 == PUBLISH else self._limit

    def _take(self, start, length):
        held = self._held
        kept = min(length, self._limit)
        if len(held) < start + kept:
            return None
        packet = held[0], held[start : start + kept]
        passed = min(length, len(held) - start)
        self._held = held[start + passed :]
        if kept == length:
            return packet
        self._cut = packet
        self._skip = length - passed
        return self.next()


def packet(first, body):
    length = len(body)
    head = bytearray((first,))
    while length > 0x7F:
        head.append(0x80 | (length & 0x7F))
        length >>= 7
    head.append(length)
    return bytes(head) + body


def _text(text):
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _require(condition, what):
    if not condition:
        raise MqttError("bad " + what)

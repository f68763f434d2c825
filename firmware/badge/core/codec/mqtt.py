"""MQTT 3.1.1 packets, the part a QoS 1 client needs. Pure: bytes in, bytes out."""

import struct

CONNACK = 2
PUBLISH = 3
PUBACK = 4
SUBACK = 9
PINGRESP = 13

PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"


class MqttError(Exception):
    """The far end broke the protocol; the text says how."""


def connect(client_id, keepalive_s, clean, will=None):
    """CONNECT; `will` is (topic, payload), published with QoS 1 when the badge falls silent."""
    flags = (2 if clean else 0) | (0x0C if will else 0)
    body = b"\x00\x04MQTT\x04" + struct.pack(">BH", flags, keepalive_s) + _text(client_id)
    if will:
        body += _text(will[0]) + struct.pack(">H", len(will[1])) + will[1]
    return packet(0x10, body)


def subscribe(packet_id, topic):
    return packet(0x82, struct.pack(">H", packet_id) + _text(topic) + b"\x01")


def publish(topic, payload, packet_id, *, dup=False):
    """PUBLISH with QoS 1."""
    return packet(0x3A if dup else 0x32, _text(topic) + struct.pack(">H", packet_id) + payload)


def puback(packet_id):
    return struct.pack(">BBH", 0x40, 2, packet_id)


def read_connack(first, body):
    """(session_present, return_code)"""
    _require(first == 0x20 and len(body) == 2 and body[0] < 2, "CONNACK")
    _require(body[1] == 0 or body[0] == 0, "CONNACK that refuses and remembers")
    return body[0] == 1, body[1]


def read_publish(first, body):
    """(topic, payload, packet_id), packet_id None for QoS 0"""
    qos = (first >> 1) & 3
    _require(first >> 4 == PUBLISH and qos < 2 and len(body) >= 2, "PUBLISH")
    start = 2 + ((body[0] << 8) | body[1])
    end = start + 2 * qos
    _require(start > 2 and end <= len(body), "PUBLISH shorter than its topic")
    try:
        topic = str(body[2:start], "utf-8")
    except ValueError:
        raise MqttError("a topic that is not UTF-8")
    _require("\0" not in topic and "+" not in topic and "#" not in topic, "topic")
    if not qos:
        return topic, body[end:], None
    packet_id = (body[start] << 8) | body[start + 1]
    _require(packet_id, "packet id 0")
    return topic, body[end:], packet_id


def read_puback(first, body):
    """packet_id"""
    _require(first == 0x40 and len(body) == 2, "PUBACK")
    return (body[0] << 8) | body[1]


def read_suback(first, body):
    """(packet_id, granted): granted False when the broker refused"""
    _require(first == 0x90 and len(body) == 3 and body[2] in (0, 1, 2, 0x80), "SUBACK")
    return (body[0] << 8) | body[1], body[2] != 0x80


class PacketReader:
    """Cuts a stream into packets: feed it, then call next() until it gives None."""

    def __init__(self, limit=1024):
        self._limit = limit
        self._held = b""

    def feed(self, data):
        self._held += bytes(data)

    def next(self):
        """(first byte, body) of the next whole packet, or None; raises MqttError."""
        held = self._held
        length = 0
        for i in range(1, min(len(held), 5)):
            length |= (held[i] & 0x7F) << (7 * (i - 1))
            _require(length <= self._limit, "packet of %d bytes" % length)
            if held[i] < 0x80:
                end = i + 1 + length
                if len(held) < end:
                    return None
                self._held = held[end:]
                return held[0], held[i + 1 : end]
        _require(len(held) < 5, "packet length")
        return None


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

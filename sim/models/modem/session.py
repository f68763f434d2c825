"""What the server in the simulator keeps of an MQTT client between its connections."""

import os
import struct

from badge.core.codec import mqtt, veil, wire

_ANSWERED_US = 2_000_000


class Session:
    """`poison` is None, or the first byte, topic and payload of what it cannot take."""

    # Of what is told by it, as of statuses (wire.py).
    way = None

    def __init__(self, client_id, poison):
        self.client_id = client_id
        # The QoS of each topic that is subscribed to.
        self.topics = {}
        self.connection = None
        self._packet_id = 0
        self._unacknowledged = []
        self._poison = poison

    def resume(self, connection):
        """The client is back: what it has not acknowledged goes out again."""
        self.connection = connection
        for packet_id, topic, payload in self._unacknowledged:
            connection.reply(mqtt.publish(topic, payload, packet_id, dup=True))
        self.infect()

    def hang_up(self, connection):
        """This connection of the client is over."""
        if self.connection is connection:
            self.connection = None

    def infect(self):
        """What it cannot take, again and again until it has acknowledged it."""
        if self._poison is not None and self.topics and self.connection is not None:
            first, topic, payload = self._poison
            self.connection.reply(
                mqtt.packet(
                    first, struct.pack(">H", len(topic)) + topic.encode() + b"\xff\xff" + payload
                )
            )

    def publish(self, topic, payload):
        if topic not in self.topics:
            return
        if not self.topics[topic]:
            if self.connection is not None:
                self.connection.reply(mqtt.publish_once(topic, payload))
            return
        self._packet_id = self._packet_id % 0xFFFF + 1
        self._unacknowledged.append((self._packet_id, topic, payload))
        if self.connection is not None:
            self.connection.reply(mqtt.publish(topic, payload, self._packet_id))

    def acknowledged(self, packet_id):
        if packet_id == 0xFFFF:
            self._poison = None
        self._unacknowledged = [one for one in self._unacknowledged if one[0] != packet_id]


class Carrier:
    """What is a session to a badge that is connected, of one that a gateway carries for.

    `answer` is called with each status, veiled, that answers what was carried: what comes of it
    later is told to the badge's own session, so one that has none has to ask.
    """

    client_id = "a gateway"
    way = wire.WAY_BLE

    def __init__(self, world, key, answer):
        self._world = world
        self._until_us = world.now_us + _ANSWERED_US
        self._key = key
        self._answer = answer

    def publish(self, _topic, frame):
        if self._world.now_us > self._until_us:
            return
        nonce = os.urandom(veil.NONCE_SIZE)
        self._answer(veil.veil(self._key, veil.STATUS, nonce, frame))


class Texter:
    """What is a session to a badge that is connected, of one that writes text messages."""

    client_id = "a telephone"
    way = wire.WAY_SMS

    def __init__(self, answer):
        self._answer = answer

    def publish(self, _topic, frame):
        """Every status of what came so is told so."""
        self._answer(frame)

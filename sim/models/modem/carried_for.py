"""What the server in the simulator does with what a badge carries for another (`carried`)."""

import os

from badge.core.codec import carried, veil, wire
from badge.core.codec.cbor import WireError


def colleague(remote, key, message, session):
    """The Colleague of a (topic, frame); WireError for what is none of that topic's badge."""
    topic, frame = message
    one = carried.decode_carried(key, frame)
    if topic != wire.up_topic(one.by):
        raise WireError("topic", "carried by %s on %s" % (one.by, topic))
    remote.observe("carried", by=one.by, call=one.call, rssi_dbm=one.rssi_dbm)
    return Colleague(session, one, key)


class Colleague:
    """What is a session to a badge that is connected, of one that another badge carries for.

    `session` is that badge's; all badges have one key.
    """

    client_id = "a colleague"
    way = wire.WAY_BLE

    def __init__(self, session, one, key):
        self._session = session
        self._one = one
        self._key = key

    def opened(self):
        """(topic, frame) of whom it carries for; WireError, and told, when that is nobody here."""
        try:
            frame = veil.unveil(self._key, veil.FRAME, self._one.frame)
            whose = wire.decode_up(frame, lambda badge: self._key).badge
        except WireError:
            self.publish(None, b"")
            raise
        return wire.up_topic(whose), frame

    def publish(self, _topic, frame):
        """Tell the badge that carries a status of the other; b"": it is nobody's."""
        nonce = os.urandom(veil.NONCE_SIZE)
        status = veil.veil(self._key, veil.STATUS, nonce, frame) if frame else b""
        brought = carried.Brought(self._one.by, self._one.call, status)
        sealed = carried.encode_brought(self._key, brought)
        self._session.publish(wire.down_topic(self._one.by), sealed)

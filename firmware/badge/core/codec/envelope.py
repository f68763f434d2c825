"""The envelope of each frame between badge and receiver: payload and MAC (docs/protocol.cddl)."""

from badge.core.codec import cbor
from badge.core.codec.cbor import WireError
from badge.core.codec.hmac import hmac_sha256, same

MAC_SIZE = 16
# A frame is longer than its payload, of 24 to 255 bytes, by so much.
ENVELOPE = MAC_SIZE + 4


def envelope(frame, limit):
    """Return payload and MAC of a frame of at most `limit` bytes; neither is proven yet."""
    if len(frame) > limit:
        raise WireError("wire.shape", "frame of %d bytes is too long" % len(frame))
    found = cbor.decode(frame)
    if not isinstance(found, list) or len(found) != 2:
        raise WireError("wire.shape", "frame is not [payload, mac]")
    payload, mac = found
    if not (isinstance(payload, bytes) and isinstance(mac, bytes) and len(mac) == MAC_SIZE):
        raise WireError("wire.shape", "frame is not [payload, mac]")
    return payload, mac


def sealed(payload, key, domain):
    """Return the frame that holds this payload under the key."""
    return cbor.encode([payload, _mac(payload, key, domain)])


def verify(payload, mac, key, domain):
    """WireError wire.mac when the MAC is not that of the payload under the key."""
    if not same(_mac(payload, key, domain), mac):
        raise WireError("wire.mac", "MAC does not match the badge's key")


def _mac(payload, key, domain):
    return hmac_sha256(key, domain + payload)[:MAC_SIZE]

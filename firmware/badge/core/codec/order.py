"""Orders to a badge and its answers (docs/protocol.cddl): requests of docs/usb.md by the link."""

from collections import namedtuple

from badge.core.codec import cbor
from badge.core.codec.hmac import hmac_sha256, same
from badge.core.codec.wire import MAC_SIZE, TYPE_ORDER, U32_MAX, WireError, is_badge_name

TYPE_ANSWER = 6
# With its topic it has to fit one packet of the badge (link/mqtt.py).
ORDER_MAX = 960
ANSWER_MAX = 1200
_DOMAINS = {TYPE_ORDER: b"nabij/order/1", TYPE_ANSWER: b"nabij/answer/1"}
_LIMITS = {TYPE_ORDER: ORDER_MAX, TYPE_ANSWER: ANSWER_MAX}
_WORD_MAX = 32

# `fields` are those of the request, as JSON; `data`: the bytes of a piece, empty without one.
Order = namedtuple("Order", ("badge", "boot", "number", "verb", "fields", "data"))
# `code` is "" when it was done, and `body` the answer as JSON; else `body` says why not. `boot` is
# that of the badge now, `last` the highest number of an order that it has taken in it.
Answer = namedtuple("Answer", ("badge", "boot", "number", "code", "body", "last"))
_KINDS = {
    TYPE_ORDER: (Order, (str, int, int, str, bytes, bytes)),
    TYPE_ANSWER: (Answer, (str, int, int, str, bytes, int)),
}


def encode(key, kind, message):
    """Return the frame of an Order or an Answer; WireError when it is none or too long."""
    _check(kind, message)
    fields = {at + 1: message[at] for at in range(len(message))}
    fields[0] = kind
    payload = cbor.encode(fields)
    frame = cbor.encode([payload, _mac(key, kind, payload)])
    if len(frame) > _LIMITS[kind]:
        raise WireError("wire.shape", "a frame of %d bytes is too long" % len(frame))
    return frame


def decode(key, kind, frame):
    """Return the Order or Answer in a frame; WireError: wire.cbor, wire.shape, wire.mac."""
    if len(frame) > _LIMITS[kind]:
        raise WireError("wire.shape", "a frame of %d bytes is too long" % len(frame))
    envelope = cbor.decode(frame)
    if not isinstance(envelope, list) or len(envelope) != 2:
        raise WireError("wire.shape", "frame is not [payload, mac]")
    payload, mac = envelope
    if not isinstance(payload, bytes) or not isinstance(mac, bytes) or len(mac) != MAC_SIZE:
        raise WireError("wire.shape", "frame is not [payload, mac]")
    if not same(_mac(key, kind, payload), mac):
        raise WireError("wire.mac", "MAC does not match the badge's key")
    fields = cbor.decode(payload)
    if not isinstance(fields, dict) or fields.get(0) != kind:
        raise WireError("wire.shape", "no message of this way")
    make, types = _KINDS[kind]
    # Fields beyond these are of later versions.
    message = make(*[fields.get(at + 1) for at in range(len(types))])
    _check(kind, message)
    return message


def _check(kind, message):
    _make, types = _KINDS[kind]
    if [type(value) for value in message] != list(types):
        raise WireError("wire.shape", "a field is missing or of another type")
    numbers = [value for value in message if type(value) is int]
    if min(numbers) < 0 or max(numbers) > U32_MAX or len(message[3]) > _WORD_MAX:
        raise WireError("wire.shape", "a field has a bad value")
    if not is_badge_name(message.badge):
        raise WireError("wire.shape", "no badge name")


def _mac(key, kind, payload):
    return hmac_sha256(key, _DOMAINS[kind] + payload)[:MAC_SIZE]

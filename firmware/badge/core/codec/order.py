"""Orders to a badge and its answers (docs/protocol.cddl): requests of docs/usb.md by the link."""

from collections import namedtuple

from badge.core.codec import cbor
from badge.core.codec.envelope import envelope, sealed, verify
from badge.core.codec.wire import TYPE_ORDER, U32_MAX, WireError, is_badge_name

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
    frame = sealed(cbor.encode(fields), key, _DOMAINS[kind])
    if len(frame) > _LIMITS[kind]:
        raise WireError("wire.shape", "a frame of %d bytes is too long" % len(frame))
    return frame


def decode(key, kind, frame):
    """Return the Order or Answer in a frame; WireError: wire.cbor, wire.shape, wire.mac."""
    payload, mac = envelope(frame, _LIMITS[kind])
    verify(payload, mac, key, _DOMAINS[kind])
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

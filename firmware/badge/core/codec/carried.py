"""What who carries and the receiver tell each other (docs/protocol.cddl): others' veiled bytes.

A gateway carries, and a colleague's badge; each under its own key and topic. Who carried it, how
strong it came and when stands outside what the badge authenticated that it is of.
"""

from collections import namedtuple

from badge.core.codec import beacon, cbor
from badge.core.codec.cbor import WireError
from badge.core.codec.envelope import envelope, sealed, verify
from badge.core.codec.wire import U32_MAX, is_badge_name

TYPE_CARRIED, TYPE_BROUGHT = 7, 8
MOST_BYTES = 400
# What was fetched: the beacon (after its company) and the frame, both veiled. `call`: a number of
# the carrier's own, by which the answer finds the badge again. `rssi_dbm`: how strong the beacon
# came. `utc_s`: the carrier's clock then, None when it does not know the time.
Carried = namedtuple("Carried", ("by", "call", "beacon", "frame", "rssi_dbm", "utc_s"))
# The receiver's answer: a status, veiled; empty: what was carried is nobody's.
Brought = namedtuple("Brought", ("by", "call", "status"))
_UP = b"nabij/carried/1"
_DOWN = b"nabij/brought/1"
_UTC_S = 6


def encode_carried(key, carried):
    """Return the frame of it, under the carrier's key; WireError for what cannot be said."""
    _check(carried)
    fields = {0: TYPE_CARRIED}
    for i, value in enumerate(carried):
        if value is not None:
            fields[i + 1] = value
    return sealed(cbor.encode(fields), key, _UP)


def decode_carried(key, frame):
    """Return the Carried in a frame; WireError wire.cbor, wire.shape or wire.mac."""
    fields = _fields(key, frame, _UP, TYPE_CARRIED)
    fields.setdefault(_UTC_S, None)
    carried = Carried(*[_known(fields, at) for at in range(1, 7)])
    _check(carried)
    return carried


def encode_brought(key, brought):
    """Return the frame of it, under the carrier's key; WireError for what cannot be said."""
    _check_brought(brought)
    fields = {0: TYPE_BROUGHT, 1: brought.by, 2: brought.call, 3: brought.status}
    return sealed(cbor.encode(fields), key, _DOWN)


def decode_brought(key, frame):
    """Return the Brought in a frame; WireError wire.cbor, wire.shape or wire.mac."""
    fields = _fields(key, frame, _DOWN, TYPE_BROUGHT)
    brought = Brought(*[_known(fields, at) for at in range(1, 4)])
    _check_brought(brought)
    return brought


def _fields(key, frame, domain, kind):
    payload, mac = envelope(frame, MOST_BYTES)
    verify(payload, mac, key, domain)
    fields = cbor.decode(payload)
    if not isinstance(fields, dict) or fields.get(0) != kind:
        raise WireError("wire.shape", "no message of who carries")
    return fields


def _known(fields, at):
    if at not in fields:
        raise WireError("wire.shape", "field %d is missing" % at)
    return fields[at]


def _check(one):
    _check_head(one.by, one.call)
    if not (type(one.beacon) is bytes and len(one.beacon) <= beacon.SIZE):
        raise WireError("wire.shape", "a beacon has at most 18 bytes")
    if not (type(one.frame) is bytes and 0 < len(one.frame) <= beacon.VALUE_MAX):
        raise WireError("wire.shape", "what was fetched has a bad length")
    if not (type(one.rssi_dbm) is int and -127 <= one.rssi_dbm <= 20):
        raise WireError("wire.shape", "no strength of a signal")
    if one.utc_s is not None and not (type(one.utc_s) is int and 0 < one.utc_s <= U32_MAX):
        raise WireError("wire.shape", "no time")


def _check_brought(one):
    _check_head(one.by, one.call)
    if not (type(one.status) is bytes and len(one.status) <= beacon.VALUE_MAX):
        raise WireError("wire.shape", "a status has a bad length")


def _check_head(name, call):
    if not is_badge_name(name):
        raise WireError("wire.shape", "no name of who carries")
    if not (type(call) is int and 0 <= call <= U32_MAX):
        raise WireError("wire.shape", "no number of a call")

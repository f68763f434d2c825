"""The beacon of a badge that calls for whoever is near, and the GATT service that it offers.

Twenty bytes of one manufacturer-specific field: company, version and state, and veiled (veil.py)
the low bytes of the alarm's key, its revision and its kind. No name, and nothing that stays the
same from one beacon to the next.
"""

from collections import namedtuple

from badge.core.codec import veil
from badge.core.codec.cbor import WireError

# Of the Bluetooth SIG for what is not assigned to anybody: the version below tells ours apart.
COMPANY = 0xFFFF
SIZE = 18
_VERSION = 0x1B
_FIELDS = 5
# Flags (general discoverable, no classic Bluetooth), then the field with its company.
_HEAD = b"\x02\x01\x06" + bytes((SIZE + 3, 0xFF, COMPANY & 0xFF, COMPANY >> 8))

SERVICE = "6e610000-b5a3-4f6a-9d0c-6e6162696a01"
# Read: what is to be carried to the receiver, veiled; nothing when there is nothing any more.
FRAME = "6e610001-b5a3-4f6a-9d0c-6e6162696a01"
# Written: what the receiver answered, veiled.
STATUS = "6e610002-b5a3-4f6a-9d0c-6e6162696a01"
# A frame of the longest, veiled.
VALUE_MAX = 180 + veil.OVERHEAD

# The low 16 bits of the boot number, the low 8 of seq and rev, and the kind; all 0: a hello.
Call = namedtuple("Call", ("boot", "seq", "rev", "kind"))
HELLO = Call(0, 0, 0, 0)


def call_of(boot, seq, rev, kind):
    """The Call of an alarm."""
    return Call(boot & 0xFFFF, seq & 0xFF, rev & 0xFF, kind & 0xFF)


def encode(key, nonce, call):
    """Return the 18 bytes after the company."""
    plain = bytes((call.boot >> 8, call.boot & 0xFF, call.seq, call.rev, call.kind))
    return bytes((_VERSION,)) + veil.veil(key, veil.BEACON, nonce, plain)


def advertisement(key, nonce, call):
    """Return the whole payload of the advertisement, 25 of 31 bytes."""
    return _HEAD + encode(key, nonce, call)


def is_ours(data):
    """Whether these bytes after the company look like a beacon; who made it is not proven."""
    return len(data) == SIZE and data[0] == _VERSION


def decode(key, data):
    """Return the Call; WireError wire.shape or wire.mac."""
    if not is_ours(data):
        raise WireError("wire.shape", "no beacon of this version")
    plain = veil.unveil(key, veil.BEACON, bytes(data[1:]))
    return Call((plain[0] << 8) | plain[1], plain[2], plain[3], plain[4])

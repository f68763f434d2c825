"""Room tags by what they advertise: iBeacon, Eddystone-UID, and a form of our own.

Anybody can copy a tag, and a phone can be an iBeacon: a tag is a hint of where a badge is.
"""

import hashlib

from badge.core.codec import advertised
from badge.core.codec.beacon import COMPANY
from badge.core.portable import const

IBEACON, EDDYSTONE, OWN = 1, 2, 3
ID_SIZE = const(8)
# What a tag of a house has in common with its others: of an iBeacon its UUID, of Eddystone the
# namespace. Those of our own have none.
_HOUSE = {IBEACON: 16, EDDYSTONE: 10}
MOST_HOUSES = const(4)
_DIGITS = "0123456789abcdefABCDEF"
# Company of Apple, type and length of an iBeacon; UUID, major, minor and a power follow.
_IBEACON = b"\x4c\x00\x02\x15"
_IBEACON_SIZE = const(25)
# Eddystone's service, the frame of a UID; a power, namespace and instance follow. Two bytes that
# are kept for later may be missing.
_EDDYSTONE = b"\xaa\xfe\x00"
_EDDYSTONE_SIZES = (20, 22)
# The company of our beacon under another version; eight bytes of the tag's own follow.
_OWN = bytes((COMPANY & 0xFF, COMPANY >> 8, 0x1C))
_OWN_SIZE = const(11)


def decode(data):
    """Return (form, identity) of the tag that advertises this, or None; never raises."""
    for kind, value in advertised.fields(data):
        if kind == advertised.MANUFACTURER:
            if len(value) == _IBEACON_SIZE and value[:4] == _IBEACON:
                return IBEACON, value[4:24]
            if len(value) == _OWN_SIZE and value[:3] == _OWN:
                return OWN, value[3:]
        elif kind == advertised.SERVICE_DATA and _is_eddystone(value):
            return EDDYSTONE, value[4:20]
    return None


def _is_eddystone(value):
    return len(value) in _EDDYSTONE_SIZES and value[:3] == _EDDYSTONE


def id_of(form, identity):
    """Return the eight bytes by which the wire and the receiver's register know a tag."""
    return hashlib.sha256(bytes((form,)) + identity).digest()[:ID_SIZE]


def parse_houses(text):
    """Return what tags may begin with, as bytes, of the setting `tag_houses`; ValueError says why.

    Words of hexadecimal: 32 digits are the UUID of iBeacons, 20 the namespace of Eddystone.
    """
    found = []
    for word in text.split():
        digits = word.replace("-", "")
        if len(digits) not in (32, 20) or not all(
            one in "0123456789abcdefABCDEF" for one in digits
        ):
            raise ValueError("%r is no tag; write 32 or 20 hexadecimal digits." % word)
        found.append(bytes([int(digits[i : i + 2], 16) for i in range(0, len(digits), 2)]))
    if len(found) > MOST_HOUSES:
        raise ValueError("%d are given; write at most %d." % (len(found), MOST_HOUSES))
    return found


def is_of_house(form, identity, houses):
    """Whether a tag is one of a house: a phone that is an iBeacon must not be a room."""
    return form == OWN or identity[: _HOUSE[form]] in houses

"""Frames of the wire, valid and broken, as hex and error codes."""

from binascii import hexlify

from common import Draw, begin, end

from badge.core.codec import cbor, wire
from badge.core.codec.cbor import WireError
from badge.core.codec.hmac import hmac_sha256

# Around every length of a CBOR integer, and around the small integers of a 32-bit VM.
NUMBERS = (0, 1, 23, 24, 255, 256, 65535, 65536, 0x3FFFFFFF, 0x40000000, 0x7FFFFFFF, 0xFFFFFFFF)
KEY = bytes(range(32))
BADGE = "badge-0001"


def outcome(call, *arguments, **optional):
    try:
        result = call(*arguments, **optional)
    except WireError as error:
        return error.code
    return hexlify(result).decode() if isinstance(result, bytes) else tuple(result)


begin()
for number in NUMBERS:
    print("cbor", number, outcome(cbor.encode, [number, -1 - number]))
    print("cbor", cbor.decode(cbor.encode({1: number, 2: -1 - number}))[2])
for size in (0, 1, 55, 56, 63, 64, 65, 119, 200):
    print("hmac", size, outcome(hmac_sha256, KEY[: size % 33], bytes(size)))
draw = Draw(7)
for number in NUMBERS:
    print("alarm", outcome(wire.encode_alarm, KEY, BADGE, number, 1, 1, 0))
    print(
        "alarm",
        outcome(wire.encode_alarm, KEY, BADGE, 1, number, 2, number, utc_s=number, peak_mg=4095),
    )
    status = outcome(wire.encode_status, KEY, BADGE, 1, number, 1 + draw.below(4), number)
    print("status", status)
alarm = wire.encode_alarm(
    KEY,
    BADGE,
    0x7FFFFFFF,
    77,
    2,
    1500,
    attempt=3,
    utc_s=1790000000,
    peak_mg=4095,
    tilt_deg=91,
    flags=1,
)
due = wire.encode_alarm(KEY, BADGE, 1, 2, 7, 0, due_s=wire.DUE_MAX_S, rev=0x40000000)
print("due", len(due), outcome(wire.decode_alarm, due, lambda badge: KEY))
print("alarm", len(alarm), outcome(wire.decode_alarm, alarm, lambda badge: KEY))
status = wire.encode_status(KEY, BADGE, 0x7FFFFFFF, 77, wire.STATUS_TAKEN, 0xFFFFFFFF)
print("status", len(status), outcome(wire.decode_status, status, KEY, BADGE))
for cut in range(0, len(status), 4):
    print("cut", cut, outcome(wire.decode_status, status[:cut], KEY, BADGE))
for _ in range(24):
    broken = bytearray(status)
    broken[draw.below(len(broken))] ^= 1 << draw.below(8)
    print("flip", outcome(wire.decode_status, bytes(broken), KEY, BADGE))
print("range", outcome(wire.encode_alarm, KEY, BADGE, 1 << 32, 1, 1, 0))
print("other", outcome(wire.decode_status, status, KEY, "badge-0002"))
end()

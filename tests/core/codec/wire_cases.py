"""Messages of the wire for its tests: drawn ones, the largest, the schemas of protocol.cddl."""

import re

import cbor2
import pycddl
import pytest
from hypothesis import strategies as st

from badge.core.alarm import kinds
from badge.core.codec import place, wire
from badge.core.codec.hmac import hmac_sha256
from badge.core.codec.wire import WireError
from tests.places import DOCS

KEY = bytes(range(32))
U32 = 2**32 - 1
CDDL, WAYS = (DOCS / "protocol.cddl").read_text(), r"\nby-\w+ = (\d+)"
# pycddl 0.6 knows no range with negative numbers: those are tested below.
CDDL = re.sub(r"-\d+\.\.\d+", "int", CDDL)
FRAME = pycddl.Schema(CDDL)
# The choice `message` is validated too loosely by pycddl 0.6, its two halves exactly.
ALARM = pycddl.Schema("start = alarm\n" + CDDL)
STATUS = pycddl.Schema("start = status\n" + CDDL)
HELLO = pycddl.Schema("start = hello\n" + CDDL)

BADGES = st.text("abcXYZ019-_", min_size=1, max_size=32)
COUNTS = st.integers(1, U32)
POSITIONS = st.builds(
    place.Position,
    st.integers(-900_000_000, 900_000_000),
    st.integers(-1_800_000_000, 1_800_000_000),
    st.integers(0, 65535),
    st.integers(0, 65535),
    st.integers(1, 3),
)
CELLS = st.builds(
    place.Cell,
    st.integers(0, 999),
    st.integers(0, 999),
    st.integers(0, 65535),
    st.integers(0, 2**28 - 1),
    st.integers(-160, 0),
)
TAGS = st.builds(place.Tag, st.binary(min_size=8, max_size=8), st.integers(-127, 20))
WHERE = {
    "position": st.one_of(st.none(), POSITIONS),
    "cell": st.one_of(st.none(), CELLS),
    "tag": st.one_of(st.none(), TAGS),
    "speed_cm_s": st.one_of(st.none(), st.integers(0, 65535)),
    "zone": st.one_of(st.none(), st.integers(1, 65535)),
}
ALARM_FIELDS = {
    "badge": BADGES,
    "boot": COUNTS,
    "seq": COUNTS,
    "kind": st.integers(1, 255),
    "age_ms": st.integers(0, U32),
    "attempt": COUNTS,
    "utc_s": st.one_of(st.none(), COUNTS),
    "peak_mg": st.one_of(st.none(), st.integers(0, 65534)),
    "tilt_deg": st.one_of(st.none(), st.integers(0, 180)),
    "flags": st.integers(0, 255),
    "due_s": st.one_of(st.none(), st.integers(0, wire.DUE_MAX_S)),
    "rev": st.one_of(st.none(), COUNTS),
    "battery_percent": st.one_of(st.none(), st.integers(0, 100)),
    "watch_s": st.one_of(st.none(), st.integers(0, wire.WATCH_MAX_S)),
    "reason": st.one_of(st.none(), st.integers(1, 255)),
    **WHERE,
}
ALARMS = st.fixed_dictionaries(ALARM_FIELDS)
STATUSES = st.fixed_dictionaries(
    {
        "badge": BADGES,
        "boot": COUNTS,
        "seq": COUNTS,
        "state": st.integers(1, 4),
        "utc_s": COUNTS,
        "rev": st.one_of(st.none(), COUNTS),
        "number": st.one_of(st.none(), COUNTS),
        "offset_quarters": st.one_of(st.none(), st.integers(0, 104)),
        "permit": st.one_of(st.none(), st.integers(1, 255)),
        "way": st.one_of(st.none(), st.integers(0, 255)),
    }
)
STANDINGS = st.builds(
    wire.Standing, COUNTS, COUNTS, COUNTS, state=st.integers(0, 4), number=st.integers(0, U32)
)
HELLOS = st.builds(
    wire.Hello,
    badge=BADGES,
    boot=COUNTS,
    count=COUNTS,
    version=st.text("0123456789.-ab", min_size=1, max_size=11),
    keepalive_s=st.integers(0, 65535),
    battery_percent=st.one_of(st.none(), st.integers(0, 100)),
    open=st.lists(STANDINGS, max_size=4).map(tuple),
    position=st.none(),
    cell=st.none(),
    zone=st.none(),
)
LARGEST = {
    "badge": "W" * 32,
    "boot": U32,
    "seq": U32,
    "kind": 255,
    "age_ms": U32,
    "attempt": U32,
    "utc_s": U32,
    "peak_mg": 65534,
    "tilt_deg": 180,
    "flags": 255,
    "due_s": wire.DUE_MAX_S,
    "rev": U32,
    "battery_percent": 100,
    "watch_s": wire.WATCH_MAX_S,
    "reason": 255,
}
LARGEST_WHERE = {
    "position": place.Position(-900_000_000, -1_800_000_000, 65535, 65535, 3),
    "cell": place.Cell(999, 999, 65535, 2**28 - 1, -160),
    "tag": place.Tag(b"\xff" * 8, -127),
    "speed_cm_s": 65535,
    "zone": 65535,
}
ONE = {"badge": "b1", "boot": 3, "seq": 4, "kind": kinds.SOS, "age_ms": 5}


def conforms(schema, data):
    try:
        schema.validate_cbor(data)
    except pycddl.ValidationError:
        return False
    return True


def sealed(message, domain, key=KEY):
    """Frame a message with cbor2, as an independent host would."""
    payload = cbor2.dumps(message)
    return cbor2.dumps([payload, hmac_sha256(key, domain + payload)[:16]])


def status_frame(message, key=KEY):
    return sealed(message, b"nabij/down/1", key)


def code_of(call, *args):
    with pytest.raises(WireError) as caught:
        call(*args)
    return caught.value.code

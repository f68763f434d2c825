"""Where a badge is, on the wire: as protocol.cddl has it, and never at the cost of an alarm."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import place, wire
from tests.core.codec.wire_cases import (
    ALARM,
    ALARMS,
    CELLS,
    HELLO,
    HELLOS,
    KEY,
    LARGEST,
    LARGEST_WHERE,
    ONE,
    POSITIONS,
    TAGS,
    U32,
    code_of,
    conforms,
    sealed,
)


def test_the_largest_alarm_fits_one_ble_notification():
    frame = wire.encode_alarm(KEY, **LARGEST, **LARGEST_WHERE)
    assert len(frame) <= 180
    alarm = wire.decode_alarm(frame, lambda _: KEY)._asdict()
    assert alarm == LARGEST | LARGEST_WHERE | {"speed_cm_s": None, "zone": None}


LEFT_OUT = (
    ["speed_cm_s"],
    ["zone"],
    ["tilt_deg"],
    ["peak_mg"],
    ["cell"],
    ["battery_percent"],
    ["tag"],
    ["position"],
    ["reason"],
    ["utc_s"],
)


@given(ALARMS, st.integers(98, 180))
def test_a_frame_leaves_out_no_more_than_it_has_to_and_in_one_order(fields, limit):
    fields["badge"] = fields["badge"][:24]
    frame = wire.encode_alarm(KEY, **fields, limit=limit)
    assert len(frame) <= limit
    alarm = wire.decode_alarm(frame, lambda _: KEY)._asdict()
    missing = {name for name in fields if alarm[name] != fields[name]}
    assert all(alarm[name] is None for name in missing)
    left = [group for group in LEFT_OUT if any(fields[name] is not None for name in group)]
    gone = [name for group in left for name in group][: len(missing)]
    assert missing == set(gone)
    if gone:
        back = alarm | {gone[-1]: fields[gone[-1]]}
        assert len(wire.encode_alarm(KEY, **back)) > limit


def test_a_frame_for_sms_that_cannot_be_short_enough_is_refused():
    assert len(wire.encode_alarm(KEY, **ONE, **LARGEST_WHERE, limit=98)) <= 98
    assert code_of(lambda: wire.encode_alarm(KEY, **LARGEST, limit=98)) == "wire.shape"


SCALARS = st.one_of(st.integers(-9, 9), st.booleans(), st.none(), st.binary(max_size=8))
ANYTHING = st.one_of(SCALARS, st.integers(-(2**32), U32), st.lists(SCALARS, max_size=6))


@given(st.dictionaries(st.integers(16, 30), st.one_of(ANYTHING, TAGS, CELLS), max_size=4))
def test_a_hint_that_is_not_as_it_should_be_costs_no_alarm(hints):
    message = {0: 1, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 6, 7: 1, 8: 9}
    alarm = wire.decode_alarm(sealed(message | hints, b"nabij/up/1"), lambda _: KEY)
    assert (alarm.badge, alarm.boot, alarm.seq, alarm.peak_mg) == ("b1", 3, 4, 9)
    for name, field in (("cell", 21), ("tag", 22), ("speed_cm_s", 23), ("zone", 24)):
        told = getattr(alarm, name)
        if told is not None:
            assert told == (tuple(hints[field]) if field in (21, 22) else hints[field])
            assert conforms(ALARM, cbor2.dumps(message | {field: hints[field]}))


@pytest.mark.parametrize(
    ("name", "worst"),
    [
        ("position", place.Position(900_000_001, 0, 5, 5, 1)),
        ("position", place.Position(-900_000_001, 0, 5, 5, 1)),
        ("position", place.Position(0, 1_800_000_001, 5, 5, 1)),
        ("position", place.Position(0, -1_800_000_001, 5, 5, 1)),
        ("position", place.Position(0, 0, 65536, 5, 1)),
        ("position", place.Position(0, 0, 5, 65536, 1)),
        ("position", place.Position(0, 0, 5, -1, 1)),
        ("position", place.Position(0, 0, 5, 5, 0)),
        ("position", place.Position(0, 0, 5, 5, 4)),
        ("position", place.Position(True, 0, 5, 5, 1)),
        ("cell", place.Cell(1000, 0, 0, 0, -90)),
        ("cell", place.Cell(204, 4, 65536, 0, -90)),
        ("cell", place.Cell(204, 4, 0, 2**28, -90)),
        ("cell", place.Cell(204, 4, 0, 1, -161)),
        ("cell", place.Cell(204, 4, 0, 1, 1)),
        ("tag", place.Tag(b"1234567", -60)),
        ("tag", place.Tag("12345678", -60)),
        ("tag", place.Tag(b"12345678", -128)),
        ("tag", place.Tag(b"12345678", 21)),
        ("speed_cm_s", -1),
        ("speed_cm_s", 65536),
        ("zone", 0),
        ("zone", 65536),
    ],
    ids=str,
)
def test_a_hint_out_of_its_range_is_neither_written_nor_read(name, worst):
    assert wire.encode_alarm(KEY, **ONE, **{name: worst}) == wire.encode_alarm(KEY, **ONE)
    fields = {"cell": 21, "tag": 22, "speed_cm_s": 23, "zone": 24}
    message = {0: 1, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 5, 7: 1}
    if name == "position":
        message |= dict(zip(range(16, 21), worst, strict=True))
    else:
        message[fields[name]] = list(worst) if isinstance(worst, tuple) else worst
    alarm = wire.decode_alarm(sealed(message, b"nabij/up/1"), lambda _: KEY)
    assert getattr(alarm, name) is None


def test_half_a_position_is_none():
    message = {0: 1, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 5, 7: 1, 16: 520_000_000, 17: 50_000_000}
    assert wire.decode_alarm(sealed(message, b"nabij/up/1"), lambda _: KEY).position is None


@given(
    st.dictionaries(
        st.integers(25, U32), st.one_of(st.integers(-9, 9), st.text(max_size=3)), max_size=3
    )
)
def test_fields_of_an_alarm_of_a_later_version_are_ignored(later):
    message = {0: 1, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 5, 7: 1, **later}
    alarm = wire.decode_alarm(sealed(message, b"nabij/up/1"), lambda _: KEY)
    plain = wire.decode_alarm(wire.encode_alarm(KEY, **ONE), lambda _: KEY)
    assert alarm == plain


@given(HELLOS, POSITIONS, CELLS, st.integers(1, 65535))
def test_a_hello_that_tells_where_it_is_follows_the_cddl_and_fits(hello, position, cell, zone):
    told = hello._replace(position=position, cell=cell, zone=zone)
    frame = wire.encode_hello(KEY, told)
    assert len(frame) <= wire.MAX_FRAME
    assert conforms(HELLO, cbor2.loads(frame)[0])
    heard = wire.decode_up(frame, lambda _: KEY)
    if heard != told:
        # Without the zone, then the cell, then the position too.
        ways = (
            told._replace(zone=None),
            told._replace(cell=None, zone=None),
            hello,
        )
        assert heard in ways
        less = told if heard == ways[0] else ways[ways.index(heard) - 1]
        with_less = cbor2.loads(cbor2.loads(wire.encode_hello(KEY, hello))[0])
        with_less |= {12: list(position)}
        with_less |= {} if less.cell is None else {13: list(cell)}
        with_less |= {} if less.zone is None else {14: zone}
        assert len(sealed(with_less, b"nabij/up/1")) > wire.MAX_FRAME


@pytest.mark.parametrize(
    "worst",
    [
        {"zone": 0},
        {"zone": 65536},
        {"cell": place.Cell(1000, 0, 0, 0, -90)},
        {"position": place.Position(900_000_001, 0, 5, 5, 1)},
    ],
    ids=str,
)
def test_a_hello_is_without_a_hint_that_is_out_of_its_range(worst):
    hello = wire.Hello("b1", 1, 1, "0.1.0", 90, 100, (), *wire.NOWHERE)
    frame = wire.encode_hello(KEY, hello._replace(**worst))
    assert frame == wire.encode_hello(KEY, hello)

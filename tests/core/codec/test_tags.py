"""Room tags: what each form advertises comes out, and nothing else does."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import beacon, tags

UUID = bytes(range(16))
FLAGS = b"\x02\x01\x06"


def field(kind, value):
    return bytes((len(value) + 1, kind)) + value


def ibeacon(identity, power=0xC5):
    return FLAGS + field(0xFF, b"\x4c\x00\x02\x15" + identity + bytes((power,)))


def eddystone(identity, *, spare=b"\0\0"):
    head = b"\xaa\xfe\x00\xee"
    return FLAGS + field(0x03, b"\xaa\xfe") + field(0x16, head + identity + spare)


def own(identity):
    return FLAGS + field(0xFF, b"\xff\xff\x1c" + identity)


@given(st.binary(min_size=20, max_size=20), st.integers(0, 255))
def test_an_ibeacon_is_its_uuid_major_and_minor_whatever_its_power(identity, power):
    data = ibeacon(identity, power)
    assert len(data) <= 31
    assert tags.decode(data) == (tags.IBEACON, identity)


@given(st.binary(min_size=16, max_size=16), st.sampled_from([b"", b"\0\0"]))
def test_an_eddystone_uid_is_its_namespace_and_instance(identity, spare):
    data = eddystone(identity, spare=spare)
    assert len(data) <= 31
    assert tags.decode(data) == (tags.EDDYSTONE, identity)


@given(st.binary(min_size=8, max_size=8))
def test_our_own_form_has_eight_bytes(identity):
    assert tags.decode(own(identity)) == (tags.OWN, identity)


@given(st.binary(max_size=64))
def test_of_any_bytes_comes_a_tag_that_stands_in_them_or_nothing(data):
    found = tags.decode(data)
    if found is not None:
        form, identity = found
        assert form in (tags.IBEACON, tags.EDDYSTONE, tags.OWN)
        assert identity in data
        assert len(tags.id_of(form, identity)) == tags.ID_SIZE


@given(
    st.sampled_from([ibeacon(bytes(20)), eddystone(bytes(16)), own(bytes(8))]),
    st.data(),
)
def test_what_is_cut_short_is_no_tag(data, draw):
    whole = tags.decode(data)
    assert whole is not None
    assert tags.decode(data[: draw.draw(st.integers(0, len(data) - 1))]) is None
    # Bytes that follow, or a field that is none, take nothing away.
    assert tags.decode(data + bytes(3)) == whole
    assert tags.decode(memoryview(data)) == whole


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x1a",
        # A beacon of a badge, and its form with another version.
        FLAGS + field(0xFF, b"\xff\xff\x1b" + bytes(17)),
        FLAGS + field(0xFF, b"\xff\xff\x1d" + bytes(8)),
        # Another company, another kind of Apple's, an Eddystone URL, a field of the wrong length.
        FLAGS + field(0xFF, b"\x4d\x00\x02\x15" + bytes(21)),
        FLAGS + field(0xFF, b"\x4c\x00\x10\x05" + bytes(21)),
        FLAGS + field(0x16, b"\xaa\xfe\x10" + bytes(17)),
        FLAGS + field(0xFF, b"\x4c\x00\x02\x15" + bytes(20)),
        # Lengths that lead nowhere.
        b"\x00" * 31,
        b"\xff" * 31,
    ],
)
def test_what_is_no_tag_is_none(data):
    assert tags.decode(data) is None


def test_a_badge_that_calls_is_no_tag():
    call = beacon.call_of(1, 1, 1, 1)
    assert tags.decode(beacon.advertisement(bytes(32), b"1234", call)) is None


def test_the_wire_knows_a_tag_by_eight_bytes_of_form_and_identity():
    assert tags.id_of(tags.IBEACON, UUID) == hashlib.sha256(b"\x01" + UUID).digest()[:8]
    assert tags.id_of(tags.IBEACON, UUID) != tags.id_of(tags.EDDYSTONE, UUID)


def test_only_tags_of_the_house_are_rooms():
    """A phone, or the shop next door, is an iBeacon too; our own form nobody else has."""
    houses = tags.parse_houses("00010203-0405-0607-0809-0a0b0c0d0e0f 0A0B0C0D0E0F10111213")
    assert tags.is_of_house(tags.IBEACON, UUID + b"\x01\x00\x02\x00", houses)
    assert not tags.is_of_house(tags.IBEACON, bytes(16) + b"\x01\x00\x02\x00", houses)
    assert tags.is_of_house(tags.EDDYSTONE, bytes(range(10, 20)) + bytes(6), houses)
    assert not tags.is_of_house(tags.EDDYSTONE, bytes(16), houses)
    assert tags.is_of_house(tags.OWN, bytes(8), houses)
    assert not tags.is_of_house(tags.IBEACON, UUID + bytes(4), [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("00", "no tag"),
        ("g" * 32, "no tag"),
        ("0x" + "0" * 30, "no tag"),
        ("٣" * 32, "no tag"),
        (" ".join(["0" * 32] * 5), "at most 4"),
    ],
)
def test_a_house_that_cannot_be_is_refused(text, why):
    with pytest.raises(ValueError, match=why):
        tags.parse_houses(text)


def test_no_house_is_none():
    assert tags.parse_houses("") == []

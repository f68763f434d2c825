"""Fields of an advertisement: all of them, up to what is cut short, whatever the bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import advertised, beacon

KEY = bytes(range(32))
FIELDS = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=30)), max_size=4)


def payload_of(fields):
    return b"".join(bytes((len(value) + 1, kind)) + value for kind, value in fields)


@given(FIELDS, st.binary(max_size=3))
def test_each_field_comes_out_and_padding_is_none(fields, spare):
    padded = payload_of(fields) + b"\0" + spare
    assert advertised.fields(padded) == fields
    assert advertised.fields(memoryview(padded)) == fields


@given(FIELDS, st.data())
def test_what_is_cut_short_ends_with_the_last_whole_field(fields, draw):
    payload = payload_of(fields)
    found = advertised.fields(payload[: draw.draw(st.integers(0, len(payload)))])
    assert found == fields[: len(found)]


@given(st.binary(max_size=64))
def test_whatever_the_bytes_nothing_is_raised(payload):
    for _kind, value in advertised.fields(payload):
        assert value in payload


def test_the_company_of_a_field():
    assert advertised.company(b"\x4c\x00\x02") == 0x004C
    assert advertised.company(b"\x4c") == -1
    assert advertised.company(b"") == -1


def test_a_beacon_is_found_among_what_is_advertised():
    payload = beacon.advertisement(KEY, b"1234", beacon.call_of(1, 2, 3, 4))
    assert advertised.beacon_in(payload) == payload[-beacon.SIZE :]
    # Wherever it stands, and not when it was cut short.
    assert advertised.beacon_in(payload[3:]) == payload[-beacon.SIZE :]
    assert advertised.beacon_in(payload[3:] + payload[:3]) == payload[-beacon.SIZE :]
    for size in range(len(payload)):
        assert advertised.beacon_in(payload[:size]) is None


@given(st.binary(max_size=64))
def test_whatever_is_advertised_is_a_beacon_by_its_form_or_none(payload):
    found = advertised.beacon_in(payload)
    assert found is None or (beacon.is_ours(found) and found in payload)


@pytest.mark.parametrize("data", [b"\x02\x15" + bytes(16), bytes(18), b"\x1b" + bytes(18)])
def test_another_form_of_the_same_company_is_no_beacon(data):
    assert advertised.beacon_in(bytes((len(data) + 3, 0xFF, 0xFF, 0xFF)) + data) is None

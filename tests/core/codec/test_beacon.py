"""The beacon: twenty bytes, authenticated, that tell nobody else whose it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import beacon, veil, wire
from badge.core.codec.cbor import WireError

KEY = bytes(range(32))
NONCE = b"\x01\x02\x03\x04"
U32 = st.integers(0, 0xFFFFFFFF)
CALL = beacon.call_of(7, 3, 2, 1)


def fields_of(payload):
    """(type, data) of an advertisement."""
    found = []
    while payload:
        size = payload[0]
        assert 1 <= size < len(payload)
        found.append((payload[1], payload[2 : 1 + size]))
        payload = payload[1 + size :]
    return found


@given(U32, U32, U32, st.integers(0, 255), st.binary(min_size=4, max_size=4))
def test_what_is_called_for_comes_out_under_the_key_alone(boot, seq, rev, kind, nonce):
    call = beacon.call_of(boot, seq, rev, kind)
    data = beacon.encode(KEY, nonce, call)
    assert beacon.is_ours(data)
    assert beacon.decode(KEY, data) == call == (boot & 0xFFFF, seq & 0xFF, rev & 0xFF, kind)
    with pytest.raises(WireError) as caught:
        beacon.decode(bytes(32), data)
    assert caught.value.code == "wire.mac"


def test_the_advertisement_has_its_flags_twenty_bytes_and_nothing_more():
    payload = beacon.advertisement(KEY, NONCE, CALL)
    assert len(payload) <= 31
    flags, field = fields_of(payload)
    assert flags == (0x01, b"\x06")
    assert field[0] == 0xFF
    assert len(field[1]) == 20
    assert int.from_bytes(field[1][:2], "little") == beacon.COMPANY
    assert beacon.decode(KEY, field[1][2:]) == CALL


def test_two_beacons_of_one_call_have_nothing_in_common_but_what_all_have():
    first = beacon.encode(KEY, NONCE, CALL)
    second = beacon.encode(KEY, b"\x09\x09\x09\x09", CALL)
    assert first[0] == second[0]
    assert sum(a == b for a, b in zip(first[1:], second[1:], strict=True)) < 4


@given(st.binary(max_size=40))
def test_rubbish_is_refused_and_nothing_else(data):
    with pytest.raises(WireError) as caught:
        beacon.decode(KEY, data)
    assert caught.value.code in {"wire.shape", "wire.mac"}


@given(st.integers(8, 8 * beacon.SIZE - 1))
def test_no_bit_of_it_can_be_turned(bit):
    data = bytearray(beacon.encode(KEY, NONCE, CALL))
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WireError):
        beacon.decode(KEY, bytes(data))


def test_the_names_of_the_service_are_what_hosts_compare():
    for name in (beacon.SERVICE, beacon.FRAME, beacon.STATUS):
        assert len(name) == 36
        assert name == name.lower()
    assert beacon.VALUE_MAX <= 512


def test_the_longest_frame_fits_its_place_veiled():
    assert len(veil.veil(KEY, veil.FRAME, NONCE, bytes(wire.MAX_FRAME))) == beacon.VALUE_MAX


def test_a_hello_is_told_from_every_call_by_its_zeros():
    data = beacon.encode(KEY, NONCE, beacon.HELLO)
    assert beacon.decode(KEY, data) == beacon.HELLO == beacon.call_of(0, 0, 0, 0)

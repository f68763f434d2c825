"""Veiled bytes: only the key opens them, for what they were made, unchanged."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import veil
from badge.core.codec.cbor import WireError

KEY = bytes(range(32))
NONCE = b"\x01\x02\x03\x04"
USES = (veil.BEACON, veil.FRAME, veil.STATUS)


def refused(key, what, veiled):
    with pytest.raises(WireError) as caught:
        veil.unveil(key, what, veiled)
    return caught.value.code == "wire.mac"


@given(st.binary(max_size=200), st.binary(min_size=4, max_size=4), st.sampled_from(USES))
def test_what_is_veiled_comes_out_under_its_key_and_use_alone(plain, nonce, what):
    veiled = veil.veil(KEY, what, nonce, plain)
    assert len(veiled) == len(plain) + veil.OVERHEAD
    assert veil.unveil(KEY, what, veiled) == plain
    assert refused(bytes(32), what, veiled)
    for other in USES:
        assert other == what or refused(KEY, other, veiled)


@given(st.binary(max_size=60), st.data())
def test_no_bit_of_it_can_be_turned_and_no_byte_taken_or_added(plain, data):
    veiled = veil.veil(KEY, veil.FRAME, NONCE, plain)
    bit = data.draw(st.integers(0, 8 * len(veiled) - 1))
    bent = bytearray(veiled)
    bent[bit // 8] ^= 1 << bit % 8
    assert refused(KEY, veil.FRAME, bytes(bent))
    assert refused(KEY, veil.FRAME, veiled[:-1])
    assert refused(KEY, veil.FRAME, veiled + b"\0")


@given(st.binary(max_size=300))
def test_whatever_came_is_refused_and_nothing_else(rubbish):
    assert refused(KEY, veil.STATUS, rubbish)


def test_the_same_bytes_look_different_each_time_and_nothing_of_them_shows():
    plain = b"badge-0001 " * 8
    first = veil.veil(KEY, veil.FRAME, NONCE, plain)
    second = veil.veil(KEY, veil.FRAME, b"\x01\x02\x03\x05", plain)
    same = sum(a == b for a, b in zip(first[12:], second[12:], strict=True))
    assert same < 8
    assert b"badge" not in first


def test_it_is_hmac_sha256_in_counter_mode_and_over_all_of_that():
    plain = bytes(range(70))
    stream = b"".join(
        hmac.digest(KEY, b"nabij/air/1fe" + NONCE + bytes((block,)), hashlib.sha256)
        for block in range(3)
    )
    hidden = bytes(a ^ b for a, b in zip(plain, stream, strict=False))
    mac = hmac.digest(KEY, b"nabij/air/1fm" + NONCE + hidden, hashlib.sha256)[:8]
    assert veil.veil(KEY, veil.FRAME, NONCE, plain) == NONCE + mac + hidden


@pytest.mark.parametrize("nonce", [b"", b"123", b"12345"])
def test_a_nonce_of_another_length_is_a_slip_of_ours(nonce):
    with pytest.raises(ValueError, match="4 bytes"):
        veil.veil(KEY, veil.FRAME, nonce, b"x")

"""The envelope of frames: two parts of the right kind and length, and a MAC that fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import cbor
from badge.core.codec.envelope import ENVELOPE, MAC_SIZE, envelope, sealed, verify

KEY = bytes(range(32))
DOMAIN = b"nabij/up/1"


def refusal(function, *arguments):
    with pytest.raises(cbor.WireError) as caught:
        function(*arguments)
    return caught.value.code


@given(st.binary(max_size=200))
def test_what_is_sealed_comes_out_and_fits_its_key_and_way_alone(payload):
    frame = sealed(payload, KEY, DOMAIN)
    found, mac = envelope(frame, len(frame))
    assert (found, len(mac)) == (payload, MAC_SIZE)
    verify(found, mac, KEY, DOMAIN)
    assert refusal(verify, found, mac, bytes(32), DOMAIN) == "wire.mac"
    assert refusal(verify, found, mac, KEY, b"nabij/down/1") == "wire.mac"
    assert refusal(verify, found + b"x", mac, KEY, DOMAIN) == "wire.mac"
    assert refusal(envelope, frame, len(frame) - 1) == "wire.shape"


@pytest.mark.parametrize(
    "parts",
    [
        [b"a", bytes(MAC_SIZE), b""],
        [b"a"],
        [],
        {0: b"a", 1: bytes(MAC_SIZE)},
        b"ab",
        [b"a", bytes(MAC_SIZE - 1)],
        [b"a", bytes(MAC_SIZE + 1)],
        ["a", bytes(MAC_SIZE)],
        [b"a", "m" * MAC_SIZE],
    ],
)
def test_anything_but_a_payload_and_a_mac_is_refused(parts):
    assert refusal(envelope, cbor.encode(parts), 180) == "wire.shape"


def test_a_frame_that_is_too_long_is_told_by_its_length():
    with pytest.raises(cbor.WireError, match=r"frame of 181 bytes is too long$"):
        envelope(bytes(181), 180)


@pytest.mark.parametrize("size", [24, 100, 255])
def test_a_frame_is_longer_than_its_payload_by_its_envelope(size):
    assert len(sealed(bytes(size), KEY, DOMAIN)) == size + ENVELOPE

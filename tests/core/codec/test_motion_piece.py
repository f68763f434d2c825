"""Pieces of motion on the wire, and the answer: what is taken, and what is refused."""

from __future__ import annotations

from typing import Any

import cbor2
import pycddl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import wire
from badge.core.codec.cbor import WireError
from badge.core.codec.motion_piece import (
    DONE,
    GO_ON,
    PIECE_MAX,
    TOTAL_MAX,
    Kept,
    Piece,
    decode_kept,
    decode_piece,
    encode_kept,
    encode_piece,
    room,
)
from tests.places import DOCS

KEY = bytes(range(32))
CDDL = (DOCS / "protocol.cddl").read_text()
MOTION = pycddl.Schema("start = motion\n" + CDDL)
ANSWER = pycddl.Schema("start = kept\n" + CDDL)
PIECE = Piece("nb-0007", 7, 2, 120, 500, b"x" * 120)
KEPT = Kept("nb-0007", 7, 2, 240, GO_ON)


def keys(badge: str) -> bytes | None:
    return KEY if badge == "nb-0007" else None


def test_both_come_back_as_they_were() -> None:
    assert decode_piece(encode_piece(KEY, PIECE), keys) == PIECE
    assert decode_kept(encode_kept(KEY, KEPT), KEY, "nb-0007") == KEPT
    assert wire.motion_topic("nb-0007") == "nabij/nb-0007/motion"


def test_both_are_as_the_protocol_says() -> None:
    MOTION.validate_cbor(cbor2.loads(encode_piece(KEY, PIECE))[0])
    ANSWER.validate_cbor(cbor2.loads(encode_kept(KEY, KEPT))[0])


@pytest.mark.parametrize("length", [1, 11, 12, 23, 24, 32])
def test_the_longest_piece_of_any_badge_fits_a_frame(length: int) -> None:
    badge = "b" * length
    most = 2**32 - 1
    piece = Piece(badge, most, most, TOTAL_MAX - 130, TOTAL_MAX, b"x" * room(badge))
    frame = encode_piece(KEY, piece)
    assert wire.MAX_FRAME - 1 <= len(frame) <= wire.MAX_FRAME or room(badge) == PIECE_MAX


@pytest.mark.parametrize(
    "change",
    [
        *({"badge": ""}, {"badge": "a/b"}, {"boot": 0}, {"seq": 2**32}, {"seq": None}),
        *({"offset": -1}, {"offset": 381}, {"total": 0}, {"total": TOTAL_MAX + 1}),
        *({"data": b""}, {"data": b"x" * (PIECE_MAX + 1)}, {"data": "x"}, {"offset": True}),
    ],
)
def test_a_piece_that_cannot_be_is_not_sent(change: dict[str, Any]) -> None:
    with pytest.raises((WireError, TypeError)):
        encode_piece(KEY, PIECE._replace(**change))


@pytest.mark.parametrize("change", [{"next": -1}, {"next": TOTAL_MAX + 1}, {"state": 3}])
def test_an_answer_that_cannot_be_is_not_sent(change: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        encode_kept(KEY, KEPT._replace(**change))


def test_neither_is_taken_for_the_other_nor_from_somebody_else() -> None:
    with pytest.raises(WireError, match="this way"):
        decode_kept(encode_piece(KEY, PIECE), KEY, "nb-0007")
    with pytest.raises(WireError, match="this way"):
        decode_piece(encode_kept(KEY, KEPT._replace(state=DONE)), keys)
    with pytest.raises(WireError, match="no message of this way"):
        wire.decode_up(encode_piece(KEY, PIECE), keys)
    with pytest.raises(WireError, match="not enrolled"):
        decode_piece(encode_piece(KEY, PIECE._replace(badge="nb-0008")), keys)
    with pytest.raises(WireError, match="is for badge"):
        decode_kept(encode_kept(KEY, KEPT), KEY, "nb-0008")


@given(st.integers(0, 8 * 178), st.booleans())
def test_a_bit_that_flips_on_the_way_is_seen(bit: int, is_up: bool) -> None:
    frame = bytearray(encode_piece(KEY, PIECE) if is_up else encode_kept(KEY, KEPT))
    bit %= 8 * len(frame)
    frame[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WireError):
        decode_piece(bytes(frame), keys) if is_up else decode_kept(bytes(frame), KEY, "nb-0007")


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(frame: bytes) -> None:
    for read in (lambda: decode_piece(frame, keys), lambda: decode_kept(frame, KEY, "nb-0007")):
        with pytest.raises(WireError):
            read()

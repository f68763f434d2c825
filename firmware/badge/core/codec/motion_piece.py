"""Motion of an alarm in pieces, and what the receiver says of them (docs/protocol.cddl)."""

from collections import namedtuple

from badge.core.codec import cbor
from badge.core.codec.envelope import envelope, sealed, verify
from badge.core.codec.wire import (
    MAX_FRAME,
    TYPE_KEPT,
    TYPE_PIECE,
    U32_MAX,
    WireError,
    is_badge_name,
)

PIECE_MAX = 120
# Of 40 s that no code makes shorter.
TOTAL_MAX = 32_768
# What becomes of it: the receiver waits for more, has all of it, or takes none of it.
GO_ON, DONE, REFUSED = 0, 1, 2
_UP = b"nabij/motion/1"
_DOWN = b"nabij/kept/1"
# All of a frame but the name and the bytes.
_AROUND = 49

# `data` stands at `offset` in `total` bytes.
Piece = namedtuple("Piece", ("badge", "boot", "seq", "offset", "total", "data"))
# `next`: the offset of the first byte that is not there.
Kept = namedtuple("Kept", ("badge", "boot", "seq", "next", "state"))


def room(badge):
    """Return how many bytes fit a piece of this badge."""
    return min(PIECE_MAX, MAX_FRAME - _AROUND - len(badge))


def encode_piece(key, piece):
    """Return the frame of a Piece, at most MAX_FRAME bytes; WireError when it is none."""
    _check_piece(piece)
    frame = _sealed(key, _UP, TYPE_PIECE, piece)
    if len(frame) > MAX_FRAME:
        raise WireError("wire.shape", "frame of %d bytes is too long" % len(frame))
    return frame


def decode_piece(frame, key_for_badge):
    """Return the Piece in a frame; `key_for_badge` and WireError as of wire.decode_up."""
    payload, mac, fields = _opened(frame, TYPE_PIECE)
    key = key_for_badge(fields[1])
    if key is None:
        raise WireError("wire.other_badge", "badge %r is not enrolled" % fields[1])
    verify(payload, mac, key, _UP)
    piece = Piece(*[fields.get(at) for at in range(1, 7)])
    _check_piece(piece)
    return piece


def encode_kept(key, kept):
    """Return the frame of a Kept; WireError when it is none."""
    _check_kept(kept)
    return _sealed(key, _DOWN, TYPE_KEPT, kept)


def decode_kept(frame, key, badge):
    """Return the Kept in a frame for `badge` under `key`; WireError as of wire.decode_status."""
    payload, mac, fields = _opened(frame, TYPE_KEPT)
    if fields[1] != badge:
        raise WireError("wire.other_badge", "it is for badge %r" % fields[1])
    verify(payload, mac, key, _DOWN)
    kept = Kept(*[fields.get(at) for at in range(1, 6)])
    _check_kept(kept)
    return kept


def _sealed(key, domain, kind, message):
    fields = {at + 1: message[at] for at in range(len(message))}
    fields[0] = kind
    return sealed(cbor.encode(fields), key, domain)


def _opened(frame, kind):
    payload, mac = envelope(frame, MAX_FRAME)
    fields = cbor.decode(payload)
    if not isinstance(fields, dict) or fields.get(0) != kind:
        raise WireError("wire.shape", "no message of this way")
    if not is_badge_name(fields.get(1)):
        raise WireError("wire.shape", "no badge name")
    return payload, mac, fields


def _check_piece(piece):
    _check_key(piece)
    numbers = type(piece.offset) is int and type(piece.total) is int
    if not numbers or not isinstance(piece.data, bytes) or not 0 < len(piece.data) <= PIECE_MAX:
        raise WireError("wire.shape", "a piece has 1 to %d bytes at an offset" % PIECE_MAX)
    if not 0 < piece.total <= TOTAL_MAX:
        raise WireError("wire.shape", "motion has 1 to %d bytes" % TOTAL_MAX)
    if not 0 <= piece.offset <= piece.total - len(piece.data):
        raise WireError("wire.shape", "a piece lies outside its motion")


def _check_kept(kept):
    _check_key(kept)
    if type(kept.next) is not int or not 0 <= kept.next <= TOTAL_MAX:
        raise WireError("wire.shape", "an offset is missing or has a bad value")
    if type(kept.state) is not int or not GO_ON <= kept.state <= REFUSED:
        raise WireError("wire.shape", "a state is missing or has a bad value")


def _check_key(message):
    for value in message[1:3]:
        if type(value) is not int or not 0 < value <= U32_MAX:
            raise WireError("wire.shape", "a key has a bad value")
    if not is_badge_name(message.badge):
        raise WireError("wire.shape", "no badge name")

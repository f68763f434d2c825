"""A sealed stream comes back as it was, or not at all."""

from __future__ import annotations

import contextlib
import io

import pytest

from nabij.centre.upkeep.sealed import HEAD, Opener, Sealer
from nabij.errors import NabijError, UsageError

WORDS = "correct horse battery staple"
PIECE = (64 << 10) + 16
START = len(HEAD) + 16


def sealed(data: bytes, passphrase: str = WORDS) -> bytes:
    out = io.BytesIO()
    with Sealer(out, passphrase) as stream:
        stream.write(data)
    return out.getvalue()


def opened(data: bytes, passphrase: str = WORDS) -> bytes:
    return Opener(io.BytesIO(data), passphrase, "b.nabij").read()


@pytest.mark.parametrize("size", [0, 200_000])
def test_it_comes_back(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    assert opened(sealed(data[:size])) == data[:size]


def test_nothing_of_it_can_be_read_without() -> None:
    assert b"secret" not in sealed(b"secret" * 1000)
    assert sealed(b"x") != sealed(b"x")
    with pytest.raises(NabijError, match="not the passphrase that it was made with"):
        opened(sealed(b"x"), "another one that is long")


@pytest.fixture(scope="module")
def whole() -> bytes:
    return sealed(b"a" * (3 << 16))


@pytest.mark.parametrize("place", [len(HEAD), START + PIECE + 7, -1])
def test_a_file_that_was_changed_anywhere_is_refused(whole: bytes, place: int) -> None:
    changed = bytearray(whole)
    changed[place] ^= 1
    with pytest.raises(NabijError, match="nothing was restored"):
        opened(bytes(changed))


@pytest.mark.parametrize("length", [0, PIECE, PIECE + 1])
def test_a_file_that_was_cut_short_is_refused(whole: bytes, length: int) -> None:
    with pytest.raises(NabijError, match="nothing was restored"):
        opened(whole[: START + length])


def test_pieces_in_another_order_are_refused(whole: bytes) -> None:
    first, second = whole[START : START + PIECE], whole[START + PIECE : START + 2 * PIECE]
    with pytest.raises(NabijError):
        opened(whole[:START] + second + first + whole[START + 2 * PIECE :])


def test_what_failed_on_the_way_is_never_whole() -> None:
    out = io.BytesIO()
    with contextlib.suppress(OSError), Sealer(out, WORDS) as stream:
        stream.write(b"a" * 100_000)
        raise OSError("full")
    with pytest.raises(NabijError):
        opened(out.getvalue())


def test_a_file_that_is_none_is_named() -> None:
    with pytest.raises(UsageError, match="is no backup"):
        opened(b"PK\x03\x04 something else")


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(UsageError, match="fewer than 12"):
        sealed(b"x", "short")

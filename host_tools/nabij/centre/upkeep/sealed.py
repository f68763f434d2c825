"""An encrypted backup: a stream that a passphrase opens, in pieces of which none can be missing.

A line that names the format, 16 bytes of salt, then pieces of 64 KiB, each encrypted with
AES-256-GCM under its number and a mark on the last one: nothing can be cut off, moved or changed.
The key comes from the passphrase by scrypt (64 MB, a third of a second).
"""

import io
import secrets
import struct
from types import TracebackType
from typing import IO, Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from nabij.errors import NabijError, UsageError

HEAD: Final = b"nabij-backup 1\n"
SHORTEST: Final = 12
_SALT: Final = 16
_PIECE: Final = 64 << 10
_TAG: Final = 16
_NONCE: Final = struct.Struct(">QI")


class Sealer(io.RawIOBase):
    """What is written goes to `out` encrypted; whole only once it is closed without a failure."""

    def __init__(self, out: IO[bytes], passphrase: str) -> None:
        check_passphrase(passphrase)
        salt = secrets.token_bytes(_SALT)
        self._out = out
        self._cipher = _cipher(passphrase, salt)
        self._waiting = bytearray()
        self._number = 0
        out.write(HEAD + salt)

    def writable(self) -> bool:
        """As a stream answers."""
        return True

    def write(self, data: Any, /) -> int:
        """Take all of it."""
        view = memoryview(data)
        self._waiting += view
        # The last piece is known as such only at the end.
        while len(self._waiting) > _PIECE:
            self._put(self._waiting[:_PIECE], is_last=False)
            del self._waiting[:_PIECE]
        return int(view.nbytes)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Write the end, unless something failed: then nobody can take it for whole."""
        if kind is None:
            self._put(self._waiting, is_last=True)
        self.close()

    def __enter__(self) -> Self:
        return self

    def _put(self, piece: bytes | bytearray, *, is_last: bool) -> None:
        nonce = _NONCE.pack(self._number, is_last)
        self._out.write(self._cipher.encrypt(nonce, bytes(piece), HEAD))
        self._number += 1


class Opener(io.RawIOBase):
    """The stream back; NabijError at the first piece that the passphrase does not open."""

    def __init__(self, source: IO[bytes], passphrase: str, name: str) -> None:
        """UsageError when `source`, which people know as `name`, is no backup."""
        check_head(source, name)
        self._source = source
        self._name = name
        self._cipher = _cipher(passphrase, source.read(_SALT))
        self._ahead = source.read(_PIECE + _TAG)
        self._open = b""
        self._number = 0
        self._is_over = False

    def readable(self) -> bool:
        """As a stream answers."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """As a stream does; 0 at an end that was written as one."""
        while not self._open and not self._is_over:
            self._next()
        view = memoryview(buffer)
        part = self._open[: view.nbytes]
        view[: len(part)] = part
        self._open = self._open[len(part) :]
        return len(part)

    def _next(self) -> None:
        piece, self._ahead = self._ahead, self._source.read(_PIECE + _TAG)
        self._is_over = not self._ahead
        nonce = _NONCE.pack(self._number, self._is_over)
        try:
            self._open = self._cipher.decrypt(nonce, piece, HEAD)
        except (InvalidTag, ValueError) as error:
            what = (
                "it is not the passphrase that it was made with, or the file is damaged"
                if self._number == 0
                else "it is damaged, or a part of it is missing"
            )
            raise NabijError(
                f"{self._name} cannot be opened: {what}; nothing was restored."
            ) from error
        self._number += 1


def check_head(source: IO[bytes], name: str) -> None:
    """UsageError when `source`, which people know as `name`, does not begin as a backup."""
    if source.read(len(HEAD)) != HEAD:
        raise UsageError(
            f"{name} is no backup that this nabij knows: give a file of `nabij backup`, or take "
            "the release that wrote it."
        )


def check_passphrase(passphrase: str) -> str:
    """UsageError for one that can be guessed by its length alone."""
    if len(passphrase) < SHORTEST:
        raise UsageError(
            f"The passphrase has fewer than {SHORTEST} characters: the backup holds the keys of "
            "all badges, so take some words in a row."
        )
    return passphrase


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=1 << 16, r=8, p=2).derive(passphrase.encode()))

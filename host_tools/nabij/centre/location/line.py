"""The receiver's end of the connection to the keeper: who it is, and what it answers in time."""

import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nabij.centre.keeper import speech
from nabij.centre.keeper.refused import RefusedError, Why
from nabij.centre.keeper.speech import MOST_ANSWER, NONCE_BYTES, Speech, SpeechError

# All that it does takes it milliseconds; a disk may take longer.
ANSWER_S: Final = 3.0


class AwayError(Exception):
    """It cannot be asked, why not in a few words."""


class OtherKeeperError(AwayError):
    """Who listens there is not the keeper that is trusted."""


@dataclass(frozen=True)
class Opened:
    """What was sealed, how good the keeper finds the reason, and its own line about that."""

    text: bytes
    proof: str
    line: int
    chain: str


class Line:
    """One connection, made when it is needed and made anew after a fault. For one thread."""

    def __init__(self, file: Path, trusts: Callable[[bytes], bool]) -> None:
        """`trusts(key)`: whether that is the keeper whose key (Ed25519, 32 bytes) is known."""
        self._file = file
        self._trusts = trusts
        self._speech: Speech | None = None
        self._key = b""

    def begin(self, badge: str, shift_ms: int, verify: bytes, frame: bytes) -> None:
        """Have a key made for a shift, or kept for longer."""
        shown = {"verify": verify.hex(), "frame": frame.hex()}
        self._ask({"do": "begin", "badge": badge, "shift": shift_ms, **shown})

    def seal(self, badge: str, shift_ms: int, text: bytes) -> bytes:
        """The text, sealed."""
        asked = {"do": "seal", "badge": badge, "shift": shift_ms, "text": text.hex()}
        return _bytes(self._ask(asked), "sealed")

    def open(
        self,
        badge: str,
        shift_ms: int,
        sealed: bytes,
        frame: bytes | None,
        *,
        incident_id: int,
        audit: bytes,
    ) -> Opened:
        """What was sealed, for what the badge sent; without that, because it fell silent."""
        asked = {
            "do": "open",
            "badge": badge,
            "shift": shift_ms,
            "sealed": sealed.hex(),
            "frame": None if frame is None else frame.hex(),
            "incident": incident_id,
            "audit": audit.hex(),
        }
        found = self._ask(asked)
        try:
            number, chain = int(found["line"]), bytes.fromhex(found["chain"])
            signature = bytes.fromhex(found["signature"])
            opened = Opened(bytes.fromhex(found["text"]), str(found["proof"]), number, chain.hex())
        except (KeyError, TypeError, ValueError) as error:
            raise self._lost("it answers what is none") from error
        self._check(signature, speech.head(number, chain))
        return opened

    def end(self, badge: str, shift_ms: int) -> None:
        """That shift is over."""
        self._ask({"do": "end", "badge": badge, "shift": shift_ms})

    def destroy(self, badge: str, shift_ms: int) -> None:
        """Have the key of that shift destroyed."""
        self._ask({"do": "destroy", "badge": badge, "shift": shift_ms})

    def held(self) -> set[tuple[str, int]]:
        """Of which shifts it has a key."""
        found = self._ask({"do": "held"})
        try:
            return {(str(badge), int(number)) for badge, number in found["held"]}
        except (KeyError, TypeError, ValueError) as error:
            raise self._lost("it answers what is none") from error

    def close(self) -> None:
        """End the connection; safe to call twice."""
        if self._speech is not None:
            self._speech.close()
        self._speech = None

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Its answer; RefusedError when it refuses, AwayError when it does not answer."""
        if self._speech is None:
            self._connect()
        found = self._exchange(asked)
        if found.get("ok") is True:
            return found
        try:
            why = Why[str(found["why"])]
        except KeyError as error:
            raise self._lost("it answers what is none") from error
        raise RefusedError(why)

    def _exchange(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self._speech is not None  # noqa: S101 - connected just now
        try:
            self._speech.say(asked, ANSWER_S)
            return self._speech.hear(ANSWER_S)
        except SpeechError as error:
            # What it says later would be taken for the answer to something else.
            raise self._lost(str(error)) from error

    def _connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(ANSWER_S)
        try:
            connection.connect(str(self._file))
        except OSError as error:
            connection.close()
            raise AwayError(f"nobody listens at {self._file} ({error})") from error
        self._speech = Speech(connection, MOST_ANSWER)
        nonce = secrets.token_bytes(NONCE_BYTES)
        found = self._exchange({"do": "greet", "nonce": nonce.hex()})
        self._key = _bytes(found, "key")
        self._check(_bytes(found, "signature"), speech.greeting(nonce))
        if not self._trusts(self._key):
            self.close()
            raise OtherKeeperError("it is another one than before")

    def _check(self, signature: bytes, signed: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(self._key).verify(signature, signed)
        except (InvalidSignature, ValueError) as error:
            raise self._lost("its signature does not hold") from error

    def _lost(self, why: str) -> AwayError:
        self.close()
        return AwayError(why)


def _bytes(found: dict[str, Any], name: str) -> bytes:
    try:
        return bytes.fromhex(found[name])
    except (KeyError, TypeError, ValueError) as error:
        raise AwayError("it answers what is none") from error

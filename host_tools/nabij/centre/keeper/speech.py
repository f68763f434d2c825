"""What receiver and keeper say to each other: one JSON object a line, over a Unix socket."""

import json
import socket
import struct
import time
from typing import Any, Final

# Of what is asked: the longest has two frames. Of an answer: the list of 50,000 keys.
MOST_ASKED: Final = 4_096
MOST_ANSWER: Final = 4 << 20
# What the keeper signs begins with these.
GREETING: Final = b"nabij/keeper/greet/1"
LINE: Final = b"nabij/keeper/line/1"
NONCE_BYTES: Final = 32
# Linux: process, user and group at the other end.
_CREDENTIALS: Final = struct.Struct("3i")
_READ_BYTES: Final = 65_536


class SpeechError(Exception):
    """The other end went, is silent, or says what is none of this."""


class Speech:
    """One end of a connection. Not for two threads."""

    def __init__(self, connection: socket.socket, most: int) -> None:
        """`most` bytes has a line of the other end."""
        self._connection = connection
        self._most = most
        self._rest = b""

    def say(self, values: dict[str, Any], timeout_s: float) -> None:
        """Send one object; SpeechError when that is not done in time."""
        self._connection.settimeout(timeout_s)
        try:
            self._connection.sendall(json.dumps(values).encode() + b"\n")
        except OSError as error:
            raise SpeechError(f"it does not listen ({error})") from error

    def hear(self, timeout_s: float) -> dict[str, Any]:
        """The next object; SpeechError when it has not come whole in time."""
        end_s = time.monotonic() + timeout_s
        while b"\n" not in self._rest:
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                raise SpeechError(f"it said nothing for {timeout_s:g} s")
            if len(self._rest) > self._most:
                raise SpeechError("it says more than it may")
            self._rest += self._some(left_s)
        line, self._rest = self._rest.split(b"\n", 1)
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SpeechError("it says what is no JSON") from error
        if not isinstance(found, dict):
            raise SpeechError("it says what is no object")
        return found

    def close(self) -> None:
        """End it; safe to call twice."""
        self._connection.close()

    def _some(self, timeout_s: float) -> bytes:
        self._connection.settimeout(timeout_s)
        try:
            found = self._connection.recv(_READ_BYTES)
        except TimeoutError as error:
            raise SpeechError("it does not answer") from error
        except OSError as error:
            raise SpeechError(f"it is gone ({error})") from error
        if not found:
            raise SpeechError("it is gone")
        return found


def user_of(connection: socket.socket) -> int:
    """The user at the other end of a Unix socket, as the system says; SpeechError if it does not.

    It is who connected, or who began to listen, whatever became of the socket's file since.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        raise SpeechError("this system does not say who is at the other end of a socket")
    found = connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(found)[1])


def greeting(nonce: bytes) -> bytes:
    """What the keeper signs to show who it is."""
    return GREETING + nonce


def head(number: int, chain: bytes) -> bytes:
    """What the keeper signs of its log: so many lines, the last with this hash."""
    return LINE + f"{number} ".encode() + chain

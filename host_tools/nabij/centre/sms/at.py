"""A modem's AT commands over a serial port: one command, its answer, and what comes between.

What a text message says can look like any line of an answer, an OK too. So before each command
the line is read until it is quiet, and of an answer no more is believed than its first line.
"""

import re
import time
from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

ANSWER_S: Final = 5.0
# 3GPP TS 27.005 gives no limit; SIMCom says 60 s.
SEND_S: Final = 60.0
QUIET_S: Final = 0.05
# More than any answer has: a port that never ends is no modem.
MOST_BYTES: Final = 64 * 1024
_ENDS: Final = re.compile(r"OK|ERROR|\+CM[SE] ERROR: ?(.*)")
# What a modem says by itself.
_UNASKED: Final = re.compile(
    r"\+(CMTI|CREG|CEREG|CGREG|CPIN|CTZV|PSUTTZ|CUSD|CDS|CLIP)\b|RING|RDY"
)
_CTRL_Z, _ESCAPE = b"\x1a", b"\x1b"


class Port(Protocol):
    """What is used of pyserial's ports; `read` returns what came within the port's own time."""

    @property
    def in_waiting(self) -> int: ...

    def read(self, size: int = 1, /) -> bytes: ...

    def write(self, data: bytes, /) -> int | None: ...

    def close(self) -> None: ...


class SilentError(Exception):
    """No answer, or none that is one: the modem is gone, hangs, or is no modem."""


@dataclass(frozen=True)
class Answer:
    """The lines before the last one. `error` is "" for OK, else what the modem says is wrong."""

    lines: tuple[str, ...]
    error: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the modem did it."""
        return not self.error


class At:
    """Sends commands by a port, with so long for an answer and so long for quiet. For one thread.

    `has_news`: it has said that a message came.
    """

    def __init__(self, port: Port, answer_s: float = ANSWER_S, quiet_s: float = QUIET_S) -> None:
        self._port = port
        self._quiet_s = quiet_s
        self._answer_s = answer_s
        self._buffer = bytearray()
        self._lines: deque[str] = deque()
        self.has_news = False

    def ask(self, command: str, timeout_s: float | None = None) -> Answer:
        """The answer to a command; SilentError when there is none in time."""
        self._begin()
        self._port.write(f"{command}\r".encode())
        return self._answer(command, self._answer_s if timeout_s is None else timeout_s)

    def send(self, number: str, text: str, timeout_s: float = SEND_S) -> Answer:
        """Send a text message; SilentError when it is not said in time whether it went."""
        self._begin()
        command = f'AT+CMGS="{number}"'
        self._port.write(f"{command}\r".encode())
        end_s = time.monotonic() + self._answer_s
        while not self._buffer.lstrip(b"\r\n").startswith(b">"):
            line = self._next(end_s, is_prompted=True)
            if line is None:
                continue
            found = _ENDS.fullmatch(line)
            if found is not None and line != "OK":
                return Answer((), found[1] or "ERROR")
        self._buffer.clear()
        self._port.write(text.encode() + _CTRL_Z)
        try:
            return self._answer(text, timeout_s)
        except SilentError:
            # It must not take what comes next for the text.
            self._port.write(_ESCAPE)
            raise

    def wait(self, seconds: float) -> None:
        """Listen until it says that a message came, at most so long."""
        end_s = time.monotonic() + seconds
        while not self.has_news and time.monotonic() < end_s:
            self._read()
            self._take_unasked()

    def _begin(self) -> None:
        """Let what is left of the last answer come, and forget it."""
        quiet_s = time.monotonic() + self._quiet_s
        end_s = time.monotonic() + self._answer_s
        while time.monotonic() < quiet_s:
            if self._read():
                quiet_s = time.monotonic() + self._quiet_s
            if time.monotonic() > end_s:
                raise SilentError("it goes on and on")
            self._take_unasked()
        self._take_unasked()
        self._buffer.clear()

    def _answer(self, command: str, timeout_s: float) -> Answer:
        end_s = time.monotonic() + timeout_s
        lines: list[str] = []
        while True:
            line = self._next(end_s)
            if line is None or line == command:
                continue
            found = _ENDS.fullmatch(line)
            if found is not None:
                error = "" if line == "OK" else (found[1] or "ERROR")
                return Answer(tuple(lines), error)
            # An answer to AT+CPIN? looks as what it says by itself.
            if _UNASKED.match(line) and not line.startswith(_prefix(command)):
                self._hear(line)
                continue
            lines.append(line)

    def _next(self, end_s: float, *, is_prompted: bool = False) -> str | None:
        """The next line that is not empty; None when none is whole yet. SilentError at the end."""
        if not self._lines:
            if time.monotonic() > end_s:
                raise SilentError("it does not answer")
            self._read()
            self._split()
        if is_prompted and not self._lines:
            return None
        return self._lines.popleft() if self._lines else None

    def _read(self) -> bool:
        data = self._port.read(max(1, self._port.in_waiting))
        self._buffer += data
        if len(self._buffer) > MOST_BYTES:
            raise SilentError("it sends without end")
        return bool(data)

    def _split(self) -> None:
        *whole, rest = self._buffer.replace(b"\r", b"\n").split(b"\n")
        self._buffer = bytearray(rest)
        self._lines += [line.decode("latin-1") for line in whole if line]

    def _take_unasked(self) -> None:
        self._split()
        while self._lines:
            self._hear(self._lines.popleft())

    def _hear(self, line: str) -> None:
        if line.startswith("+CMTI"):
            self.has_news = True


def _prefix(command: str) -> str:
    """How the lines of its answer begin: +CPIN for AT+CPIN?."""
    found = re.match(r"AT(\+\w+)", command)
    return found[1] + ":" if found else "\0"

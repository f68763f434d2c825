"""The keeper's own log: what it opened, for which reason, and what it refused. Only added to.

Each line has a hash of all before it. The receiver has the hash of each line that is about it in
its audit, and this log has that of the audit: neither can be made anew without the other.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nabij.errors import NabijError
from nabij.paths import PRIVATE, read_file, write_file

BEGINNING: Final = bytes(32)
# Given up for lines when the disk is full: there is nothing opened without its line.
RESERVE_BYTES: Final = 256 << 10
MOST_BYTES: Final = 1 << 30


@dataclass(frozen=True)
class Line:
    """One line; `chain` is the hash of it and of all before it."""

    number: int
    at_ms: int
    what: str
    facts: dict[str, Any]
    chain: bytes

    def text(self) -> bytes:
        """As it lies in the file."""
        return json.dumps({**_values(self), "chain": self.chain.hex()}).encode() + b"\n"

    def sentence(self) -> str:
        """Its facts for a person."""
        return ", ".join(f"{name} {value}" for name, value in self.facts.items())


class BrokenLogError(NabijError):
    """The log is not what it was when its lines were written."""


class Ledger:
    """The file and its end. `torn`: a line was half written when the keeper was killed."""

    def __init__(self, file: Path) -> None:
        """Take it up; BrokenLogError when it does not hold."""
        self._file = file
        self._reserve = file.with_name("reserve")
        self.number, self.chain = 0, BEGINNING
        self.torn = False
        if file.exists():
            self._take_up()
        with contextlib.suppress(NabijError):
            if not self._reserve.exists():
                write_file(self._reserve, bytes(RESERVE_BYTES), PRIVATE)

    def add(self, at_ms: int, what: str, **facts: Any) -> Line:
        """Keep that; on the disk when it returns. OSError when the disk does not take it."""
        number = self.number + 1
        line = Line(number, at_ms, what, facts, b"")
        line = Line(number, at_ms, what, facts, _chained(self.chain, line))
        try:
            self._append(line.text())
        except OSError:
            if not self._reserve.exists():
                raise
            self._reserve.unlink(missing_ok=True)
            self._append(line.text())
        self.number, self.chain = number, line.chain
        return line

    def _append(self, text: bytes) -> None:
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE)
        try:
            end = os.fstat(descriptor).st_size
            try:
                # Of a full disk the second says so.
                rest = text[os.write(descriptor, text) :]
                os.write(descriptor, rest)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)

    def _take_up(self) -> None:
        content = read_file(self._file, "the keeper's log", "restore it", most=MOST_BYTES)
        whole = content[: content.rfind(b"\n") + 1]
        for line in read(whole):
            self.number, self.chain = line.number, line.chain
        if len(whole) != len(content):
            self.torn = True
            os.truncate(self._file, len(whole))


def read(content: bytes) -> Iterator[Line]:
    """Each line, checked; BrokenLogError at the first that does not hold."""
    chain = BEGINNING
    for number, text in enumerate(content.splitlines(), 1):
        try:
            found = json.loads(text)
            facts = {name: found[name] for name in found if name not in _OWN}
            line = Line(found["n"], found["at_ms"], found["what"], facts, b"")
            told = bytes.fromhex(found["chain"])
        except (KeyError, TypeError, ValueError) as error:
            raise _broken(number, "it cannot be read") from error
        if line.number != number:
            raise _broken(number, "a line before it is gone or was added")
        chain = _chained(chain, line)
        if told != chain:
            raise _broken(number, "it or a line before it was changed")
        yield Line(number, line.at_ms, line.what, facts, chain)


_OWN: Final = frozenset({"n", "at_ms", "what", "chain"})


def opened(lines: Iterable[Line]) -> dict[int, set[str]]:
    """By incident of the receiver, the hashes (hex) of the lines that opened a position."""
    found: dict[int, set[str]] = {}
    for line in lines:
        if line.what == OPENED:
            found.setdefault(int(line.facts["incident"]), set()).add(line.chain.hex())
    return found


OPENED: Final = "opened"


def _values(line: Line) -> dict[str, Any]:
    return {"n": line.number, "at_ms": line.at_ms, "what": line.what, **line.facts}


def _chained(before: bytes, line: Line) -> bytes:
    return hashlib.sha256(before + json.dumps(_values(line), sort_keys=True).encode()).digest()


def _broken(number: int, why: str) -> BrokenLogError:
    return BrokenLogError(
        f"THE KEEPER'S LOG DOES NOT HOLD at line {number}: {why}; keep it for whoever looks into "
        "that, move it away, and start again."
    )

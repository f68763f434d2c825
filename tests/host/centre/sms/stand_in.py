"""A modem at the level of AT commands on a pseudo-terminal, with a SIM, and as harsh as any.

It echoes, says things unasked between and within answers, writes byte by byte, and writes what a
text says as it is. It does not model radio, networks that lose messages, or speeds of a line.
"""

import os
import pty
import re
import tempfile
import threading
import time
import tty
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Stored:
    """A message on the SIM."""

    text: str
    sender: str = "+31612345678"
    at: str = "26/09/21,14:13:20+00"
    state: str = "REC UNREAD"


@dataclass
class Modem:
    """`port` is where it is found. Change its fields to change what it does."""

    messages: dict[int, Stored] = field(default_factory=dict)
    pin: str = ""
    has_sim: bool = True
    is_locked: bool = False
    is_registered: bool = True
    room: int = 10
    echoes: bool = True
    # It takes commands and says nothing.
    is_mute: bool = False
    # Answers of its own to commands that begin so.
    odd: dict[str, str] = field(default_factory=dict)
    # Said within each answer.
    chatter: str = ""
    byte_by_byte: bool = False
    commands: list[str] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    pins_tried: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._unlocked = False
        self._end = threading.Event()
        self._mutex = threading.RLock()
        self._plug()

    def put(self, text: str, **fields: Any) -> int:
        """A message comes in; the modem says so."""
        with self._mutex:
            index = next(at for at in range(1, 1000) if at not in self.messages)
            self.messages[index] = Stored(text, **fields)
            self._say(f'\r\n+CMTI: "SM",{index}\r\n')
            return index

    def unplug(self) -> None:
        """The port is gone; what is on the SIM stays."""
        self._end.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)
        Path(self.port).unlink()

    def plug(self) -> None:
        """It is back, and has forgotten whatever it was told."""
        self._unlocked = False
        self._end.clear()
        self._plug()

    def _plug(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        if not hasattr(self, "port"):
            self.port = str(Path(tempfile.mkdtemp()) / "modem")
        Path(self.port).symlink_to(os.ttyname(self._slave))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        import select

        buffer = b""
        while not self._end.is_set():
            ready, _, _ = select.select([self._master], [], [], 0.05)
            if not ready:
                continue
            buffer += os.read(self._master, 4096)
            while (end := re.search(rb"[\r\x1a\x1b]", buffer)) is not None:
                line, mark = buffer[: end.start()].decode(), buffer[end.start() : end.end()]
                buffer = buffer[end.end() :]
                with self._mutex:
                    self._take(line, mark)

    def _take(self, line: str, mark: bytes) -> None:
        if self.is_mute:
            return
        if mark == b"\x1a":
            self.sent.append((self._to, line))
            self._answer([f"+CMGS: {len(self.sent)}"])
            return
        if mark == b"\x1b" or not line:
            return
        self.commands.append(line)
        if self.echoes:
            self._say(f"{line}\r")
        for begin, said in self.odd.items():
            if line.startswith(begin):
                self._say(said)
                return
        self._do(line)

    def _do(self, line: str) -> None:
        if line.startswith("ATE"):
            self.echoes = line != "ATE0"
            self._answer([])
        elif line == "AT+CPIN?":
            self._answer(*self._sim_says())
        elif line.startswith("AT+CPIN="):
            self.pins_tried.append(line[9:-1])
            self._unlocked = line[9:-1] == self.pin
            self._answer([], "" if self._unlocked else "16")
        elif line.startswith("AT+CMGL"):
            self._answer([self._shown(f"+CMGL: {at},", one) for at, one in self.messages.items()])
        elif found := re.fullmatch(r"AT\+CMGR=(\d+)", line):
            one = self.messages.get(int(found[1]))
            if one is None:
                self._answer([])
            else:
                self._answer([self._shown("+CMGR: ", one)])
                one.state = one.state.replace("UNREAD", "READ")
        elif found := re.fullmatch(r"AT\+CMGD=(\d+)", line):
            self.messages.pop(int(found[1]), None)
            self._answer([])
        elif found := re.fullmatch(r'AT\+CMGS="(.*)"', line):
            self._to = found[1]
            self._say("\r\n> ")
        elif line == "AT+CPMS?":
            used = len(self.messages)
            self._answer([f'+CPMS: "SM",{used},{self.room},"SM",{used},{self.room}'])
        elif re.fullmatch(r"AT\+CE?REG\?", line):
            self._answer([f"{line[2:-1]}: 0,{1 if self.is_registered else 2}"])
        else:
            self._answer([])

    def _sim_says(self) -> tuple[list[str], str]:
        if not self.has_sim:
            return [], "10"
        if self.is_locked:
            return ["+CPIN: SIM PUK"], ""
        return ["+CPIN: SIM PIN" if self.pin and not self._unlocked else "+CPIN: READY"], ""

    def _shown(self, begin: str, one: Stored) -> str:
        return f'{begin}"{one.state}","{one.sender}",,"{one.at}"\r\n{one.text}'

    def _answer(self, lines: list[str], error: str = "") -> None:
        parts = [f"\r\n{line}" for line in lines]
        if self.chatter:
            parts.insert(0, f"\r\n{self.chatter}")
        parts.append(f"\r\n+CMS ERROR: {error}\r\n" if error else "\r\nOK\r\n")
        self._say("".join(parts))

    def _say(self, words: str) -> None:
        data = words.encode("latin-1", "replace")
        for part in (
            [data[at : at + 1] for at in range(len(data))] if self.byte_by_byte else [data]
        ):
            os.write(self._master, part)
            if self.byte_by_byte:
                time.sleep(0.0005)

"""A serial port for a virtual badge: the client's pseudo-terminal, and MicroPython's behind it.

What a USB port does and a terminal does not is made here: a soft reset keeps the connection,
Ctrl-C interrupts, output without a listener is dropped, a watchdog bites at the prompt.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import termios
import threading
import time
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Fact = dict[str, Any]
# Starts MicroPython: (standard streams, control and observation descriptors, raw) -> process.
Spawn = Callable[[int, int, int, bool], "subprocess.Popen[bytes]"]

_SOFT, _RESET, _WATCHDOG, _BROWNOUT = 0, 42, 44, 45
_RESTART: Final = frozenset({_SOFT, _RESET, _WATCHDOG, _BROWNOUT})
_WATCHDOG_CAUSE: Final = 3
_CTRL_A, _CTRL_C = b"\x01", b"\x03"
_SOFT_BANNER: Final = b"MPY: soft reboot\r\n"
_RAW_BANNER: Final = b"raw REPL; CTRL-B to exit"
# What the chip's USB holds for a host that does not read (CFG_TUD_CDC_TX_BUFSIZE and the host's).
_UNREAD_MAX: Final = 4096
_POLL_S: Final = 0.02
# An application that does not come back to its event loop is interrupted by force.
_INTERRUPT_PATIENCE_S: Final = 1.0
_MAX_STARTS: Final = 50


@dataclass
class _Chip:
    """One start of MicroPython and what is known of it."""

    process: "subprocess.Popen[bytes]"
    control: int
    observed: int
    raw: bool
    at_prompt: bool = False
    interrupted_s: float | None = None
    obeyed: bool = False
    bites_s: float | None = None
    rtc_us: int = 0
    world_offset_us: float = 0.0
    partial: bytes = b""
    # After a restart into the raw REPL: what comes before its banner is not for the client.
    swallow: bytes | None = None
    held: bytearray = field(default_factory=bytearray)


class PtyBridge:
    """Runs until `stop()`; `port` is the path that a client opens.

    `on_fact` is called with each observation of the simulator, from the bridge's thread.
    """

    def __init__(self, spawn: Spawn, state_file: Path, on_fact: Callable[[Fact], None]) -> None:
        self._spawn = spawn
        self._state_file = state_file
        self._on_fact = on_fact
        self._client, slave = os.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        # Not kept open: without a client the port reads as hung up, as USB without a host does.
        os.close(slave)
        self._chip_side, self._chip_terminal = os.openpty()
        os.set_blocking(self._client, False)
        # A badge that reads nothing must not hold up the thread that would notice it.
        os.set_blocking(self._chip_side, False)
        self._to_client = bytearray()
        self._wake_read, self._wake_write = os.pipe()
        self._stopping = False
        # Held to write to or close what is not of the bridge's thread alone: a number that was
        # closed meanwhile may be somebody else's file by now.
        self._shared = threading.Lock()
        self.exit_codes: list[int] = []
        self.heard = bytearray()
        self._chip = self._start(raw=False)

    def send(self, verb: Fact) -> None:
        """Do something to the badge now: a verb of sim/world/control.py."""
        with self._shared, contextlib.suppress(OSError):
            if self._chip.control >= 0:
                os.write(self._chip.control, json.dumps(verb).encode() + b"\n")

    def stop(self) -> None:
        """End the badge; called from another thread than run()."""
        self._stopping = True
        with self._shared:
            if self._wake_write >= 0:
                os.write(self._wake_write, b"x")

    def run(self) -> None:
        """Carry bytes until stop() or until the badge ends for good."""
        try:
            while not self._stopping and self._turn():
                pass
        finally:
            self._end_chip()
            for descriptor in (
                self._client,
                self._chip_side,
                self._chip_terminal,
                self._wake_read,
            ):
                os.close(descriptor)
            with self._shared:
                os.close(self._wake_write)
                self._wake_write = -1

    def _turn(self) -> bool:
        chip = self._chip
        poller = select.poll()
        poller.register(self._client, select.POLLIN | (select.POLLOUT if self._to_client else 0))
        poller.register(self._wake_read, select.POLLIN)
        poller.register(chip.observed, select.POLLIN)
        reads = select.POLLIN if len(self._to_client) < _UNREAD_MAX else 0
        poller.register(self._chip_side, reads | (select.POLLOUT if self._may_type(chip) else 0))
        ready = dict(poller.poll(self._wait_ms(chip)))
        hung_up = bool(ready.get(self._client, 0) & select.POLLHUP)
        if hung_up:
            self._to_client.clear()
        if ready.get(self._client, 0) & select.POLLIN:
            self._from_client(chip)
        if ready.get(chip.observed, 0):
            self._observe(chip)
        if ready.get(self._chip_side, 0) & reads:
            self._from_chip(chip, listening=not hung_up)
        if ready.get(self._client, 0) & select.POLLOUT:
            self._flush_client()
        self._watch(chip)
        if chip.process.poll() is not None:
            return self._ended(chip)
        if hung_up and len(ready) == 1:
            # A hang-up is ready all the time.
            time.sleep(_POLL_S)
        return True

    def _wait_ms(self, chip: _Chip) -> int:
        waiting = chip.held or chip.interrupted_s is not None or chip.at_prompt
        return int((_POLL_S if waiting else 0.2) * 1000)

    def _from_client(self, chip: _Chip) -> None:
        try:
            data = os.read(self._client, 4096)
        except OSError:
            return
        before, break_, after = data.rpartition(_CTRL_C)
        if break_ and not self._reading_keys(chip):
            # As on the chip, Ctrl-C drops what was typed before it.
            chip.held.clear()
            self._interrupt(chip)
            data = after
        elif break_:
            data = before + break_ + after
        self._note_mode(chip, data)
        chip.held += data
        self._release(chip)

    def _note_mode(self, chip: _Chip, data: bytes) -> None:
        if len(data) <= 2 or data[:1] == b"\r":
            if _CTRL_A in data:
                chip.raw = True
            elif b"\x02" in data:
                chip.raw = False

    def _release(self, chip: _Chip) -> None:
        if self._may_type(chip):
            with contextlib.suppress(BlockingIOError):
                del chip.held[: os.write(self._chip_side, chip.held)]

    def _may_type(self, chip: _Chip) -> bool:
        # MicroPython drops waiting input when its prompt takes the terminal over.
        return bool(chip.held) and (self._reading_keys(chip) or chip.interrupted_s is None)

    def _interrupt(self, chip: _Chip) -> None:
        if chip.at_prompt:
            chip.process.send_signal(signal.SIGINT)
            return
        if chip.interrupted_s is None:
            chip.interrupted_s = time.monotonic()
        self.send({"do": "usb_break"})

    def _reading_keys(self, chip: _Chip) -> bool:
        """True while MicroPython's prompt reads the terminal, which then has no flags set."""
        return chip.at_prompt and not termios.tcgetattr(self._chip_side)[3] & termios.NOFLSH

    def _from_chip(self, chip: _Chip, *, listening: bool) -> None:
        data = os.read(self._chip_side, 4096)
        self.heard += data
        if chip.swallow is not None:
            chip.swallow += data
            at = chip.swallow.find(_RAW_BANNER)
            if at < 0:
                return
            data, chip.swallow = chip.swallow[at:], None
        if listening:
            self._to_client += data
            self._flush_client()

    def _flush_client(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            sent = os.write(self._client, self._to_client)
            del self._to_client[:sent]

    def _observe(self, chip: _Chip) -> None:
        with contextlib.suppress(OSError):
            chip.partial += os.read(chip.observed, 65536)
        *lines, chip.partial = chip.partial.split(b"\n")
        for line in lines:
            try:
                fact = json.loads(line.removeprefix(b"@ "))
            except ValueError:
                continue
            self._take(chip, fact)
            self._on_fact(fact)

    def _take(self, chip: _Chip, fact: Fact) -> None:
        if fact.get("usb") == "break":
            chip.obeyed = True
        if "prompt" in fact:
            chip.at_prompt = True
            chip.interrupted_s = None
            chip.rtc_us = fact["rtc_offset_us"]
            chip.world_offset_us = fact["t_ms"] * 1000 - time.monotonic() * 1_000_000
        if fact.get("watchdog_ms") is not None:
            chip.bites_s = time.monotonic() + fact["watchdog_ms"] / 1000

    def _watch(self, chip: _Chip) -> None:
        now_s = time.monotonic()
        self._release(chip)
        if chip.bites_s is not None and now_s >= chip.bites_s:
            self._on_fact({"reset": "watchdog"})
            chip.process.kill()
            chip.process.wait()
            # What the simulator would have kept over this reset (sim/world/storage.py).
            now_us = int(chip.world_offset_us + now_s * 1_000_000)
            state = {"now_us": now_us, "cause": _WATCHDOG_CAUSE, "rtc_offset_us": chip.rtc_us}
            self._state_file.write_text(json.dumps(state))
            chip.process.returncode = _WATCHDOG
        elif (
            chip.interrupted_s is not None
            and not chip.at_prompt
            and not chip.obeyed
            and now_s - chip.interrupted_s > _INTERRUPT_PATIENCE_S
        ):
            chip.interrupted_s = now_s
            chip.process.send_signal(signal.SIGINT)

    def _ended(self, chip: _Chip) -> bool:
        code = chip.process.returncode
        self._drain(chip)
        self._end_chip()
        self.exit_codes.append(code)
        if code not in _RESTART or len(self.exit_codes) >= _MAX_STARTS:
            self._on_fact({"exit": code})
            return False
        raw = chip.raw and code == _SOFT
        if code == _SOFT:
            self._to_client += _SOFT_BANNER
        self._chip = self._start(raw=raw)
        if raw:
            self._chip.swallow = b""
            self._chip.held += _CTRL_A
            self._chip.interrupted_s = time.monotonic() + 60
        self._flush_client()
        return True

    def _drain(self, chip: _Chip) -> None:
        while select.select([self._chip_side], [], [], 0)[0]:
            self._from_chip(chip, listening=True)
        while select.select([chip.observed], [], [], 0)[0]:
            before = len(chip.partial)
            self._observe(chip)
            if len(chip.partial) == before:
                break

    def _start(self, *, raw: bool) -> _Chip:
        _make_plain(self._chip_terminal)
        control_read, control_write = os.pipe()
        observe_read, observe_write = os.pipe()
        # A badge that obeys no more must not hold up whoever sends it another verb.
        os.set_blocking(control_write, False)
        process = self._spawn(self._chip_terminal, control_read, observe_write, raw)
        os.close(control_read)
        os.close(observe_write)
        return _Chip(process, control_write, observe_read, raw)

    def _end_chip(self) -> None:
        chip = self._chip
        if chip.process.poll() is None:
            chip.process.kill()
            chip.process.wait()
        with self._shared:
            if chip.control >= 0:
                os.close(chip.control)
                os.close(chip.observed)
                chip.control = chip.observed = -1


def _make_plain(terminal: int) -> None:
    """No line editing, no signals; NOFLSH marks that no prompt has taken the terminal over."""
    mode = termios.tcgetattr(terminal)
    mode[0] &= ~(termios.ICRNL | termios.IXON | termios.INLCR | termios.IGNCR)
    mode[1] &= ~termios.OPOST
    mode[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
    mode[3] |= termios.NOFLSH
    termios.tcsetattr(terminal, termios.TCSANOW, mode)

"""What the badge writes to USB: log lines and answers, never longer than the host keeps up.

A host that keeps the port open and does not read cannot be told beforehand: poll() always finds
room (ports/esp32/mphalport.c), and once the buffer is full each write waits 500 ms in vain
(shared/tinyusb/mp_usbd_cdc.c). So every byte is timed. After one that was slow nothing is written
for a while; then `tend()`, which asks the stall gate first, tries one byte again.
"""

import asyncio
import select
from time import ticks_diff, ticks_ms

from badge.core.portable import const

_PATIENCE_MS = const(3)
# One that is taken takes microseconds, and one that is not 500 ms; a virtual badge on a busy
# machine may lose its processor in between.
_SLOW_MS = const(250)
_DEAF_MS = const(30_000)
_DEAF_HEARD_MS = const(5_000)
_QUEUED_LINES = const(16)
_STEP_MS = const(2)
_ANSWER_TIMEOUT_MS = const(2000)
_BYTES_A_TURN = const(64)
_CR = const(0x0D)


class ConsoleOut:
    """Writes whole lines to `stream` (binary); counts the lines that nobody was there to read.

    While `must_wait()` lines wait: a press is under way, and a host may be there that stalls.
    `on_stall(began_ms)` hears of each slow byte: a press may have begun in it.
    """

    def __init__(self, stream, must_wait, on_stall):
        self._stream = stream
        self._must_wait = must_wait
        self._on_stall = on_stall
        self._poller = select.poll()
        self._poller.register(stream, select.POLLOUT)
        self._byte = bytearray(1)
        self._waiting = []
        self._answering = False
        self._torn = False
        # When a byte was slow last; None while the host reads.
        self._deaf_since_ms = None
        self.lost = 0

    def line(self, text):
        """Write one log line now, or drop it; callable before any task.

        Takes a few ms at most, but 500 ms with the first byte that a host does not read.
        """
        if self._answering or self._must_wait():
            if len(self._waiting) >= _QUEUED_LINES:
                self._waiting.pop(0)
                self.lost += 1
            self._waiting.append(text)
            return
        if self._waiting:
            self._write_waiting()
        self._write_line(text)

    async def tend(self, gate, *, heard=False):
        """Now and then: write what waited, and see whether a host that was deaf reads again.

        One that was `heard` is tried sooner.
        """
        if self._deaf_since_ms is not None:
            deaf_ms = _DEAF_HEARD_MS if heard else _DEAF_MS
            if ticks_diff(ticks_ms(), self._deaf_since_ms) < deaf_ms:
                return
            await gate.wait_open()
            self._deaf_since_ms = None
            gate.begin()
            try:
                self._put(_CR, 0)
            finally:
                gate.end()
        if self._waiting and not self._answering and not self._must_wait():
            self._write_waiting()

    async def answer(self, line):
        """Write the bytes of one answer; log lines wait until it is out. Gives up after 2 s."""
        self._answering = True
        try:
            whole = await self._write(b"\r\n" + line if self._torn else line)
            self._torn = not whole
            if whole:
                await self._write(b"\r\n")
            else:
                self.lost += 1
        finally:
            self._answering = False
            self._write_waiting()

    def _write_waiting(self):
        waiting, self._waiting = self._waiting, []
        for text in waiting:
            self._write_line(text)

    def _write_line(self, text):
        if self._torn:
            text = "\r\n" + text
        for byte in (text + "\r\n").encode():
            if not self._put(byte, _PATIENCE_MS):
                self._torn = True
                self.lost += 1
                return
        self._torn = False

    async def _write(self, data):
        began_ms = ticks_ms()
        for i in range(len(data)):
            if i % _BYTES_A_TURN == 0:
                await asyncio.sleep_ms(0)
            while not self._put(data[i], 0):
                if self._deaf_since_ms is not None:
                    return False
                if ticks_diff(ticks_ms(), began_ms) > _ANSWER_TIMEOUT_MS:
                    return False
                await asyncio.sleep_ms(_STEP_MS)
        return True

    def _put(self, byte, patience_ms):
        if self._deaf_since_ms is not None:
            return False
        # ipoll() and the one-byte buffer: a line of a hundred bytes leaves no garbage.
        for _ready in self._poller.ipoll(patience_ms):
            self._byte[0] = byte
            began_ms = ticks_ms()
            self._stream.write(self._byte)
            now_ms = ticks_ms()
            if ticks_diff(now_ms, began_ms) < _SLOW_MS:
                return True
            self._on_stall(began_ms)
            # The port says that it went; it did not.
            self._deaf_since_ms = now_ms
        return False

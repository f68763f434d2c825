"""What the badge writes to USB: log lines and answers, never longer than the host keeps up."""

import asyncio
import select
from time import ticks_diff, ticks_ms

from badge.core.portable import const

# print() waits 500 ms for a terminal that is open but does not read (mp_usbd_cdc.c); a squeeze
# cannot wait for that. One byte, after poll() has seen room for it, never waits.
_PATIENCE_MS = const(3)
_QUEUED_LINES = const(16)
_STEP_MS = const(2)
_ANSWER_TIMEOUT_MS = const(2000)
_BYTES_A_TURN = const(64)


class ConsoleOut:
    """Writes whole lines to `stream` (binary); counts the lines that nobody was there to read."""

    def __init__(self, stream):
        self._stream = stream
        self._poller = select.poll()
        self._poller.register(stream, select.POLLOUT)
        self._byte = bytearray(1)
        self._waiting = []
        self._answering = False
        self._torn = False
        self.lost = 0

    def line(self, text):
        """Write one log line now, or drop it; takes a few ms at most. Callable before any task."""
        if self._answering:
            if len(self._waiting) >= _QUEUED_LINES:
                self._waiting.pop(0)
                self.lost += 1
            self._waiting.append(text)
            return
        if self._torn:
            text = "\r\n" + text
        for byte in (text + "\r\n").encode():
            if not self._put(byte, _PATIENCE_MS):
                self._torn = True
                self.lost += 1
                return
        self._torn = False

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
            waiting, self._waiting = self._waiting, []
            for text in waiting:
                self.line(text)

    async def _write(self, data):
        began_ms = ticks_ms()
        for i in range(len(data)):
            if i % _BYTES_A_TURN == 0:
                await asyncio.sleep_ms(0)
            while not self._put(data[i], 0):
                if ticks_diff(ticks_ms(), began_ms) > _ANSWER_TIMEOUT_MS:
                    return False
                await asyncio.sleep_ms(_STEP_MS)
        return True

    def _put(self, byte, patience_ms):
        # ipoll() and the one-byte buffer: a line of a hundred bytes leaves no garbage.
        for _ready in self._poller.ipoll(patience_ms):
            self._byte[0] = byte
            self._stream.write(self._byte)
            return True
        return False

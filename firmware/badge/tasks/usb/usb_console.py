"""Serves the engineer on USB while the badge stays armed; requests as in usb_protocol.py."""

import asyncio
import select
from time import ticks_ms

from badge.core.codec import usb_protocol
from badge.core.portable import const

_IDLE_MS = const(1000)
# Less than what the badge may be without a sign of life from here; a fall is judged within 11 s.
_JUDGED_STEPS = const(30)
_JUDGED_STEP_MS = const(500)
# Reading goes on in turns, so that a flood of garbage never keeps the button waiting.
_BYTES_A_TURN = const(64)
# A line that stops half-way is forgotten, or the next request would be glued to it.
_LINE_IDLE_TURNS = const(3)


class UsbConsole:
    """Reads lines from `stream` (binary), answers through `out` (a ConsoleOut).

    `verbs` maps a verb to (access, handler): `await handler(request)` returns a dict, or raises
    UsbError. One request at a time; a handler that blocks asks the stall gate itself.
    `is_judging()`: a fall is being judged.
    """

    def __init__(self, stream, out, verbs, guard, common, is_judging):
        self._stream = stream
        self._out = out
        self._verbs = verbs
        self._guard = guard
        self._log = common.log
        self._gate = common.gate
        self._is_judging = is_judging
        self._lines = usb_protocol.LineBuffer()
        self._first = b""
        self._has_read = False
        self._poller = select.poll()
        self._poller.register(stream, select.POLLIN)

    async def run(self, feed):
        """Serve for ever."""
        reader = asyncio.StreamReader(self._stream)
        idle_turns = 0
        while True:
            feed()
            await self._out.tend(self._gate)
            self._has_read = False
            try:
                await asyncio.wait_for_ms(self._read_first(reader), _IDLE_MS)
            except asyncio.TimeoutError:
                # It may have been read in the very turn in which the wait for it ended.
                if not self._has_read:
                    idle_turns += 1
                    if idle_turns == _LINE_IDLE_TURNS:
                        self._lines.clear()
                    continue
            idle_turns = 0
            if not self._first:
                await asyncio.sleep_ms(_IDLE_MS)
                continue
            await self._take(self._first[0])
            await self._drain()

    async def _read_first(self, reader):
        self._first = await reader.read(1)
        self._has_read = True

    async def _drain(self):
        # stdin blocks until it has as many bytes as were asked for, so they are taken singly.
        for _ in range(_BYTES_A_TURN):
            if not self._waiting():
                return
            data = self._stream.read(1)
            if not data:
                return
            await self._take(data[0])

    def _waiting(self):
        for _ready in self._poller.ipoll(0):
            return True
        return False

    async def _take(self, byte):
        if byte == usb_protocol.CTRL_C:
            for _ in range(_JUDGED_STEPS):
                await self._gate.wait_open()
                # With the application the verdict would be lost.
                if not self._is_judging():
                    break
                await asyncio.sleep_ms(_JUDGED_STEP_MS)
            # No Exception: it ends the application (badge/stop.py), not this task.
            raise KeyboardInterrupt
        try:
            line = self._lines.push(byte)
        except usb_protocol.UsbError as error:
            await self._out.answer(usb_protocol.make_error(error))
            return
        if line:
            answer = await self._answer(line)
            if answer is not None:
                await self._out.tend(self._gate, heard=True)
                await self._out.answer(answer)

    async def _answer(self, line):
        number = None
        try:
            request = usb_protocol.parse_request(line)
            if request is None:
                return None
            number = request["id"]
            access, handler = self._verb(request["do"])
            self._guard.check(access, ticks_ms())
            return usb_protocol.make_answer(number, await handler(request))
        except usb_protocol.UsbError as error:
            return usb_protocol.make_error(error, number)
        # The engineer gets a sentence and the badge stays armed, whatever a handler died of.
        except Exception as error:  # noqa: BLE001
            self._log.failure("usb.failed", error)
            return usb_protocol.make_error(
                usb_protocol.UsbError("usb.failed", repr(error)), number
            )

    def _verb(self, name):
        if name not in self._verbs:
            raise usb_protocol.UsbError("usb.verb", "This firmware does not know '%s'." % name)
        return self._verbs[name]

"""AT command channel: one command at a time, unsolicited lines dispatched, every wait bounded."""

import asyncio
from time import ticks_add, ticks_diff, ticks_ms

from badge.core.portable import const

_LINE_MAX = const(256)
_LINES_MAX = const(16)
_CHUNK = const(256)
_RESYNC_MS = const(1_600)
_PROBE_MS = const(400)
# The '>' after a command that takes data comes at once; a modem without power says nothing.
_PROMPT_MS = const(2_000)
_SETTLE_MS = const(100)
_SETTLE_MOST = const(30)
# A line takes 22 ms at most (256 bytes at 115200 baud); a pause this long is the end of a burst.
_BURST_GAP_MS = const(100)
_BUSY_LOOK_MS = const(50)
# A command that may take so long takes the channel from all others meanwhile.
_LONG_MS = const(15_000)
# One that had it for less is no reason that somebody else is late.
_HELD_MS = const(5_000)

_IDLE = const(0)
_WAIT_PROMPT = const(1)
_WAIT_FINAL = const(2)

# Listened for with on(): something may have been said that nobody heard.
MISSED = b"?"

_PROBE = b"AT+CMEE?"
_PROBE_REPLY = b"+CMEE:"


class AtError(Exception):
    """`code`: at.timeout, at.error (the modem refused) or at.garbage (no sense in its answer)."""

    def __init__(self, code, text):
        super().__init__("%s: %s" % (code, text))
        self.code = code


class ModemError(Exception):
    """`code`: modem.dead, .no_bearer, .sms_not_ready, one of not_registered.py, or of a socket
    .open, .lost or .hangs. `cause`: the EMM cause of a refusal, 0: not told.
    """

    def __init__(self, code, text, cause=0):
        super().__init__("%s: %s" % (code, text))
        self.code = code
        self.cause = cause


class AtChannel:
    """Give it an asyncio stream over the UART and keep one task in `run()`."""

    def __init__(self, stream):
        self._stream = stream
        self._lock = asyncio.Lock()
        self._event = asyncio.Event()
        self._handlers = {}
        self._line = bytearray(_LINE_MAX)
        self._line_len = 0
        self._state = _IDLE
        self._expect = None
        self._lines = []
        self._error = None
        self._into = None
        self._raw_at = 0
        self._raw_left = 0
        self._raw_ends = False
        self._suspect = False
        self._fill = 0
        self._heard_ms = ticks_ms()
        self._expect_until_ms = self._heard_ms
        self._rouse = _awake
        self._is_held = False
        self._held_ms = None
        self.garbage = 0

    def on(self, prefix, handler):
        """Calls `handler(line)`, which must not wait, for lines with `prefix` before the colon."""
        self._handlers.setdefault(prefix, []).append(handler)

    def rouse_by(self, rouse):
        """Await `rouse()` before the modem is spoken to from now on: it may be asleep."""
        self._rouse = rouse

    def off(self, prefix, handler):
        self._handlers[prefix].remove(handler)

    def widen(self, line_max):
        """Take lines of up to `line_max` bytes from now on, for who reads such."""
        if line_max > len(self._line):
            line = bytearray(line_max)
            line[: self._line_len] = self._line[: self._line_len]
            self._line = line

    def was_held(self, now_ms, within_ms):
        """Whether a command that may take a minute has it, or had it for long within this time.

        Who waits for the channel then does not hang.
        """
        if self._is_held or self._held_ms is None:
            return self._is_held
        if 0 <= ticks_diff(now_ms, self._held_ms) < within_ms:
            return True
        self._held_ms = None
        return False

    def missed(self):
        """The UART did not listen while the modem spoke: whoever waits for a line asks instead."""
        self._line_len = 0
        for handler in self._handlers.get(MISSED, ()):
            handler(MISSED)

    def expect_for(self, expect_ms):
        """An answer from far away is due: the chip stays awake so long for its first byte."""
        self._expect_until_ms = ticks_add(ticks_ms(), expect_ms)

    def awake_ms(self, now_ms):
        """For how long the UART must keep listening, 0 when nothing is under way or expected."""
        if self._lock.locked():
            return _BUSY_LOOK_MS
        quiet_ms = ticks_diff(now_ms, self._heard_ms)
        if quiet_ms < _BURST_GAP_MS:
            return _BURST_GAP_MS - max(quiet_ms, 0)
        return max(ticks_diff(self._expect_until_ms, now_ms), 0)

    def idle_for_ms(self, now_ms):
        """How long nothing has been said in either direction."""
        if self._lock.locked():
            return 0
        return ticks_diff(now_ms, self._heard_ms)

    async def run(self):
        """Reads the UART until it is cancelled."""
        chunk = bytearray(_CHUNK)
        while True:
            n = await self._stream.readinto(chunk)
            self._heard_ms = ticks_ms()
            if n:
                self._feed(chunk, n)

    async def command(self, text, timeout_ms, expect=None, data=None):
        """Sends `text` (and `data` at the '>' prompt); returns the lines that start with `expect`.

        Raises AtError. A channel in doubt is first brought back in step, at most 1.7 s extra.
        """
        async with self._lock:
            await self._rouse()
            await self._bring_in_step()
            self._is_held = timeout_ms > _LONG_MS
            began_ms = ticks_ms()
            try:
                await self._transact(text, timeout_ms, expect, data)
            finally:
                if self._is_held and ticks_diff(ticks_ms(), began_ms) >= _HELD_MS:
                    self._held_ms = ticks_ms()
                self._is_held = False
            lines = self._lines
            if expect is not None and not lines:
                self._suspect = True
                raise AtError(
                    "at.garbage",
                    "no %s line in answer to %s" % (printable(expect), printable(text)),
                )
            return lines

    async def receive(self, text, prefix, into, timeout_ms):
        """Sends `text`, answered by `prefix`<count>,<raw>; returns the count put in `into`."""
        async with self._lock:
            await self._rouse()
            await self._bring_in_step()
            self._into = into
            self._raw_at = 0
            try:
                await self._transact(text, timeout_ms, prefix, None)
            finally:
                self._into = None
                self._raw_left = 0
                self._raw_ends = False
            if not self._lines or self._number(self._lines[0], len(prefix)) != self._raw_at:
                raise AtError("at.garbage", "no sound data in answer to %s" % printable(text))
            self._suspect = False
            return self._raw_at

    async def answers(self, timeout_ms):
        """True as soon as the modem answers, False after about `timeout_ms`."""
        async with self._lock:
            await self._rouse()
            return await self._probe(timeout_ms)

    async def _transact(self, text, timeout_ms, expect, data):
        self._lines = []
        self._error = None
        self._expect = expect
        self._state = _WAIT_FINAL if data is None else _WAIT_PROMPT
        # Until its final result is in, the answer to this command may turn up under the next one.
        self._suspect = True
        self._fill = len(data) if data is not None else 0
        limit_ms = timeout_ms if data is None else min(timeout_ms, _PROMPT_MS)
        try:
            await asyncio.wait_for_ms(self._say(text + b"\r"), limit_ms)
            if data is not None and self._state != _IDLE:
                limit_ms = timeout_ms
                await asyncio.wait_for_ms(self._say(data), limit_ms)
        except asyncio.TimeoutError:
            raise AtError("at.timeout", "no answer to %s in %d ms" % (printable(text), limit_ms))
        finally:
            self._state = _IDLE
            self._expect = None
        # Data taken for lines may hold anything; receive() trusts the channel when it is sound.
        self._suspect = self._into is not None
        if self._error:
            raise AtError("at.error", "%s answered %s" % (printable(text), printable(self._error)))

    async def _say(self, data):
        self._heard_ms = ticks_ms()
        self._event.clear()
        self._stream.write(data)
        await self._stream.drain()
        await self._event.wait()

    async def _bring_in_step(self):
        if self._suspect and not await self._probe(_RESYNC_MS):
            raise AtError("at.timeout", "the modem does not answer AT")

    async def _probe(self, timeout_ms):
        is_in_doubt = self._suspect
        # A lost prompt leaves the modem waiting for data: escape, then that many line ends.
        self._stream.write(b"\x1b" + b"\r" * (self._fill + 1))
        try:
            await asyncio.wait_for_ms(self._stream.drain(), _PROMPT_MS)
        except asyncio.TimeoutError:
            self._suspect = True
            return False
        for tries in range(max(timeout_ms // _PROBE_MS, 1)):
            try:
                # The modem answers in order, so everything before this one's own line is stale.
                await self._transact(_PROBE, _PROBE_MS, _PROBE_REPLY, None)
            except AtError:
                continue
            if tries or is_in_doubt:
                await self._settle()
            return True
        self._suspect = True
        return False

    async def _settle(self):
        """A modem that starts answers all that it was asked meanwhile, one after the other."""
        for _ in range(_SETTLE_MOST):
            await asyncio.sleep_ms(_SETTLE_MS)
            if ticks_diff(ticks_ms(), self._heard_ms) >= _SETTLE_MS:
                return

    def _feed(self, chunk, n):
        i = 0
        line = self._line
        line_max = len(line)
        while i < n:
            if self._raw_left:
                take = min(self._raw_left, n - i)
                self._into[self._raw_at : self._raw_at + take] = chunk[i : i + take]
                self._raw_at += take
                self._raw_left -= take
                i += take
                continue
            byte = chunk[i]
            i += 1
            if self._raw_ends:
                self._raw_ends = False
                if byte not in (13, 10):
                    # A line begins anew after the raw part: its length was wrong.
                    self._lines[0] = b""
            length = self._line_len
            if byte in (13, 10):
                self._line_len = 0
                if length > line_max:
                    self.garbage += 1
                elif length:
                    # Power that comes and goes leaves NUL and 0xFF on the wire, before RDY too.
                    text = bytes(line[:length]).strip(b" \t\x00\xff")
                    if text:
                        self._on_line(text)
            elif byte == 62 and not length and self._state == _WAIT_PROMPT:
                self._state = _WAIT_FINAL
                self._event.set()
            elif length >= line_max:
                self._line_len = line_max + 1
            else:
                line[length] = byte
                self._line_len = length + 1
                if byte == 44 and self._into is not None and not self._lines:
                    self._start_raw(bytes(line[: length + 1]))

    def _start_raw(self, line):
        """A line of `prefix`<count>, with a count that fits opens the raw part."""
        if self._state != _WAIT_FINAL or not line.startswith(self._expect):
            return
        count = self._number(line[:-1], len(self._expect))
        if 0 < count <= len(self._into):
            self._lines.append(line[:-1])
            self._raw_at = 0
            self._raw_left = count
            self._raw_ends = True
            self._line_len = 0

    def _on_line(self, line):
        handlers = self._handlers.get(line.split(b":")[0], ())
        for handler in handlers:
            handler(line)
        if self._state == _IDLE:
            if not handlers:
                self.garbage += 1
        elif line == b"OK":
            # The answer to a probe carries its own line; an OK before that belongs to the past.
            if self._expect != _PROBE_REPLY or self._lines:
                self._finish(None)
        elif line == b"ERROR" or line[:10] in (b"+CME ERROR", b"+CMS ERROR"):
            if self._expect != _PROBE_REPLY:
                self._finish(line)
        elif self._expect is not None and line.startswith(self._expect):
            if len(self._lines) < _LINES_MAX:
                self._lines.append(line)
        elif not handlers:
            # A modem says more than it was asked: wherever a line falls, it is passed over.
            self.garbage += 1

    def _finish(self, error):
        self._error = error
        self._state = _IDLE
        self._event.set()

    @staticmethod
    def _number(line, at):
        digits = line[at:].strip()
        return int(digits) if digits.isdigit() and len(digits) < 6 else -1


async def _awake():
    """A modem that never sleeps."""


def printable(raw):
    """Printable form of what went over the wire, for error texts."""
    return "".join(chr(b) if 32 <= b < 127 else "." for b in raw[:60])

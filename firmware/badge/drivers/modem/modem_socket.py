"""A TCP connection of the modem as a non-blocking stream (SIMCom AT manual V1.05, 12.2)."""

import asyncio
import io
from time import ticks_diff, ticks_ms

from badge.core.portable import const
from badge.drivers.modem.at import MISSED, AtError, ModemError, printable

_SEGMENT_MAX = const(1460)
# Less than a handshake waits for its first answer: a prompt that got lost is no task that hangs.
_SEND_MS = const(10_000)
_RECV_MS = const(3_000)
_CLOSE_MS = const(2_000)
_FLUSH_MS = const(1_000)
# One that is there answers within some 10 ms; three lines in a row do not get lost.
_SOUND_MS = const(1_200)
# A step of the socket's task takes less, by its own time-outs and those of who speaks before it.
_STEP_MS = const(25_000)
# +CADATAIND can get lost on the wire and is not repeated: look while an answer is due.
_LOOK_FIRST_MS = const(3_000)
_LOOK_LAST_MS = const(24_000)

_CLOSED = const(0)
_OPEN = const(1)
_ENDING = const(2)

_POLL = const(3)
_CLOSE = const(4)
_POLL_RD = const(1)
_POLL_WR = const(4)
_POLL_HUP = const(16)
_EPIPE = const(32)

_FATAL_URCS = (
    b"RDY",
    b"NORMAL POWER DOWN",
    b"PSM POWER DOWN",
    b"UNDER-VOLTAGE POWER DOWN",
    b"OVER-VOLTAGE POWER DOWN",
    b"+APP PDP",
)


class ModemSocket(io.IOBase):
    """Stream over AT+CAOPEN, CASEND and CARECV; `error` is what ended it, or None."""

    def __init__(self, at, cid=0, buffer_size=2048):
        self._at = at
        self._cid = cid
        self._rx = bytearray(buffer_size)
        self._rx_start = 0
        self._rx_end = 0
        self._tx = bytearray(buffer_size)
        self._tx_len = 0
        self._state = _CLOSED
        self._arrived = False
        self._answer_due = False
        self._look_ms = _LOOK_FIRST_MS
        self._work = asyncio.Event()
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()
        self._task = None
        self._is_busy = False
        self._steps = 0
        self._was_idle = False
        self._opened_ms = 0
        self.error = None
        self.sent_bytes = 0
        self.received_bytes = 0

    async def open(self, host, port, timeout_ms):
        """Connects; raises AtError, or ModemError modem.open with the modem's result code."""
        await self.aclose()
        try:
            await self._at.command(b"AT+CACLOSE=%d" % self._cid, _CLOSE_MS)
        except AtError as e:
            # Refused means that nothing was left open, which is what we want.
            if e.code != "at.error":
                raise
        lines = await self._at.command(
            b'AT+CAOPEN=%d,0,"TCP","%s",%d' % (self._cid, host.encode(), port),
            timeout_ms,
            expect=b"+CAOPEN: %d," % self._cid,
        )
        result = lines[0].split(b",")[1]
        if result != b"0":
            raise ModemError("modem.open", "CAOPEN result %s" % printable(result))
        self._rx_start = self._rx_end = self._tx_len = 0
        self._arrived = self._answer_due = self._is_busy = self._was_idle = False
        self._look_ms = _LOOK_FIRST_MS
        self.error = None
        self._readable.clear()
        self._writable.set()
        self._state = _OPEN
        self._opened_ms = ticks_ms()
        self._listen(self._at.on)
        self._task = asyncio.create_task(self._pump())

    async def aclose(self):
        """Sends what was written (1 s at most) and closes; harmless when already closed."""
        if self._task is None:
            return
        # A goodbye that was written just before must not be cut off.
        while self._state == _OPEN and self._tx_len:
            self._writable.clear()
            if not await self._wait(self._writable, _FLUSH_MS):
                break
        is_deaf = self.is_bearer_lost()
        # One that gave up by its own time-outs, or ended in its first step, does not hang.
        is_idle = self._tx_len and not self._steps and self.error is None
        had_time = ticks_diff(ticks_ms(), self._opened_ms) >= _SEND_MS
        self._was_idle = bool(is_idle and had_time and not self._at.was_held(ticks_ms(), _STEP_MS))
        self._end(None)
        self._task.cancel()
        self._task = None
        self._listen(self._at.off)
        if is_deaf:
            # The next open() closes the socket again before it uses it.
            return
        try:
            await self._at.command(b"AT+CACLOSE=%d" % self._cid, _CLOSE_MS)
        except AtError as e:
            self.error = self.error or e

    def is_bearer_lost(self):
        """True when the connection ended because the modem fell silent, or started again."""
        return self.error is not None and self.error.code in ("at.timeout", "modem.lost")

    def hangs(self):
        """True when its own task had stopped working, or never did a thing of what it had to."""
        if self._was_idle:
            return True
        return self.error is not None and self.error.code == "modem.hangs"

    async def sound(self):
        """Whether the modem still answers; if not, the connection has ended."""
        if self._state != _CLOSED and not await self._at.answers(_SOUND_MS):
            self._end(AtError("at.timeout", "the modem does not answer AT"))
        return self.error is None

    async def wait_readable(self, timeout_ms):
        """True when there is something to read or the end is reached; False after `timeout_ms`."""
        return await self._wait(self._readable, timeout_ms)

    async def drain(self, timeout_ms):
        """True when there is room to write or the end is reached; False after `timeout_ms`."""
        return await self._wait(self._writable, timeout_ms)

    def readinto(self, buf):
        n = min(len(buf), self._rx_end - self._rx_start)
        if not n:
            if self._state == _CLOSED:
                return 0
            self._readable.clear()
            return None
        # On the chip this runs inside mbedtls' read callback: it must not raise.
        memoryview(buf)[:n] = memoryview(self._rx)[self._rx_start : self._rx_start + n]
        self._rx_start += n
        if self._arrived:
            self._work.set()
        return n

    def write(self, buf):
        if self._state != _OPEN:
            return -_EPIPE
        n = min(len(buf), len(self._tx) - self._tx_len)
        if not n:
            self._writable.clear()
            return None
        memoryview(self._tx)[self._tx_len : self._tx_len + n] = memoryview(buf)[:n]
        self._tx_len += n
        self._work.set()
        return n

    def ioctl(self, request, arg):
        if request == _POLL:
            ready = 0
            if self._rx_end > self._rx_start or self._state == _CLOSED:
                ready |= _POLL_RD
            if self._state != _OPEN:
                ready |= _POLL_HUP
            elif self._tx_len < len(self._tx):
                ready |= _POLL_WR
            return ready & (arg | _POLL_HUP)
        if request == _CLOSE:
            self._end(None)
        return 0

    async def _pump(self):
        try:
            while self._state != _CLOSED:
                await self._wait_for_work()
                self._is_busy = True
                if self._tx_len and self._state == _OPEN:
                    await self._send()
                if self._arrived:
                    await self._receive()
                self._is_busy = False
                self._steps += 1
                if self._state == _ENDING and not self._arrived:
                    self._end(None)
        except AtError as e:
            # After the far end has closed, some firmware refuses to read an empty socket.
            self._end(None if self._state == _ENDING and e.code == "at.error" else e)
        # The boundary of a task: a socket without it would stay open and silent.
        except (Exception, asyncio.CancelledError) as e:  # noqa: BLE001
            self._end(ModemError("modem.lost", "the socket's task died of %r" % e))

    async def _wait_for_work(self):
        if self._answer_due:
            try:
                await asyncio.wait_for_ms(self._work.wait(), self._look_ms)
            except asyncio.TimeoutError:
                self._arrived = True
                self._look_ms *= 2
                self._answer_due = self._look_ms <= _LOOK_LAST_MS
        else:
            await self._work.wait()
        self._work.clear()

    async def _send(self):
        n = min(self._tx_len, _SEGMENT_MAX)
        tx = memoryview(self._tx)
        await self._at.command(b"AT+CASEND=%d,%d" % (self._cid, n), _SEND_MS, data=tx[:n])
        self.sent_bytes += n
        left = self._tx_len - n
        if left:
            tx[:left] = bytes(tx[n : self._tx_len])
            self._work.set()
        self._tx_len = left
        self._answer_due = True
        self._look_ms = _LOOK_FIRST_MS
        self._at.expect_for(_LOOK_FIRST_MS)
        self._writable.set()

    async def _receive(self):
        rx = memoryview(self._rx)
        if self._rx_start:
            left = self._rx_end - self._rx_start
            rx[:left] = bytes(rx[self._rx_start : self._rx_end])
            self._rx_start = 0
            self._rx_end = left
        room = min(len(rx) - self._rx_end, _SEGMENT_MAX)
        if not room:
            return
        # Cleared first: an indication that comes in while we read announces more.
        self._arrived = False
        n = await self._at.receive(
            b"AT+CARECV=%d,%d" % (self._cid, room),
            b"+CARECV: ",
            rx[self._rx_end : self._rx_end + room],
            _RECV_MS,
        )
        if n:
            self._rx_end += n
            self.received_bytes += n
            self._answer_due = False
            self._at.expect_for(0)
            self._readable.set()
        if n == room:
            self._arrived = True
        if self._arrived or self._state == _ENDING:
            self._work.set()

    def _listen(self, on_or_off):
        on_or_off(MISSED, self._on_missed)
        on_or_off(b"+CADATAIND", self._on_data)
        on_or_off(b"+CASTATE", self._on_state)
        for urc in _FATAL_URCS:
            on_or_off(urc, self._on_modem_lost)

    def _on_data(self, line):
        if line == b"+CADATAIND: %d" % self._cid:
            self._arrived = True
            self._work.set()

    def _on_missed(self, _line):
        self._arrived = True
        self._work.set()

    def _on_state(self, line):
        if line == b"+CASTATE: %d,0" % self._cid and self._state == _OPEN:
            self._state = _ENDING
            self._arrived = True
            self._work.set()

    def _on_modem_lost(self, line):
        if line[:8] == b"+APP PDP" and _bearer_is_up(line[9:]):
            return
        self._end(ModemError("modem.lost", printable(line)))

    def _end(self, error):
        if self._state == _CLOSED:
            return
        self._state = _CLOSED
        self.error = error
        self._readable.set()
        self._writable.set()
        self._work.set()

    async def _wait(self, event, timeout_ms):
        while timeout_ms > 0:
            has_work = self._tx_len or self._arrived or self._is_busy
            steps = self._steps if has_work else None
            wait_ms = min(timeout_ms, _STEP_MS)
            try:
                await asyncio.wait_for_ms(event.wait(), wait_ms)
            except asyncio.TimeoutError:
                timeout_ms -= wait_ms
                if (
                    wait_ms == _STEP_MS
                    and steps == self._steps
                    and not self._at.was_held(ticks_ms(), _STEP_MS)
                ):
                    self._end(ModemError("modem.hangs", "the socket's task does nothing"))
                    return True
            else:
                return True
        return event.is_set()


def _bearer_is_up(tail):
    """True for what +APP PDP says of another context than ours, and when ours is active."""
    fields = [field.strip() for field in tail.split(b",")]
    return (fields[0].isdigit() and fields[0] != b"0") or fields == [b"0", b"ACTIVE"]

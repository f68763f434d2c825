"""Drains the accelerometer's FIFO into the ring and through the fall detector."""

import asyncio
from array import array
from time import ticks_diff, ticks_ms

from badge.core.detector import detect
from badge.core.portable import const
from badge.drivers.lsm6dsox import ImuError
from badge.tasks.bell import IrqBell

_RETRY_FIRST_MS = const(500)
_RETRY_MAX_MS = const(30_000)
# Without an interrupt for this long the FIFO is looked at anyway: edges can be dropped.
_LOOK_ANYWAY_MS = const(1000)
# A healthy FIFO never stays empty this long (the slowest watermark is far below it).
_SILENT_LOOKS = const(3)
# More than this lost in a minute or two: what the detector says of it is not to be relied on.
_GAPS_SAMPLES = const(104)
_SILENT_MS = const(5000)
_GAPS_MS = const(60_000)


class MotionTask:
    """Owns the path chip -> ring -> man-down; nothing in it allocates per sample.

    `watch` is a BodyWatch: it hears of each block, and at least once a second.
    """

    def __init__(self, imu, int1, ring, man_down, watch, log, *, watermark_samples):
        self._imu = imu
        self._int1 = int1
        self._ring = ring
        self._man_down = man_down
        self._watermark_samples = watermark_samples
        self._watch = watch
        self._log = log
        self._burst = array("H", bytes(6 * detect.BLOCK_SAMPLES))
        self._ready = IrqBell()
        self._failures = 0
        self._heard_ms = ticks_ms()
        self._silent = False
        self._gaps = 0
        self._gaps_before = 0
        self._gaps_from_ms = ticks_ms()
        self._test = None

    def reason(self):
        """Return "motion" while man-down cannot be relied on, a reason of protection.py, else "".

        To be asked more often than ticks wrap: for silence it is latched until a sample comes.
        """
        now_ms = ticks_ms()
        self._look_back(now_ms)
        if ticks_diff(now_ms, self._heard_ms) >= _SILENT_MS:
            self._silent = True
        has_gaps = self._gaps + self._gaps_before >= _GAPS_SAMPLES
        return "motion" if self._silent or has_gaps else ""

    async def self_test(self, timeout_ms):
        """Have the chip test itself, without fall detection meanwhile; see Lsm6dsox.self_test.

        Who asks while a test runs gets the answer of that one.
        """
        test = self._test
        if test is None:
            test = self._test = _Test()
        self._ready.set()
        try:
            await asyncio.wait_for_ms(test.done.wait(), timeout_ms)
        except asyncio.TimeoutError:
            raise ImuError("imu.failed", "the accelerometer is not running")
        finally:
            if self._test is test:
                self._test = None
        if test.error is not None:
            raise test.error
        return test.moved_mg

    async def run(self, feed):
        """Sample for ever; a chip that fails is started again with growing pauses."""
        self._int1.irq(self._on_watermark, self._int1.IRQ_RISING)
        while True:
            feed()
            try:
                self._imu.start(watermark_samples=self._watermark_samples)
                self._log.event("imu.started", watermark=self._watermark_samples)
                await self._sample(feed)
                await self._run_test()
                continue
            except ImuError as error:
                self._failures += 1
                self._log.failure("imu.failed", error, failures=self._failures)
                self._man_down.reset()
            await self._pause(feed)

    async def _sample(self, feed):
        """Sample until a self-test is asked for."""
        silent_looks = 0
        while self._test is None:
            feed()
            await self._ready.wait_ms(_LOOK_ANYWAY_MS)
            silent_looks = 0 if await self.drain() else silent_looks + 1
            self._watch.tick(ticks_ms())
            if silent_looks >= _SILENT_LOOKS:
                raise ImuError("imu.silent", "the accelerometer delivers no samples")

    async def _run_test(self):
        test = self._test
        if test is None:
            return
        began_ms = ticks_ms()
        try:
            test.moved_mg = await self._imu.self_test()
        except ImuError as error:
            test.error = error
        self._test = None
        test.done.set()
        # The detector saw nothing of this, and must not see what the test did as motion.
        self._man_down.reset()
        missed = ticks_diff(ticks_ms(), began_ms) * detect.RATE_HZ // 1000
        self._ring.mark_gap(missed)
        self._log.event("imu.self_test", missed=missed)

    async def drain(self):
        """Empty the FIFO block by block, with turns for other tasks; returns the samples read."""
        total = 0
        while True:
            # Never over the end of a block, so that each decision is made and logged on its own.
            room = self._man_down.room()
            n = self._imu.read_into(self._burst, room)
            self._report_overrun()
            if n:
                total += n
                self._failures = 0
                self._heard_ms = ticks_ms()
                self._silent = False
                self._ring.write(self._burst, n)
                bits = self._man_down.feed(self._burst, n)
                self._watch.block(bits, self._ring.count, self._heard_ms)
            if n < room:
                return total
            await asyncio.sleep_ms(0)

    def _report_overrun(self):
        lost = self._imu.take_lost()
        if lost:
            self._ring.mark_gap(lost)
            self._look_back(ticks_ms())
            self._gaps += lost
            self._log.event("imu.overrun", lost=lost)

    def _look_back(self, now_ms):
        passed_ms = ticks_diff(now_ms, self._gaps_from_ms)
        if 0 <= passed_ms < _GAPS_MS:
            return
        self._gaps_before = self._gaps if passed_ms < 2 * _GAPS_MS else 0
        self._gaps = 0
        self._gaps_from_ms = now_ms

    async def _pause(self, feed):
        pause_ms = min(_RETRY_FIRST_MS << min(self._failures, 6), _RETRY_MAX_MS)
        while pause_ms > 0:
            feed()
            self._watch.tick(ticks_ms())
            await asyncio.sleep_ms(min(pause_ms, 1000))
            pause_ms -= 1000

    def look_now(self):
        """The FIFO may be ready although nobody saw the interrupt's edge."""
        self._ready.set()

    def _on_watermark(self, _pin):
        self._ready.set()


class _Test:
    """A self-test that was asked for, and what came of it."""

    def __init__(self):
        self.done = asyncio.Event()
        self.moved_mg = None
        self.error = None

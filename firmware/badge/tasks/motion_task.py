"""Drains the accelerometer's FIFO into the ring and through the fall detector."""

import asyncio
from array import array
from time import ticks_diff, ticks_ms

from badge.core import alarm as life
from badge.core import detect
from badge.core.portable import const
from badge.drivers.lsm6dsox import ImuError

_BURST_FRAMES = const(32)
_RETRY_FIRST_MS = const(500)
_RETRY_MAX_MS = const(30_000)
# Without an interrupt for this long the FIFO is looked at anyway: edges can be dropped.
_LOOK_ANYWAY_MS = const(1000)
# A healthy FIFO never stays empty this long (the slowest watermark is far below it).
_SILENT_LOOKS = const(3)

_EVENT_NAMES = (
    (detect.EV_IMPACT, "impact"),
    (detect.EV_REJECTED, "rejected"),
    (detect.EV_FALL, "fall"),
    (detect.EV_CONFIRMED, "confirmed"),
    (detect.EV_RECOVERED, "recovered"),
)
_ABOUT_A_FALL = detect.EV_FALL | detect.EV_CONFIRMED | detect.EV_RECOVERED


class MotionTask:
    """Owns the path chip -> ring -> man-down -> alarm; nothing in it allocates per sample."""

    def __init__(self, imu, int1, ring, man_down, watermark_samples, keeper, log):
        self._imu = imu
        self._int1 = int1
        self._ring = ring
        self._man_down = man_down
        self._watermark_samples = watermark_samples
        self._keeper = keeper
        self._log = log
        self._burst = array("H", bytes(6 * _BURST_FRAMES))
        self._ready = asyncio.ThreadSafeFlag()
        self._failures = 0
        self._test = None

    async def self_test(self, timeout_ms):
        """Have the chip test itself, without fall detection meanwhile; see Lsm6dsox.self_test."""
        test = self._test = _Test()
        self._ready.set()
        try:
            await asyncio.wait_for_ms(test.done.wait(), timeout_ms)
        except asyncio.TimeoutError:
            raise ImuError("imu.failed", "the accelerometer is not running")
        finally:
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
            try:
                await asyncio.wait_for_ms(self._ready.wait(), _LOOK_ANYWAY_MS)
            except asyncio.TimeoutError:
                pass
            silent_looks = 0 if await self.drain() else silent_looks + 1
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
        """Empty the FIFO in bursts, with turns for other tasks; returns the samples read."""
        total = 0
        while True:
            n = self._imu.read_into(self._burst, _BURST_FRAMES)
            self._report_overrun()
            if n:
                total += n
                self._failures = 0
                self._ring.write(self._burst, n)
                bits = self._man_down.feed(self._burst, n)
                if bits:
                    self._hear(bits, ticks_ms())
            if n < _BURST_FRAMES:
                return total
            await asyncio.sleep_ms(0)

    def _hear(self, bits, now_ms):
        events = self._man_down.on_events(bits, now_ms)
        self._log_motion(bits)
        for event in events:
            if event == life.EV_CONDITION:
                self._keeper.condition(
                    life.KIND_MAN_DOWN, now_ms, self._man_down.peak_mg, self._man_down.tilt_deg
                )
            elif event == life.EV_CLEAR:
                self._keeper.clear(now_ms)

    def _log_motion(self, bits):
        for bit, name in _EVENT_NAMES:
            if not bits & bit:
                continue
            since = self._man_down.samples_since_impact()
            if bit & _ABOUT_A_FALL:
                since = self._man_down.samples_since_fall()
            since_ms = since * 1000 // detect.RATE_HZ
            if bit == detect.EV_REJECTED:
                # The alarm that was not raised, and what spoke against it.
                self._log.event(
                    "motion." + name,
                    since_impact_ms=since_ms,
                    tilt_deg=self._man_down.posture_change_deg(),
                    points=self._man_down.points(),
                )
            else:
                self._log.event("motion." + name, since_impact_ms=since_ms)

    def _report_overrun(self):
        lost = self._imu.take_lost()
        if lost:
            self._ring.mark_gap(lost)
            self._log.event("imu.overrun", lost=lost)

    async def _pause(self, feed):
        pause_ms = min(_RETRY_FIRST_MS << min(self._failures, 6), _RETRY_MAX_MS)
        while pause_ms > 0:
            feed()
            await asyncio.sleep_ms(min(pause_ms, 1000))
            pause_ms -= 1000

    def _on_watermark(self, _pin):
        self._ready.set()


class _Test:
    """A self-test that was asked for, and what came of it."""

    def __init__(self):
        self.done = asyncio.Event()
        self.moved_mg = None
        self.error = None

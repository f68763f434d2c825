"""Drains the accelerometer's FIFO into the ring and through the fall detector.

A fault is met in three steps. A transfer that fails is tried again until its samples would be
lost anyway, for the FIFO holds 4.9 s. Samples that are missing are bridged, up to 0.46 s. Only
what lasts longer starts the chip or the detector anew.
"""

import asyncio
from array import array
from time import ticks_add, ticks_diff, ticks_ms

from badge.core.detector import detect
from badge.core.detector import gap as gaps
from badge.core.leaky_bucket import LeakyBucket
from badge.core.portable import const
from badge.drivers.chip_errors import ImuError
from badge.tasks.bell import IrqBell

# A chip that has sampled since its last start is started again at once, so that what a reset takes
# is a gap that is bridged; but not more often than this. Where starts are in vain pauses follow.
_APART_MS = const(250)
_VAIN_AT_ONCE = const(2)
_RETRY_FIRST_MS = const(500)
_RETRY_MAX_MS = const(30_000)
# While a transfer fails: soon at first, for most faults are over at once.
_AGAIN_FIRST_MS = const(10)
_AGAIN_MAX_MS = const(250)
# The FIFO is full by then.
_OUTAGE_MS = const(4_500)
# How much later than the watermark is due the FIFO is looked at without an interrupt: edges can be
# dropped, and a chip that has reset itself gives none.
_LATE_PERCENT = const(10)
_LATE_MS = const(5)
# Who has just reset itself may do it again: it is looked at so often, and less is lost.
_CLOSE_LOOK_MS = const(60)
# Faults of the wires: what the chip has measured may still be there.
_MAY_PASS = ("imu.bus", "imu.absent", "imu.identity")
# Looks without a sample, of a chip that is set up as it should be.
_SILENT_LOOKS = const(8)
_SILENT_MS = const(5000)
# Sampling for so long without a fault makes up for those before: more than a frozen chip needs to
# be noticed.
_SOUND_MS = const(4_000)
_TELL_EVERY_MS = const(10_000)
# A sample takes 0.18 ms to read, and an edge of a button is dated when it is seen.
_WHILE_PRESSED = const(8)
# Who falls is lighter by more than this, and who lands heavier; who walks is neither.
_FALLING_MG = const(500)
# What makes too many faults: a look at the chip that fails, a word or a restart is 20 points, a
# sample that is missing 1; one point is forgotten each second.
_FAULT_POINTS = const(20)
_FULL_POINTS = const(100)
_CLEAR_POINTS = const(40)


class MotionTask:
    """Owns the path chip -> ring -> man-down; nothing in it allocates per sample.

    `watch` is a BodyWatch: it hears of each block, and at least once a second. `is_pressed()`
    says whether a press is under way.
    """

    def __init__(self, imu, int1, ring, man_down, watch, log, *, watermark_samples, is_pressed):
        self._imu = imu
        self._int1 = int1
        self._ring = ring
        self._man_down = man_down
        self._watermark_samples = watermark_samples
        self._is_pressed = is_pressed
        self._watch = watch
        self._log = log
        self._burst = array("H", bytes(6 * detect.BLOCK_SAMPLES))
        self._before_gap = array("H", bytes(6 * gaps.SHAKEN_SAMPLES))
        self._last_mg = array("H", bytes(6))
        self._ready = IrqBell()
        period_ms = watermark_samples * 1000 // detect.RATE_HZ
        self._late_ms = period_ms * (100 + _LATE_PERCENT) // 100 + _LATE_MS
        self._look_ms = self._late_ms
        self._failures = 0
        self._failed_ms = None
        # Restarts in a row after which the chip said nothing of worth, and when it was started.
        self._vain = 0
        self._started_ms = self._heard_ms = ticks_ms()
        self._is_silent = False
        self._bucket = LeakyBucket(_FULL_POINTS, _CLEAR_POINTS, self._heard_ms)
        self._faults = 0
        self._overruns = 0
        self._tested_itself = False
        # Gaps that the log does not have yet, and when it was told of one.
        self._untold = 0
        self._told_ms = ticks_add(self._heard_ms, -_TELL_EVERY_MS)
        self._test = None

    def reason(self):
        """Return "motion" while man-down cannot be relied on, a reason of protection.py, else "".

        To be asked more often than ticks wrap: for silence it is latched until samples are sound.
        """
        now_ms = ticks_ms()
        if ticks_diff(now_ms, self._heard_ms) >= _SILENT_MS:
            self._is_silent = True
        return "motion" if self._is_silent or self._bucket.is_over(now_ms) else ""

    async def self_test(self, timeout_ms):
        """Have the chip test itself, without fall detection meanwhile; see Lsm6dsox.self_test.

        It waits until nobody falls or has just fallen, for as long as who asks. Who asks while one
        runs gets the answer of that.
        """
        test = self._test
        if test is None:
            test = self._test = _Test()
        self._ready.set()
        try:
            await asyncio.wait_for_ms(test.done.wait(), timeout_ms)
        except asyncio.TimeoutError:
            if self._may_be_fall():
                raise ImuError("imu.busy", "somebody falls or moves hard")
            raise ImuError("imu.failed", "the accelerometer is not running")
        finally:
            if self._test is test:
                self._test = None
        if test.error is not None:
            raise test.error
        return test.moved_mg

    async def run(self, feed):
        """Sample for ever; a chip that fails is started again, with pauses where that is vain."""
        self._int1.irq(self._on_watermark, self._int1.IRQ_RISING)
        is_told = True
        while True:
            feed()
            self._started_ms = ticks_ms()
            # What was heard before does not speak for this start.
            heard_ms = self._heard_ms
            try:
                self._imu.start(watermark_samples=self._watermark_samples)
                if is_told or self._vain > _VAIN_AT_ONCE:
                    self._log.event("imu.started", watermark=self._watermark_samples)
                await self._sample(feed)
                await self._run_test()
                is_told = True
            except ImuError as error:
                is_told = self._note_failure(error)
                self._bucket.add(_FAULT_POINTS, ticks_ms())
                self._look_ms = _CLOSE_LOOK_MS
                pause_ms = 0
                self._vain += 1
                if error.code != "imu.frozen" and self._heard_ms != heard_ms:
                    self._vain = 0
                    pause_ms = _APART_MS - ticks_diff(ticks_ms(), self._started_ms)
                elif self._vain > _VAIN_AT_ONCE:
                    shift = min(self._vain - _VAIN_AT_ONCE - 1, 6)
                    pause_ms = min(_RETRY_FIRST_MS << shift, _RETRY_MAX_MS)
                while pause_ms > 0:
                    feed()
                    self._watch.tick(ticks_ms())
                    await asyncio.sleep_ms(min(pause_ms, 1000))
                    pause_ms -= 1000

    async def _sample(self, feed):
        """Sample until a self-test is asked for and may be."""
        silent_looks = 0
        while self._test is None or self._may_be_fall():
            feed()
            await self._ready.wait_ms(self._look_ms)
            silent_looks = 0 if await self._look(feed) else silent_looks + 1
            self._watch.tick(ticks_ms())
            if silent_looks >= _SILENT_LOOKS:
                raise ImuError("imu.silent", "the accelerometer delivers no samples")
            if self._imu.is_frozen():
                # What it said meanwhile is worth nothing.
                self._is_silent = True
                raise ImuError("imu.frozen", "the accelerometer is frozen")

    def _may_be_fall(self):
        """Whether an impact is being judged, or the last quarter of a second may lead to one."""
        n = self._ring.copy_last(self._before_gap, gaps.SHAKEN_SAMPLES)
        return self._man_down.is_judging() or gaps.is_shaken(self._before_gap, n, _FALLING_MG)

    async def _look(self, feed):
        """Empty the FIFO, again and again while that may help; returns the samples read."""
        began_ms = ticks_ms()
        again_ms = 0
        while True:
            try:
                if again_ms:
                    self._check()
                total = await self.drain()
                if not total:
                    self._check()
            except ImuError as error:
                is_over = ticks_diff(ticks_ms(), began_ms) >= _OUTAGE_MS
                if is_over or error.code not in _MAY_PASS:
                    raise
                if not again_ms:
                    self._note_failure(error)
            else:
                self._note_look(ticks_ms())
                return total
            again_ms = min(max(2 * again_ms, _AGAIN_FIRST_MS), _AGAIN_MAX_MS)
            feed()
            self._watch.tick(ticks_ms())
            await asyncio.sleep_ms(again_ms)

    def _check(self):
        if not self._imu.check():
            raise ImuError("imu.reset", "the accelerometer has lost its settings")

    async def drain(self):
        """Empty the FIFO block by block, with turns for other tasks; returns the samples read."""
        total = 0
        imu = self._imu
        while True:
            # Never over the end of a block, so that each decision is made and logged on its own.
            most = self._man_down.room()
            is_pressed = self._is_pressed()
            if is_pressed:
                most = min(most, _WHILE_PRESSED)
            n = imu.read_into(self._burst, most)
            if imu.gap:
                await self._pass_gap(imu.gap)
                imu.pass_gap()
                continue
            if n:
                total += n
                self._heard_ms = ticks_ms()
                self._ring.write(self._burst, n)
                self._feed(n)
            if not imu.has_more():
                return total
            await asyncio.sleep_ms(0)
            if is_pressed:
                # In one turn it is only noticed that there was an interrupt.
                await asyncio.sleep_ms(0)

    def look_now(self):
        """The FIFO may be ready although nobody saw the interrupt's edge."""
        self._ready.set()

    def _feed(self, n):
        bits = self._man_down.feed(self._burst, n)
        self._watch.block(bits, self._ring.count, self._heard_ms)

    async def _pass_gap(self, missing):
        """Bridge the samples that are missing before the next one, or let all begin anew."""
        is_bridged = missing <= gaps.LONGEST_SAMPLES
        overruns, self._overruns = self._overruns, self._imu.overruns
        if self._overruns != overruns:
            self._log.event("imu.overrun", lost=missing)
        else:
            self._untold += 1
            # Not a line for each of the words that are bad all day.
            since_ms = ticks_diff(ticks_ms(), self._told_ms)
            if not is_bridged or not 0 <= since_ms < _TELL_EVERY_MS:
                self._log.event("imu.gap", missing=missing, bridged=is_bridged, gaps=self._untold)
                self._untold = 0
                self._told_ms = ticks_ms()
        if self._tested_itself:
            # That was no fault.
            self._tested_itself = False
        else:
            self._bucket.add(missing, ticks_ms())
        if not is_bridged:
            self._man_down.reset()
            self._ring.mark_gap(missing)
            return
        man_down = self._man_down
        self._ring.copy_last(self._last_mg, 1)
        n = self._ring.copy_last(self._before_gap, gaps.SHAKEN_SAMPLES)
        man_down.bridge(self._last_mg, self._imu.next_mg, missing, self._before_gap, n)
        done = 0
        while done < missing:
            n = min(man_down.room(), missing - done)
            # What is kept and told to the centre has no blow that nobody saw.
            man_down.gap.fill(self._burst, done, n, False)
            self._ring.write(self._burst, n)
            man_down.fill_gap(self._burst, done, n)
            self._feed(n)
            done += n
            await asyncio.sleep_ms(0)
        self._ring.mark_filled(missing)

    def _note_look(self, now_ms):
        """A look at the chip came to its end; there may have been faults in it."""
        if ticks_diff(now_ms, self._started_ms) >= _SOUND_MS:
            self._vain = 0
            self._look_ms = self._late_ms
        faults, self._faults = self._faults, self._imu.faults()
        if self._faults != faults:
            self._bucket.add(_FAULT_POINTS, now_ms)
            self._failed_ms = now_ms
        elif self._failed_ms is None:
            if self._is_silent:
                self._failed_ms = now_ms
        elif ticks_diff(now_ms, self._failed_ms) >= _SOUND_MS:
            self._failed_ms = None
            self._failures = 0
            self._is_silent = False

    def _note_failure(self, error):
        self._failures += 1
        self._failed_ms = ticks_ms()
        # Said when it begins and now and then, not every few seconds for a whole shift.
        is_told = self._failures & (self._failures - 1) == 0
        if is_told:
            self._log.failure("imu.failed", error, failures=self._failures)
        return is_told

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
        # The detector saw nothing of this; the gap is found when sampling begins again.
        self._tested_itself = True
        missed = ticks_diff(ticks_ms(), began_ms) * detect.RATE_HZ // 1000
        self._log.event("imu.self_test", missed=missed)

    def _on_watermark(self, _pin):
        self._ready.set()


class _Test:
    """A self-test that was asked for, and what came of it."""

    def __init__(self):
        self.done = asyncio.Event()
        self.moved_mg = None
        self.error = None

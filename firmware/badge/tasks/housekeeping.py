"""Slow work that may wait: garbage, motion windows, the stored time, whether it is worn."""

import asyncio
import gc
from time import ticks_diff, ticks_ms

from badge.core.alarm import kinds
from badge.core.detector import detect
from badge.core.portable import const
from badge.storage.motion_file import Window
from badge.tasks import beat

_ROUND_MS = const(250)
# Nothing waits for samples: the other chores have seconds.
_IDLE_MS = const(1000)
_COLLECT_EVERY_MS = const(10_000)
_WINDOWS_MAX = const(8)
# A TLS handshake takes some 25 kB.
_LEAST_FREE_BYTES = const(48_000)


class Housekeeping:
    """Runs every blocking chore behind the stall gate, one at a time.

    `body` has ring, man_down, watch, and worn_file, which keeps whether the badge is worn.
    `look_again()`, or None, is called now and then too.
    """

    def __init__(self, common, motion_files, body, look_again=None):
        self._gate = common.gate
        self._motion_files = motion_files
        self._ring = body.ring
        self._man_down = body.man_down
        self._before = common.config.motion_before_ms * detect.RATE_HZ // 1000
        self._after = common.config.motion_after_ms * detect.RATE_HZ // 1000
        self._clock = common.clock
        self._worn_file = body.worn_file
        self._is_worn = body.watch.is_worn
        self._log = common.log
        self._look_again = look_again
        self._windows = []
        self._is_full = False

    def keep_motion_of(self, alarm):
        """Have the motion around an alarm that was opened just now stored with it."""
        event = self._ring.count
        if alarm.kind == kinds.MAN_DOWN:
            event -= self._man_down.samples_since_fall()
        if len(self._windows) >= _WINDOWS_MAX:
            # Samples stopped coming: the oldest wish is the least likely to be met.
            gone = self._windows.pop(0)
            self._log.event("motion.not_stored", boot=gone.boot, seq=gone.seq, code="motion.late")
        start = max(0, event - self._before)
        self._windows.append(Window(alarm.boot, alarm.seq, start, event + self._after))

    async def run(self, feed):
        """Do the chores for ever."""
        collected_ms = ticks_ms()
        await self._blocking("motion.failed", self._motion_files.tidy)
        # Before the test of a shift says how the badge is.
        if gc.mem_free() < _LEAST_FREE_BYTES:
            await self._blocking("gc.failed", self._collect)
        while True:
            feed()
            await self._store_windows()
            if self._clock.store_due():
                await self._blocking("clock.store_failed", self._clock.store)
            if self._worn_file.store_due(self._is_worn()):
                await self._blocking("worn.not_stored", self._store_worn)
            if ticks_diff(ticks_ms(), collected_ms) >= _COLLECT_EVERY_MS:
                await self._blocking("gc.failed", self._collect)
                collected_ms = ticks_ms()
            await asyncio.sleep_ms(beat.until_ms(_ROUND_MS if self._windows else _IDLE_MS))

    def reason(self):
        """Return "memory" while it is nearly full, a reason of reasons.py, else ""."""
        return "memory" if self._is_full else ""

    def _collect(self):
        gc.collect()
        self._is_full = gc.mem_free() < _LEAST_FREE_BYTES
        if self._look_again is not None:
            self._look_again()

    def _store_worn(self):
        self._worn_file.store(self._is_worn())

    async def _blocking(self, what, chore):
        await self._gate.wait_open()
        self._gate.begin()
        try:
            chore()
        except OSError as error:
            self._log.failure(what, error)
        self._gate.end()

    async def _store_windows(self):
        if not self._windows or self._ring.count < self._windows[0].stop:
            return
        window = self._windows.pop(0)
        boot, seq = window.boot, window.seq
        try:
            n = await self._motion_files.save(self._ring, window, detect.RATE_HZ, self._gate)
        except OSError as error:
            self._log.failure("motion.not_stored", error, boot=boot, seq=seq)
            return
        self._log.event("motion.stored", boot=boot, seq=seq, samples=n)

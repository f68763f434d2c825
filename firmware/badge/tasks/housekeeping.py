"""Slow work that may wait: garbage, motion windows, the stored time, whether it is worn."""

import asyncio
import gc
from time import ticks_diff, ticks_ms

from badge.core.alarm import kinds
from badge.core.detector import detect
from badge.core.detector.stretches import Stretches
from badge.core.portable import const
from badge.storage.motion_file import Window
from badge.tasks import beat

_ROUND_MS = const(250)
# From the end of a window to when it is stored; and a stretch of the detector.
_SPARE_SAMPLES = const(416)
_STRETCH_SAMPLES = const(416)
# Nothing waits for samples: the other chores have seconds.
_IDLE_MS = const(1000)
# A collection takes 50 ms of the chip: seldom, and yet before the heap asks for one by itself. A
# shortage shows before, in that it has no room for what a handshake takes.
_COLLECT_EVERY_MS = const(30_000)
_LOOK_EVERY_MS = const(10_000)
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
        self._stretches = Stretches()
        self._windows = []
        self._is_full = False

    def keep_motion_of(self, alarm):
        """Have the motion around an alarm that was opened just now stored with it."""
        opened = event = self._ring.count
        if alarm.kind == kinds.MAN_DOWN:
            event -= self._man_down.samples_since_fall()
        if len(self._windows) >= _WINDOWS_MAX:
            # Samples stopped coming: the oldest wish is the least likely to be met.
            gone = self._windows.pop(0)
            self._log.event("motion.not_stored", boot=gone.boot, seq=gone.seq, code="motion.late")
        start, stop = max(0, event - self._before), event + self._after
        # With the stretch in which it would begin a replay decides as the badge did.
        oldest = max(0, stop + _SPARE_SAMPLES - self._ring.size)
        self._note_stretch()
        newest = start if start >= oldest else oldest + _STRETCH_SAMPLES
        stretch = self._stretches.before(newest, oldest)
        if stretch is not None:
            start = stretch.at
        self._windows.append(
            Window(
                boot=alarm.boot,
                seq=alarm.seq,
                kind=alarm.kind,
                start=start,
                stop=stop,
                event=event,
                opened=opened,
                stretch=stretch,
            )
        )

    async def run(self, feed):
        """Do the chores for ever."""
        collected_ms = looked_ms = ticks_ms()
        await self._blocking("motion.failed", self._motion_files.tidy)
        # Before the test of a shift says how the badge is.
        if gc.mem_free() < _LEAST_FREE_BYTES:
            await self._blocking("gc.failed", self._collect)
        while True:
            feed()
            self._note_stretch()
            await self._store_windows()
            if self._clock.store_due():
                await self._blocking("clock.store_failed", self._clock.store)
            if self._worn_file.store_due(self._is_worn()):
                await self._blocking("worn.not_stored", self._store_worn)
            if ticks_diff(ticks_ms(), looked_ms) >= _LOOK_EVERY_MS:
                looked_ms = ticks_ms()
                is_due = ticks_diff(looked_ms, collected_ms) >= _COLLECT_EVERY_MS
                if is_due or self._is_full or not _has_room():
                    collected_ms = looked_ms
                    await self._blocking("gc.failed", self._collect)
                if self._look_again is not None:
                    await self._blocking("gc.failed", self._look_again)
            await asyncio.sleep_ms(beat.until_ms(_ROUND_MS if self._windows else _IDLE_MS))

    def reason(self):
        """Return "memory" while it is nearly full, a reason of reasons.py, else ""."""
        return "memory" if self._is_full else ""

    def _note_stretch(self):
        man_down = self._man_down
        self._stretches.look(man_down.state, detect.BLOCK_SAMPLES - man_down.room(), self._ring)

    def _collect(self):
        gc.collect()
        self._is_full = gc.mem_free() < _LEAST_FREE_BYTES

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


def _has_room():
    """Whether the heap takes so much in one piece; it collects by itself before it does not."""
    try:
        bytearray(_LEAST_FREE_BYTES)
    except MemoryError:
        return False
    return True

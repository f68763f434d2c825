"""Writes the log's notable lines to the event journal, at leisure and never during a squeeze."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.portable import const
from badge.tasks import beat

_ROUND_MS = const(1000)
# Each write costs an erase, so lines are gathered for this long.
_GATHER_MS = const(10_000)
_PENDING_MAX = const(32)
_WRITE_AT = const(16)
# What repeats with every alarm or every sample says nothing to an engineer a day later.
_PASSED_OVER = ("haptic", "alarm.sending", "alarm.acknowledged", "imu.started", "motion.impact")


class EventWriter:
    """`hear(line)` is the log's listener; `files` an EventFiles."""

    def __init__(self, files, gate, boot, log):
        self._files = files
        self._gate = gate
        self._boot = boot
        self._log = log
        self._pending = []
        self._lost = 0
        self._first_ms = 0
        self._failed = False
        self._writing = asyncio.Lock()

    def hear(self, line):
        """Take one line of the log (`# ticks what ...`); returns at once."""
        text = line[2:]
        if text.split(" ", 2)[1] in _PASSED_OVER:
            return
        if not self._pending:
            self._first_ms = ticks_ms()
        if len(self._pending) >= _PENDING_MAX:
            self._pending.pop(0)
            self._lost += 1
        self._pending.append(text)

    async def run(self, feed):
        """Write for ever."""
        while True:
            feed()
            await asyncio.sleep_ms(beat.until_ms(_ROUND_MS))
            waited_ms = ticks_diff(ticks_ms(), self._first_ms)
            if len(self._pending) >= _WRITE_AT or (self._pending and waited_ms >= _GATHER_MS):
                await self.settle()

    async def settle(self):
        """Write what is pending; on return all that was heard before is on flash, or said lost."""
        async with self._writing:
            if self._pending:
                await self._write()

    def flush_now(self):
        """Write what is pending at once, for as long as it takes."""
        try:
            for _step in self._files.append(self._boot, self._take()):
                pass
        except OSError as error:
            self._report(error)

    async def _write(self):
        steps = self._files.append(self._boot, self._take())
        going_on = True
        while going_on:
            await self._gate.wait_open()
            self._gate.begin()
            try:
                next(steps)
            except StopIteration:
                self._failed = going_on = False
            except OSError as error:
                going_on = False
                self._report(error)
            self._gate.end()

    def _take(self):
        texts, self._pending = self._pending, []
        lost, self._lost = self._lost, 0
        if lost:
            texts.insert(0, "%s log.lost lines=%d" % (ticks_ms(), lost))
        return texts

    def _report(self, error):
        # Said once: the line about it would otherwise fail to be written too, for ever.
        if not self._failed:
            self._failed = True
            self._log.failure("log.failed", error)

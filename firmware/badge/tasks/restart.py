"""Restarts the badge on request, but not in the middle of a squeeze or of an alarm."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.portable import const

# Time for the answer to the request to leave by USB.
_ANSWER_MS = const(500)
_LOOK_MS = const(500)
# Each look may try flash again.
_LOOK_MAX_MS = const(8_000)
# The gate opens after 6 s; what is asked before stands behind it too, and flash may erase.
_STEP_MS = const(15_000)
# Presses, pre-alarms and falls that are judged are over sooner.
_LIMIT_MS = const(120_000)
# What a person asked for waits for the centre to close an alarm.
_ASKED_LIMIT_MS = const(3_600_000)


class Restart:
    """Lets the present request be answered, waits for quiet, then calls `reset`.

    `alarms()` are the open ones: `soon` lets them be closed first, `at_once` does not. Before a
    restart that a person asked for `await on_asked()` is called. One that has waited for its limit
    is made if `is_saved()`, so that it costs no alarm, and else given up.
    """

    def __init__(self, gate, reset, alarms, is_saved, on_asked, log):
        self._gate = gate
        self._reset = reset
        self._log = log
        self._task = None
        self._why = None
        self._alarms = self._spared = alarms
        self._is_saved = is_saved
        self._on_asked = on_asked
        self._is_asked = True
        self._limit_ms = _ASKED_LIMIT_MS

    @property
    def pending(self):
        """True while a restart is on its way."""
        return self._task is not None and not self._task.done()

    def soon(self, why):
        """Restart shortly, once no alarm is open; a second call changes nothing."""
        if not self.pending:
            self._why = why
            self._spared = self._alarms
            self._is_asked = True
            self._limit_ms = _ASKED_LIMIT_MS
            self._log.event("restart", why=why)
            self._task = asyncio.create_task(self._run())

    def at_once(self, why):
        """Restart shortly, also under an alarm: for what may be holding it up."""
        self.soon(why)
        self._spared = _no_alarms

    def when_safe(self, why, is_safe):
        """Restart once no press is under way and `is_safe()`; for a fault of the badge itself."""
        if not self.pending:
            self.soon(why)
            self._is_asked = False
        # Also for one that waits: what it waits for may be what the fault keeps from ending.
        self._spared = lambda: () if is_safe() else (why,)
        self._limit_ms = _LIMIT_MS

    async def _run(self):
        began_ms = ticks_ms()
        await asyncio.sleep_ms(_ANSWER_MS)
        look_ms = _LOOK_MS
        while not await self._is_time():
            if ticks_diff(ticks_ms(), began_ms) >= self._limit_ms:
                if self._may_be_made():
                    break
                self._log.event("restart.given_up", why=self._why)
                return
            if look_ms == _LOOK_MS:
                self._log.event("restart.waits")
            await asyncio.sleep_ms(look_ms)
            look_ms = min(2 * look_ms, _LOOK_MAX_MS)
        try:
            # Why it starts anew is what the journal is read for.
            self._log.flush()
        finally:
            self._reset()

    async def _is_time(self):
        try:
            if self._is_asked:
                self._is_asked = False
                await asyncio.wait_for_ms(self._on_asked(), _STEP_MS)
            await asyncio.wait_for_ms(self._gate.wait_open(), _STEP_MS)
            return not self._spared()
        # What is at fault may be just this, and then it ends at the limit.
        except Exception as error:  # noqa: BLE001
            self._log.failure("restart.failed", error)
            return False

    def _may_be_made(self):
        try:
            return self._is_saved()
        except Exception as error:  # noqa: BLE001
            self._log.failure("restart.failed", error)
            return False


def _no_alarms():
    return ()

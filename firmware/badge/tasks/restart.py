"""Restarts the badge on request, but not in the middle of a squeeze or of an alarm."""

import asyncio

from badge.core.portable import const

# Time for the answer to the request to leave by USB.
_ANSWER_MS = const(500)
_LOOK_MS = const(500)


class Restart:
    """Lets the present request be answered, waits for quiet, then calls `reset`.

    `alarms()` are the open ones: `soon` lets them be closed first, `at_once` does not. Before a
    restart that a person asked for `await on_asked()` is called.
    """

    def __init__(self, gate, reset, alarms, on_asked, log):
        self._gate = gate
        self._reset = reset
        self._log = log
        self._task = None
        self._spared = alarms
        self._on_asked = on_asked
        self._is_asked = True

    @property
    def pending(self):
        """True once a restart is on its way."""
        return self._task is not None

    def soon(self, why):
        """Restart shortly, once no alarm is open; a second call changes nothing."""
        if self._task is None:
            self._log.event("restart", why=why)
            self._task = asyncio.create_task(self._run())

    def at_once(self, why):
        """Restart shortly, also under an alarm: for what may be holding it up."""
        self._spared = _no_alarms
        self.soon(why)

    def when_safe(self, why, is_safe):
        """Restart once no press is under way and `is_safe()`; for a fault of the badge itself."""
        # Also for one that waits: what it waits for may be what the fault keeps from ending.
        self._spared = lambda: () if is_safe() else (why,)
        if self._task is None:
            self._is_asked = False
            self.soon(why)

    async def _run(self):
        await asyncio.sleep_ms(_ANSWER_MS)
        if self._is_asked:
            await self._on_asked()
        await self._gate.quiet()
        if self._spared():
            self._log.event("restart.waits", alarms=len(self._spared()))
        while self._spared():
            await asyncio.sleep_ms(_LOOK_MS)
            await self._gate.quiet()
        # Why it starts anew is what the journal is read for.
        self._log.flush()
        self._reset()


def _no_alarms():
    return ()

"""Restarts the badge on request, but not in the middle of a squeeze."""

import asyncio

from badge.core.portable import const

# Time for the answer to the request to leave by USB.
_ANSWER_MS = const(500)


class Restart:
    """`soon(why)` lets the present request be answered, waits for quiet, then calls `reset`."""

    def __init__(self, gate, reset, log):
        self._gate = gate
        self._reset = reset
        self._log = log
        self._task = None

    @property
    def pending(self):
        """True once a restart is on its way."""
        return self._task is not None

    def soon(self, why):
        """Restart shortly; a second call changes nothing."""
        if self._task is None:
            self._log.event("restart", why=why)
            self._task = asyncio.create_task(self._run())

    async def _run(self):
        await asyncio.sleep_ms(_ANSWER_MS)
        await self._gate.quiet()
        self._reset()

"""Plays haptic patterns one after another: what the wearer feels of an alarm's life."""

import asyncio

from badge.core.portable import const

_QUEUE_LENGTH = const(4)
_IDLE_MS = const(2000)
_AT_ONCE = "RAISED"


class HapticsTask:
    """Queues patterns by name; when the queue is full the oldest one not yet felt gives way."""

    def __init__(self, motor, patterns, log):
        self._motor = motor
        self._patterns = patterns
        self._log = log
        self._queue = []
        self._wake = asyncio.Event()

    def feel(self, name):
        """Queue the pattern `name`; returns at once. The answer to a squeeze goes first."""
        if len(self._queue) >= _QUEUE_LENGTH:
            self._log.event("haptic.dropped", pattern=self._queue.pop(0))
        if name == _AT_ONCE:
            self._queue.insert(0, name)
        elif name not in self._queue:
            self._queue.append(name)
        self._wake.set()

    async def run(self, feed):
        """Play what is queued, for ever."""
        while True:
            feed()
            if self._queue:
                name = self._queue.pop(0)
                self._log.event("haptic", pattern=name)
                await self._motor.play(self._patterns[name])
                continue
            self._wake.clear()
            try:
                await asyncio.wait_for_ms(self._wake.wait(), _IDLE_MS)
            except asyncio.TimeoutError:
                pass

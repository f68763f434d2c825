"""Runs every task, restarts one that fails, and feeds the watchdog only while all are alive."""

import asyncio
from time import ticks_add, ticks_diff, ticks_ms

from badge.core.portable import const
from badge.tasks import beat

_ROUND_MS = const(1000)
_RESTART_FIRST_MS = const(500)
_RESTART_MAX_MS = const(30_000)
# A task that ran this long before it failed starts again with a clean sheet.
_GOOD_RUN_MS = const(60_000)
# A vital task is missed at once; without another one the badge still does most of its work.
_VITAL_CRASHES = const(5)
_CRASHES = const(20)
_VITAL_RESTART_MS = const(20)


class Supervised:
    """One task: how often it must give a sign of life, and how it has fared."""

    def __init__(self, name, limit_ms, vital):
        self.name = name
        self.limit_ms = limit_ms
        self.vital = vital
        self.crashes = 0
        self.task = None
        self.alive_at_ms = ticks_ms()

    def feed(self):
        """A sign of life."""
        self.alive_at_ms = ticks_ms()


class Supervisor:
    """Restarts a dead task; a silent one, or one that keeps dying, ends in a reset."""

    def __init__(self, watchdog, log):
        self._watchdog = watchdog
        self._log = log
        self._tasks = []
        self._starved_by = None
        self._steady_from_ms = ticks_ms()
        self._waiting = []

    def start(self, name, run, limit_ms, *, vital=False):
        """Start `run(feed)` as a task that must call feed() every `limit_ms` (None: unwatched)."""
        supervised = Supervised(name, limit_ms, vital)
        self._tasks.append(supervised)
        supervised.task = asyncio.create_task(self._keep_running(supervised, run))

    def when_steady(self, after_ms, call):
        """Await `call()` once all tasks were alive, and none failed, for `after_ms`.

        It is called again each second until it returns True.
        """
        self._waiting.append((after_ms, call))

    def crashes(self):
        """How many tasks failed or ended; a task that then runs for a minute counts once."""
        return sum(task.crashes for task in self._tasks)

    async def run(self):
        """Feed the watchdog for as long as every task is alive."""
        while True:
            culprit = self._culprit()
            if culprit is None:
                self._watchdog.feed()
                await self._tell_steady()
            else:
                self._steady_from_ms = ticks_ms()
                if culprit is not self._starved_by:
                    crashes = culprit.crashes
                    self._log.event("supervisor.starving", task=culprit.name, crashes=crashes)
            self._starved_by = culprit
            await asyncio.sleep_ms(beat.until_ms(_ROUND_MS))

    def _culprit(self):
        now_ms = ticks_ms()
        for task in self._tasks:
            if task.crashes >= (_VITAL_CRASHES if task.vital else _CRASHES):
                return task
            silent_ms = ticks_diff(now_ms, task.alive_at_ms)
            if task.limit_ms is not None and silent_ms > task.limit_ms:
                return task
        return None

    async def _tell_steady(self):
        steady_ms = ticks_diff(ticks_ms(), self._steady_from_ms)
        for waiting in list(self._waiting):
            after_ms, call = waiting
            if steady_ms >= after_ms and await call():
                self._waiting.remove(waiting)

    async def _keep_running(self, supervised, run):
        while True:
            started_ms = ticks_ms()
            supervised.feed()
            try:
                await run(supervised.feed)
                self._log.event("supervisor.ended", task=supervised.name)
            # The boundary of a task: whatever it died of is logged, and the badge stays armed.
            except Exception as error:  # noqa: BLE001
                self._log.failure("supervisor.crash", error, task=supervised.name)
            if ticks_diff(ticks_ms(), started_ms) >= _GOOD_RUN_MS:
                supervised.crashes = 0
            supervised.crashes += 1
            self._steady_from_ms = ticks_ms()
            await self._pause(supervised)

    async def _pause(self, supervised):
        pause_ms = min(_RESTART_FIRST_MS << min(supervised.crashes - 1, 6), _RESTART_MAX_MS)
        if supervised.vital:
            pause_ms = _VITAL_RESTART_MS
        until_ms = ticks_add(ticks_ms(), pause_ms)
        while ticks_diff(until_ms, ticks_ms()) > 0:
            supervised.feed()
            await asyncio.sleep_ms(min(pause_ms, _ROUND_MS))

"""Runs every task, restarts one that fails, and feeds the watchdog only while all are alive."""

import asyncio
from collections import namedtuple
from time import ticks_add, ticks_diff, ticks_ms

from badge.core.leaky_bucket import LeakyBucket
from badge.core.portable import const
from badge.core.wearer import reasons
from badge.tasks import beat

_ROUND_MS = const(1000)
_RESTART_FIRST_MS = const(500)
_RESTART_MAX_MS = const(30_000)
# A task that ran this long before it failed starts again with a clean sheet.
_GOOD_RUN_MS = const(60_000)
# A vital task is missed at once; without another one the badge still does most of its work.
_VITAL_CRASHES = const(5)
_CRASHES = const(20)
# Of a task whose work somebody waits for.
_MISSED_CRASHES = const(3)
_VITAL_RESTART_MS = const(20)
_VITAL_RESTART_MAX_MS = const(1_000)
# A silent task is waited for so long, less than the watchdog that is not fed meanwhile (which
# stands still while the chip sleeps, most of the time).
_PATIENCE_MS = const(25_000)
_STEADY_AGAIN_MS = const(60_000)
# Flash work behind the gate (tasks/stall_gate.py), which opens after 6 s; no longer, because the
# watchdog is not fed meanwhile.
_STEADY_LIMIT_MS = const(10_000)
# What makes a task one that keeps dying: two deaths within 100 s, or three within 5 minutes; it is
# one until it has not died for 5 minutes.
_DEATH_POINTS = const(300)
_FULL_POINTS = const(500)
_CLEAR_POINTS = const(200)

# Does the most urgent work of a task while that cannot: work(now_ms), every `every_ms` while it is
# dead, or has been silent for `missed_ms`.
StandIn = namedtuple("StandIn", ("work", "missed_ms", "every_ms"))


class Supervised:
    """One task: how often it must give a sign of life, and how it has fared."""

    def __init__(self, name, limit_ms, vital):
        self.name = name
        self.limit_ms = limit_ms
        self.vital = vital
        self.crashes = 0
        # 1 once it did in this start, however well it runs now; else 0.
        self.has_failed = 0
        self.task = None
        self.alive_at_ms = ticks_ms()
        self.runs_from_ms = None
        # A StandIn, or None.
        self.stand_in = None
        self.stand_in_failures = 0
        # Says whether its work is waited for, or None; what its limit then is, or None for the
        # same; and how often it died while it was.
        self.is_urgent = None
        self.urgent_ms = None
        self.missed = 0
        self.deaths = LeakyBucket(_FULL_POINTS, _CLEAR_POINTS, self.alive_at_ms)
        self.is_given_up = False

    def feed(self):
        """A sign of life."""
        self.alive_at_ms = ticks_ms()

    def silent_ms(self, now_ms):
        """For how long it has been silent beyond its limit; 0 while it is not."""
        limit_ms = self.limit_ms
        if limit_ms is None:
            return 0
        if self.urgent_ms is not None and _is_waited_for(self):
            limit_ms = self.urgent_ms()
        silent_ms = ticks_diff(now_ms, self.alive_at_ms) - limit_ms
        return silent_ms if silent_ms > 0 else 0

    def settle(self, now_ms):
        """Forget how often it failed once it has run well for a minute."""
        from_ms = self.runs_from_ms
        if from_ms is not None and ticks_diff(now_ms, from_ms) >= _GOOD_RUN_MS:
            self.crashes = 0
            # Ticks wrap.
            self.runs_from_ms = None


class Supervisor:
    """Restarts a dead task; a silent one, or one that keeps dying, ends in a reset.

    `restart(why, is_silent)` has the badge start anew at a good moment: True when it will, None
    when nobody can, so that the watchdog must, False when it may not yet: the badge goes on with
    what works.
    `look(now_ms)` is called once a second.
    """

    def __init__(self, watchdog, log, restart=None, look=None):
        self._watchdog = watchdog
        self._log = log
        self._restart = restart
        self._look = look
        self._tasks = []
        self._starved_by = None
        self._steady_from_ms = ticks_ms()
        self._waiting = []

    def start(self, name, run, limit_ms, *, vital=False):
        """Start `run(feed)` as a task that must call feed() every `limit_ms` (None: unwatched)."""
        supervised = Supervised(name, limit_ms, vital)
        self._tasks.append(supervised)
        supervised.task = asyncio.create_task(self._keep_running(supervised, run))

    def stand_in(self, name, who):
        """Have `who`, a StandIn, work while the task of this name is dead or silent."""
        for task in self._tasks:
            if task.name == name:
                task.stand_in = who

    def hurry(self, name, is_urgent, limit_ms=None):
        """Lose no time with the task of this name while `is_urgent()`: its work is waited for.

        `limit_ms()` is how often it must then give a sign of life, None as ever.
        """
        for task in self._tasks:
            if task.name == name:
                task.is_urgent = is_urgent
                task.urgent_ms = limit_ms

    def when_steady(self, after_ms, call):
        """Await `call()` once all tasks were alive, and none failed, for `after_ms`.

        It is called again each second until it returns True.
        """
        self._waiting.append((after_ms, call))

    def crashes(self):
        """How often tasks failed in this start; one that then ran well for a minute counts 1."""
        return sum(max(task.crashes, task.has_failed) for task in self._tasks)

    def reasons(self):
        """Return the reasons of the tasks that keep dying or are silent (reasons.py)."""
        now_ms = ticks_ms()
        return [
            reasons.TASK + task.name
            for task in self._tasks
            if (task.has_failed and task.deaths.is_over(now_ms)) or task.silent_ms(now_ms)
        ]

    async def run(self):
        """Feed the watchdog for as long as every task is alive, or can be lived without."""
        while True:
            now_ms = ticks_ms()
            self._look_around(now_ms)
            culprit = self._culprit(now_ms)
            if culprit is None:
                self._watchdog.feed()
                await self._tell_steady()
            elif culprit is not self._starved_by:
                crashes = culprit.crashes
                self._log.event("supervisor.starving", task=culprit.name, crashes=crashes)
            self._starved_by = culprit
            await self._rest()

    async def _rest(self):
        """Until the next round; the work of who is silent is done meanwhile."""
        until_ms = ticks_add(ticks_ms(), beat.until_ms(_ROUND_MS))
        now_ms = ticks_ms()
        while ticks_diff(until_ms, now_ms) > 0:
            step_ms = ticks_diff(until_ms, now_ms)
            for task in self._tasks:
                who = task.stand_in
                if who and ticks_diff(now_ms, task.alive_at_ms) >= who.missed_ms:
                    self._stand_in(task)
                    step_ms = min(step_ms, who.every_ms)
            await asyncio.sleep_ms(step_ms)
            now_ms = ticks_ms()

    def _stand_in(self, task):
        try:
            task.stand_in.work(ticks_ms())
        # What it died of may be just this.
        except Exception as error:  # noqa: BLE001
            n = task.stand_in_failures = task.stand_in_failures + 1
            if n & (n - 1) == 0:
                self._log.failure("supervisor.stand_in_failed", error, task=task.name, failures=n)

    def _culprit(self, now_ms):
        """The first task with which, and without which, the badge does not go on; or None."""
        culprit = None
        for task in self._tasks:
            silent_ms = task.silent_ms(now_ms)
            if not silent_ms:
                if task.runs_from_ms is not None:
                    task.settle(now_ms)
                if not ((task.crashes or task.missed) and _is_hopeless(task)):
                    task.is_given_up = False
                    continue
            if not self._goes_on_without(task, silent_ms) and culprit is None:
                culprit = task
        return culprit

    def _goes_on_without(self, task, silent_ms):
        """Whether the badge lives on although this task is silent or keeps dying."""
        is_silent = silent_ms > 0
        if is_silent:
            self._steady_from_ms = ticks_ms()
            if silent_ms < _PATIENCE_MS:
                return False
        answer = self._restart and self._restart(reasons.TASK + task.name, is_silent)
        if answer is False and not task.is_given_up:
            self._log.event("supervisor.without", task=task.name, crashes=task.crashes)
        task.is_given_up = answer is False
        return answer is not None

    def _look_around(self, now_ms):
        if self._look is None:
            return
        try:
            self._look(now_ms)
        # Whatever it dies of: the watchdog is fed for the tasks, not for who tells of them.
        except Exception as error:  # noqa: BLE001
            self._log.failure("supervisor.look_failed", error)

    async def _tell_steady(self):
        steady_ms = ticks_diff(ticks_ms(), self._steady_from_ms)
        for waiting in list(self._waiting):
            after_ms, call = waiting
            if steady_ms < after_ms:
                continue
            try:
                is_done = await asyncio.wait_for_ms(call(), _STEADY_LIMIT_MS)
            # Whoever waits must not end what feeds the watchdog; it is called again later.
            except Exception as error:  # noqa: BLE001
                self._log.failure("supervisor.steady_failed", error)
                self._waiting.append((steady_ms + _STEADY_AGAIN_MS, call))
                is_done = True
            if is_done:
                self._waiting.remove(waiting)

    async def _keep_running(self, supervised, run):
        while True:
            supervised.feed()
            try:
                if supervised.crashes:
                    await self._pause(supervised)
                supervised.runs_from_ms = ticks_ms()
                await run(supervised.feed)
                self._log.event("supervisor.ended", task=supervised.name)
            # The boundary of a task: whatever it died of is logged, and the badge stays armed.
            # Nobody means to cancel one, so that is a death too.
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001
                self._note_crash(supervised, error)
            supervised.settle(ticks_ms())
            supervised.runs_from_ms = None
            supervised.crashes += 1
            supervised.has_failed = 1
            supervised.missed = supervised.missed + 1 if _is_waited_for(supervised) else 0
            supervised.deaths.add(_DEATH_POINTS, ticks_ms())
            self._steady_from_ms = ticks_ms()

    def _note_crash(self, supervised, error):
        # Said when it begins and now and then, not every second for a whole shift.
        n = supervised.crashes
        if n < _VITAL_CRASHES or n & (n - 1) == 0:
            name = supervised.name
            self._log.failure("supervisor.crash", error, task=name, crashes=n + 1)

    async def _pause(self, supervised):
        first_ms, most_ms = _RESTART_FIRST_MS, _RESTART_MAX_MS
        if supervised.vital:
            first_ms, most_ms = _VITAL_RESTART_MS, _VITAL_RESTART_MAX_MS
        pause_ms = min(first_ms << min(supervised.crashes - 1, 6), most_ms)
        began_ms = ticks_ms()
        while True:
            supervised.feed()
            if _is_waited_for(supervised):
                pause_ms = min(pause_ms, _VITAL_RESTART_MAX_MS)
            left_ms = pause_ms - ticks_diff(ticks_ms(), began_ms)
            if left_ms <= 0:
                return
            if supervised.stand_in:
                self._stand_in(supervised)
                left_ms = min(left_ms, supervised.stand_in.every_ms)
            await asyncio.sleep_ms(min(left_ms, _ROUND_MS))


def _is_hopeless(task):
    if task.missed >= _MISSED_CRASHES and _is_waited_for(task):
        return True
    return task.crashes >= (_VITAL_CRASHES if task.vital else _CRASHES)


def _is_waited_for(task):
    return task.is_urgent is not None and task.is_urgent()

"""Check-ins and amber: deadlines that become an alarm unless the wearer answers in time."""

import asyncio
from time import ticks_ms

from badge.core.alarm import kinds, life
from badge.core.portable import const
from badge.tasks import beat

_ROUND_MS = const(1000)
# Refused because every place in the alarm book is taken: tried again, but not each round.
_RETRY_ROUNDS = const(30)


class TimersTask:
    """Starts, prolongs and ends deadlines at the keeper, which knows when they are due.

    `on_shift()` says whether check-ins are wanted at all.
    """

    def __init__(self, common, check_in, amber, keeper, on_shift):
        self._check_in = check_in
        self._amber = amber
        self._keeper = keeper
        self._clock = common.clock
        self._feel = common.feel
        self._log = common.log
        self._rest_rounds = 0
        self.on_shift = on_shift

    def checked_in(self, now_ms, duress=False):  # noqa: FBT002
        """The wearer is well, or is made to say so: the next interval begins, and both feel the
        same. False when nothing was asked.
        """
        alarm = self._find(kinds.CHECK_IN, life.PRE_ALARM)
        if alarm is None:
            return False
        if self._wanted():
            done = self._keeper.extend(alarm, self._check_in.interval_s(), now_ms, duress)
        else:
            done = self._keeper.end(alarm, now_ms, duress)
        if done:
            self._feel("CHECKED_IN")
        return done

    def amber(self, now_ms):
        """The wearer goes in, or stays in: amber runs its full time from now."""
        alarm = self._find(kinds.AMBER, life.WAITING)
        length_s = self._amber.length_s
        if alarm is None:
            runs = self._keeper.deadline(kinds.AMBER, length_s, now_ms) is not None
        else:
            runs = self._keeper.extend(alarm, length_s, now_ms)
        if runs:
            self._amber.begins()
        # Whoever goes in must not believe in an amber that does not run.
        self._feel("AMBER_STARTED" if runs else "NOT_PROTECTED")
        return runs

    def end_amber(self, now_ms, duress=False):  # noqa: FBT002
        """The wearer is out again, or is made to say so: both feel the same."""
        alarm = self._find(kinds.AMBER, life.WAITING)
        if alarm is None or not self._keeper.end(alarm, now_ms, duress):
            return False
        self._feel("AMBER_ENDED")
        return True

    async def run(self, feed):
        """Keep the deadlines as they should be, for ever."""
        while True:
            feed()
            now_ms = ticks_ms()
            self._watch_amber(now_ms)
            self._watch_check_in(now_ms)
            await asyncio.sleep_ms(beat.until_ms(_ROUND_MS))

    def _watch_amber(self, now_ms):
        alarm = self._find(kinds.AMBER, life.WAITING)
        if alarm is not None and self._amber.warns(alarm.due_in_ms(now_ms)):
            self._log.event("amber.ending", left_ms=alarm.due_in_ms(now_ms))
            self._feel("AMBER_ENDING")

    def _watch_check_in(self, now_ms):
        wanted = self._wanted()
        running = self._find(kinds.CHECK_IN, life.WAITING)
        if running is not None:
            if not wanted:
                self._keeper.end(running, now_ms)
            return
        if self._rest_rounds:
            self._rest_rounds -= 1
        elif wanted and not self._is_open(kinds.CHECK_IN):
            seconds = self._check_in.interval_s()
            begun = self._keeper.deadline(kinds.CHECK_IN, seconds, now_ms, self._check_in.grace_s)
            if begun is None:
                self._rest_rounds = _RETRY_ROUNDS

    def _wanted(self):
        clock = self._clock
        return self._check_in.wanted(self.on_shift(), clock.utc_s(), clock.offset_min)

    def _find(self, kind, state):
        for alarm in self._keeper.open_alarms():
            if alarm.kind == kind and alarm.state == state:
                return alarm
        return None

    def _is_open(self, kind):
        return any(alarm.kind == kind for alarm in self._keeper.open_alarms())

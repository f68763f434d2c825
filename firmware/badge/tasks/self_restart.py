"""Restarts the badge for a task that fails: when it costs nothing, and not again and again."""

from collections import namedtuple
from time import ticks_diff, ticks_ms

from badge.core.portable import const

# A fall is judged within 11 s.
_VERDICT_MS = const(15_000)
# Without these no alarm is raised or none is sent: while one hangs at each start, a start is worth
# a try more often than once an hour, though ever later.
_NEEDED = ("task.buttons", "task.alarms", "task.motion", "task.modem", "task.link")


# is_judging(): a fall is being judged. is_on_trial(): an update is, which three starts that fail
# end.
Asked = namedtuple("Asked", ("is_judging", "is_on_trial"))


class SelfRestart:
    """`starts` is a StartsFile, `asked` an Asked, `restart` the Restart."""

    def __init__(self, starts, clock, keeper, asked, restart, log):
        self._starts = starts
        self._clock = clock
        self._keeper = keeper
        self._is_judging, self._is_on_trial = asked
        self._restart = restart
        self._log = log
        self._judging_from_ms = None

    def want(self, why, is_silent=False):  # noqa: FBT002
        """Ask for one; True when the badge will start anew, False when not yet."""
        if self._restart.pending:
            # One that a person asked for waits for less from now on.
            self._restart.when_safe(why, self._is_safe)
            return True
        now_s = self._clock.rtc_s()
        # A pre-alarm that nobody ends is a fall that nobody hears of: the next start raises it.
        is_needed = (is_silent and why in _NEEDED) or self._is_on_trial()
        if not (self._starts.may_restart(now_s, is_needed) or self._keeper.has_overdue()):
            return False
        try:
            self._starts.restarts(now_s)
        except OSError as error:
            # Nobody could tell the next start that this one came of it.
            self._log.failure("starts.not_stored", error)
            return False
        self._restart.when_safe(why, self._is_safe)
        return True

    def note_stop(self):
        """Somebody ends the application: the next start tells it."""
        try:
            self._starts.stopped(self._clock.rtc_s())
        except OSError as error:
            self._log.failure("starts.not_stored", error)

    def _is_safe(self):
        """Whether a restart now costs neither an alarm nor a fall that is being judged."""
        if not self._keeper.may_be_reset():
            return False
        if not self._is_judging():
            self._judging_from_ms = None
            return True
        now_ms = ticks_ms()
        if self._judging_from_ms is None:
            self._judging_from_ms = now_ms
        # The task that feeds the detector may be the one that keeps dying.
        return ticks_diff(now_ms, self._judging_from_ms) >= _VERDICT_MS

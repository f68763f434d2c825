"""The squeeze: a button held long enough, through bounce and through late news of its edges."""

from badge.core import ticks

# An edge that a stall hid is dated back or on by at most this, in favour of the alarm.
LATE_CREDIT_MS = 300


class SqueezeHold:
    """Recognises a hold of `hold_ms`; contacts and gaps below `debounce_ms` are bounce.

    Feed every edge with `edge`, ask `poll` when `due_ms` has passed. A hold fires once; the button
    must be open for `debounce_ms` before the next one, so a stuck button fires once. A release
    up to `doubt_ms` too soon still counts: a stall that nobody announced may have hidden the
    press for that long.
    """

    def __init__(self, hold_ms, debounce_ms, doubt_ms=0):
        self._hold_ms = hold_ms
        self._debounce_ms = debounce_ms
        self._doubt_ms = doubt_ms
        self._closed = False
        self._pressed_at_ms = None
        self._released_at_ms = None
        self._complete = False
        self._fired = False

    def edge(self, closed, at_ms, earliest_ms=None):
        """Take an edge seen at `at_ms`; it may have happened as early as `earliest_ms`.

        A press counts from its earliest moment and a release from its latest, so doubt raises the
        alarm: a hold may be up to LATE_CREDIT_MS shorter at either end.
        """
        closed = bool(closed)
        if closed == self._closed:
            return
        credit_ms = 0
        if earliest_ms is not None:
            credit_ms = max(0, ticks.diff(at_ms, earliest_ms))
        if closed:
            self._press(ticks.add(at_ms, -min(credit_ms, LATE_CREDIT_MS)))
        else:
            self._release(ticks.add(at_ms, -max(0, credit_ms - LATE_CREDIT_MS)))
        self._closed = closed

    def due_ms(self, now_ms):
        """Return the time until `poll` has something to find out; None while the button rests."""
        if self._complete and not self._fired:
            return 0
        if self._released_at_ms is not None:
            return max(0, self._debounce_ms - ticks.diff(now_ms, self._released_at_ms))
        if self._closed and not self._fired:
            return max(0, self._hold_ms - ticks.diff(now_ms, self._pressed_at_ms))
        return None

    def poll(self, now_ms):
        """Return True exactly once for each squeeze, when its hold is complete."""
        if self._closed and not self._fired:
            self._note_hold(now_ms)
        fires = self._complete and not self._fired
        if fires:
            self._fired = True
        self._settle(now_ms)
        return fires

    def _press(self, at_ms):
        self._settle(at_ms)
        if self._released_at_ms is not None:
            self._released_at_ms = None
            return
        self._pressed_at_ms = at_ms
        # A squeeze that is complete but not yet polled stays complete: it must not get lost.
        if self._fired:
            self._complete = False
            self._fired = False

    def _release(self, at_ms):
        self._note_hold(ticks.add(at_ms, self._doubt_ms))
        self._released_at_ms = at_ms

    def _note_hold(self, at_ms):
        if ticks.diff(at_ms, self._pressed_at_ms) >= self._hold_ms:
            self._complete = True

    def _settle(self, now_ms):
        released_at_ms = self._released_at_ms
        if released_at_ms is None:
            return
        if ticks.diff(now_ms, released_at_ms) >= self._debounce_ms:
            self._released_at_ms = None

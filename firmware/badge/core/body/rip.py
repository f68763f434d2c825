"""The lanyard's contact: open long enough is torn, closed long enough is attached."""

from badge.core import ticks


class RipContact:
    """Feed the level with `look`; contacts and gaps below `debounce_ms` are the lanyard's play.

    A badge that starts with its lanyard off has it off: that is a fact, not an event.
    """

    def __init__(self, debounce_ms, is_open):
        self._debounce_ms = debounce_ms
        self.is_open = bool(is_open)
        self._other_since_ms = None

    def look(self, is_open, now_ms):
        """Take the level; True when `is_open` has changed, exactly once a change."""
        is_same = bool(is_open) == self.is_open
        if is_same:
            self._other_since_ms = None
        elif self._other_since_ms is None:
            self._other_since_ms = now_ms
        if is_same or ticks.diff(now_ms, self._other_since_ms) < self._debounce_ms:
            return False
        self.is_open = not self.is_open
        self._other_since_ms = None
        return True

    def due_ms(self, now_ms):
        """Return the time until `look` could see a change; None while nothing is under way."""
        if self._other_since_ms is None:
            return None
        return max(0, self._debounce_ms - ticks.diff(now_ms, self._other_since_ms))

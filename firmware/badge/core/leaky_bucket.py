"""Tells a rate of faults from single ones: each fault fills a bucket that leaks all the time."""

from badge.core import ticks

_LONGEST_MS = 600_000


class LeakyBucket:
    """Over from `full` points on, until it has leaked down to `clear`; it loses one a second.

    It holds no more than `full`, so that it is over for a bounded time after the last fault.
    """

    def __init__(self, full, clear, now_ms):
        self._full = full
        self._clear = clear
        # In thousandths, so that every millisecond counts.
        self._level = 0
        self._leaked_ms = now_ms
        self._is_over = False

    def add(self, points, now_ms):
        """A fault of so many points."""
        self._leak(now_ms)
        self._level = min(self._level + 1000 * points, 1000 * self._full)
        if self._level >= 1000 * self._full:
            self._is_over = True

    def is_over(self, now_ms):
        """Whether there are too many faults; to be asked more often than ticks wrap."""
        if not self._level:
            return False
        self._leak(now_ms)
        if self._level <= 1000 * self._clear:
            self._is_over = False
        return self._is_over

    def _leak(self, now_ms):
        passed_ms = ticks.diff(now_ms, self._leaked_ms)
        if not 0 <= passed_ms < _LONGEST_MS:
            passed_ms = _LONGEST_MS
        self._leaked_ms = now_ms
        self._level = max(0, self._level - passed_ms)

"""When the modem is to be switched off and on: by the time without a session, never by a count."""

from badge.core import ticks

# A search for a network takes up to two minutes, and a power cycle begins it anew.
_FIRST_MS = 180_000
# A modem that does not even answer is helped by nothing else: at once, then after growing pauses.
_DEAD_AGAIN_MS = 60_000
_MOST_DOUBLINGS = 4


class LinkLadder:
    """To be told of each session and of each failure; `now_ms` may wrap."""

    def __init__(self, now_ms):
        self._cycles = 0
        self._since_ms = now_ms

    def session(self, now_ms):
        """A session is up, or just ended: all is well with the modem."""
        self._cycles = 0
        self._since_ms = now_ms

    def hurry(self):
        """An alarm waits: forget how often it was of no use."""
        self._cycles = 0

    def failed(self, now_ms, *, is_dead):
        """True when the modem is to be switched off and on now; `is_dead`: it does not answer."""
        first_ms = _FIRST_MS
        if is_dead:
            first_ms = _DEAD_AGAIN_MS if self._cycles else 0
        wait_ms = first_ms << min(self._cycles, _MOST_DOUBLINGS)
        if ticks.diff(now_ms, self._since_ms) < wait_ms:
            return False
        self._cycles += 1
        self._since_ms = now_ms
        return True

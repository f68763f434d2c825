"""When to listen for room tags, and which of those heard says where the badge is. Pure.

A tag is a hint: it arms nothing and disarms nothing, and rather none is told than a wrong one.
"""

from badge.core import ticks
from badge.core.portable import const

NOTHING, FORGET, LISTEN = range(3)
WINDOW_MS = const(2_000)
# A stretch of walking is 4 s: after so long without one the walk is over.
_STOOD_MS = const(10_000)
# In an alarm: often at first, for its wearer may be moved.
_AGAIN_MS = const(60_000)
_OLD_MS = const(600_000)
_OLD_AGAIN_MS = const(300_000)
# Another tag has to be so much stronger than the one that is known: at a door both come and go.
_BETTER_DB = const(6)


class TagWatch:
    """Asked every few seconds; `stretches` counts those of walking, modulo 256."""

    def __init__(self, stretches):
        self._stretches = stretches
        self._walked_ms = None
        self._listened_ms = None

    def look(self, now_ms, stretches, alarm_age_ms):
        """Return FORGET when a walk begins, LISTEN when a tag is wanted, else NOTHING.

        `alarm_age_ms`: of the youngest alarm whose first message has gone out; None without one.
        """
        if stretches != self._stretches:
            self._stretches = stretches
            is_new, self._walked_ms = self._walked_ms is None, now_ms
            if is_new:
                return FORGET
        if self._walked_ms is not None and not _is_within(now_ms, self._walked_ms, _STOOD_MS):
            self._walked_ms = None
            return LISTEN
        if alarm_age_ms is None:
            self._listened_ms = None
            return NOTHING
        again_ms = _AGAIN_MS if alarm_age_ms < _OLD_MS else _OLD_AGAIN_MS
        if self._listened_ms is not None and _is_within(now_ms, self._listened_ms, again_ms):
            return NOTHING
        return LISTEN

    def listened(self, now_ms):
        """A window has ended."""
        self._listened_ms = now_ms


def _is_within(now_ms, since_ms, most_ms):
    return 0 <= ticks.diff(now_ms, since_ms) < most_ms


def choose(heard, known):
    """Return (id, dBm) of {id: dBm}, the strongest of a window, or None when none was heard.

    The id that is `known` stays as long as it is heard and no other is much stronger.
    """
    best = None
    for one in heard:
        if best is None or heard[one] > heard[best]:
            best = one
    if best is None:
        return None
    if known in heard and heard[best] - heard[known] < _BETTER_DB:
        best = known
    return best, max(-127, min(heard[best], 20))

"""When a badge listens for colleagues that call, and how much of its battery they may take.

Pure. What is carried is another's alarm: it gives way to all that is the wearer's own.
"""

from collections import namedtuple

from badge.core.leaky_bucket import LeakyBucket
from badge.core.portable import const

# Five beacons, of which each could be missed.
WINDOW_MS = const(500)
# However often the settings ask: the radio takes most of a second to go on and off.
LEAST_MS = const(10_000)
# A badge that calls ends a connection after 20 s.
LONGEST_MS = const(18_000)
# A receiver that has it answers within so long by a modem that sleeps; later news comes at once.
FIRST_ANSWER_MS = const(12_000)
QUIET_MS = const(3_000)
# So many frames of one visit: a value that is another each time is no badge's.
MOST_FRAMES = const(6)
# Anybody can call. Visits that bring nothing may take 60 s and then 60 s an hour, and all of them
# 180 s: points for each second of them, of which one is forgotten each second. What is sent keeps
# the modem's radio up for many seconds more: 6 and 24 such visits an hour.
_VAIN_POINTS, _POINTS = const(60), const(20)
_VAIN_SENT_POINTS, _SENT_POINTS = const(600), const(150)
_FULL, _CLEAR = const(3_600), const(1_800)

# Each as of now. is_linked: with a session; is_under_way: an alarm of its own that somebody waits
# for, a pre-alarm too; saves_power: what is left of the battery is kept.
Facts = namedtuple(
    "Facts",
    ("is_linked", "is_on_shift", "is_on_charger", "is_under_way", "is_pressed", "saves_power"),
)


def may_listen(facts):
    """Whether the radio may be on for others."""
    if not facts.is_linked or facts.is_under_way or facts.is_pressed:
        return False
    return facts.is_on_charger or (facts.is_on_shift and not facts.saves_power)


def every_ms(relay_scan_s):
    """Return how often to listen, of the setting."""
    return max(relay_scan_s * 1000, LEAST_MS)


class Budget:
    """What others may take of the battery; on a charger nothing is counted."""

    def __init__(self, now_ms):
        self._all = LeakyBucket(_FULL, _CLEAR, now_ms)
        self._vain = LeakyBucket(_FULL, _CLEAR, now_ms)

    def is_spent(self, now_ms):
        """Whether nobody is visited now; to be asked more often than ticks wrap."""
        # Both, so that each forgets.
        is_spent = self._all.is_over(now_ms)
        return self._vain.is_over(now_ms) or is_spent

    def visited(self, took_ms, now_ms, *, has_sent, was_well):
        """A visit has ended that sent what it fetched, or not, and brought an answer, or none."""
        took_ms = max(took_ms, 1_000)
        least, least_vain = (_SENT_POINTS, _VAIN_SENT_POINTS) if has_sent else (0, 0)
        self._all.add(max(took_ms * _POINTS // 1000, least), now_ms)
        if not was_well:
            self._vain.add(max(took_ms * _VAIN_POINTS // 1000, least_vain), now_ms)

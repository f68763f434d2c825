"""What may silence automatic alarms, which ones, and for how long at most. Never SOS."""

from collections import namedtuple

from badge.core import ticks
from badge.core.alarm.kinds import AUTOMATIC, FLIGHT, REST, TILT
from badge.core.portable import const

_STALE_MS = const(60_000)
# What a receiver gets wrong it gets wrong for a few seconds.
_APART_MS = const(5_000)
SHIFT, RESERVE, CHARGING = "shift", "battery.reserve", "charging"
NOT_WORN, DRIVING = "not_worn", "driving"
# kinds: which alarms it silences. ends: whether it does so for suppress_max_ms at most.
Silencer = namedtuple("Silencer", ("reason", "kinds", "ends"))

# A crash is a fall, so driving silences no fall.
_TABLE = (
    Silencer(SHIFT, AUTOMATIC, False),
    Silencer(RESERVE, AUTOMATIC, False),
    Silencer(CHARGING, AUTOMATIC, True),
    Silencer(NOT_WORN, AUTOMATIC, True),
    Silencer(DRIVING, (REST, TILT, FLIGHT), True),
)
REASONS = tuple([silencer.reason for silencer in _TABLE])


class Suppression:
    """Knows which reasons hold and for how long they have."""

    def __init__(self, max_ms):
        self._max_ms = max_ms
        # For how long each reason has held; -1 while it does not.
        self._ms = [-1] * len(_TABLE)

    def set(self, reason, holds):
        """Say whether a reason holds now; True when that is a change."""
        k = REASONS.index(reason)
        if holds == (self._ms[k] >= 0):
            return False
        self._ms[k] = 0 if holds else -1
        return True

    def pass_time(self, elapsed_ms):
        """Let time pass; return the reason that has lasted too long and ends here, or None."""
        over = None
        for k, silencer in enumerate(_TABLE):
            before_ms = self._ms[k]
            if before_ms < 0:
                continue
            now_ms = min(before_ms + elapsed_ms, 1 << 29)
            self._ms[k] = now_ms
            if silencer.ends and before_ms < self._max_ms <= now_ms:
                over = silencer.reason
        return over

    def reason(self, kind):
        """Return why alarms of this kind are silenced now, or ""."""
        for k, silencer in enumerate(_TABLE):
            if kind in silencer.kinds and self._is_in_force(k):
                return silencer.reason
        return ""

    def holds(self, reason):
        """True while a reason holds, also when that has lasted too long to silence anything."""
        return self._ms[REASONS.index(reason)] >= 0

    def any_reason(self):
        """Return the first reason in force, or ""."""
        for k, silencer in enumerate(_TABLE):
            if self._is_in_force(k):
                return silencer.reason
        return ""

    def _is_in_force(self, k):
        ms = self._ms[k]
        return ms >= 0 and not (_TABLE[k].ends and ms >= self._max_ms)


class Speed:
    """Tells driving from speeds that were measured; without any it never is."""

    def __init__(self, drive_kmh):
        self._drive_kmh = drive_kmh
        self._fast = 0
        self._at_ms = 0

    def measured(self, kmh, now_ms):
        """A speed from a position fix. One is an error of the receiver, two 5 s apart are driving.

        Returns whether one more would tell.
        """
        self._forget_old(now_ms)
        if kmh < self._drive_kmh:
            self._fast = 0
        elif self._fast != 1 or ticks.diff(now_ms, self._at_ms) >= _APART_MS:
            self._fast = min(self._fast + 1, 2)
            self._at_ms = now_ms
        return self._fast == 1

    def is_driving(self, now_ms):
        """True from the second fast measurement to the first slow one, or to a minute without."""
        self._forget_old(now_ms)
        return self._fast >= 2

    def _forget_old(self, now_ms):
        if self._fast and not 0 <= ticks.diff(now_ms, self._at_ms) < _STALE_MS:
            self._fast = 0

"""When the badge started last, and restarted itself: a restart that helps nothing must not recur.

Times are those of the chip's clock, which goes on over a reset; when it is moved so are they.
"""

import struct
from binascii import crc32

from badge.core.portable import const
from badge.storage import files

_HOUR_S = const(3_600)
_KEPT = const(4)
# The times of the newest starts that were no power-on, oldest first, of its own restart, and of
# the last time that somebody stopped the application.
_RECORD = "<6I"
_SIZE = const(28)
_OWN = const(4)
_STOPPED = const(5)
# A stop is told for so long after the start that follows.
_STOPPED_S = const(900)
# One that it asked for itself follows within the limit of a restart (tasks/restart.py).
_OWN_S = const(300)
# So many within an hour are a loop.
_LOOP = const(3)
# The pause before its own restart where one an hour is too few: 2 minutes after one start within
# the hour, then 8, 32 and 128.
_PAUSE_S = const(120)


class StartsFile:
    """One small record, replaced as a whole; OSError when flash fails."""

    def __init__(self, path):
        self._path = path
        self._starts = [0] * 6
        self._was_stopped = False
        self._came_of_fault = False
        self._began_s = 0

    def begin(self, now_s, is_power_on):
        """Note a start; durable when this returns."""
        is_sound = self._load()
        times = self._starts
        newest = max(times)
        if not is_power_on and newest > now_s:
            # The chip's clock was lost with its supply: as if nothing had passed meanwhile.
            self.clock_moved(now_s - newest, now_s)
        self._began_s = now_s
        self._came_of_fault = 0 <= now_s - times[_OWN] < _OWN_S
        if not is_sound and not is_power_on:
            # Its own restart may have been the one that is forgotten: no loop of them. It is none
            # that the next start comes of: a chip just flashed has no record either.
            times[_OWN] = max(1, now_s - _OWN_S)
        self._was_stopped, times[_STOPPED] = times[_STOPPED] != 0, 0
        if not is_power_on:
            times.pop(0)
            times.insert(_KEPT - 1, now_s)
        if self._was_stopped or not is_power_on:
            self._save()

    def loops(self, now_s):
        """Whether it started again and again within the hour before this start, for an hour."""
        if now_s - self._began_s >= _HOUR_S:
            return False
        return self._recent(self._began_s) >= _LOOP

    def came_of_fault(self):
        """Whether the badge restarted itself for a task that kept dying."""
        return self._came_of_fault

    def was_stopped(self, now_s):
        """Whether somebody ended the start before this one by Ctrl-C; for a quarter of an hour."""
        return self._was_stopped and 0 <= now_s - self._began_s < _STOPPED_S

    def stopped(self, now_s):
        """Note that somebody ends the application; durable when this returns."""
        self._starts[_STOPPED] = now_s
        self._save()

    def may_restart(self, now_s, is_needed=False):  # noqa: FBT002
        """Whether its own last restart is an hour ago, or, `is_needed`, a pause that grows."""
        if not 0 <= now_s - self._starts[_OWN] < _HOUR_S:
            return True
        pause_s = _PAUSE_S << 2 * (max(1, self._recent(now_s)) - 1)
        return is_needed and not 0 <= now_s - self._began_s < pause_s

    def restarts(self, now_s):
        """Note that the badge is about to restart itself; durable when this returns."""
        self._starts[_OWN] = now_s
        self._save()

    def clock_moved(self, by_s, now_s):
        """The chip's clock was moved to `now_s`, by so much; durable with what is noted next."""
        self._began_s += by_s
        # What is ahead of the clock that was left is of one that was right already.
        for i, s in enumerate(self._starts):
            if 0 < s <= now_s - by_s:
                self._starts[i] = max(1, s + by_s)

    def _recent(self, now_s):
        """How many of the last starts, but power-ons, were within the hour before."""
        return sum(1 for s in self._starts[:_KEPT] if s and 0 <= now_s - s < _HOUR_S)

    def _load(self):
        """Take up the record; False without a sound one."""
        data = files.read(self._path)
        if data is None or len(data) != _SIZE:
            return False
        times = list(struct.unpack(_RECORD + "I", data))
        if times.pop() != crc32(data[:-4]) & 0xFFFFFFFF:
            return False
        self._starts = times
        return True

    def _save(self):
        data = struct.pack(_RECORD, *self._starts)
        files.replace(self._path, data + struct.pack("<I", crc32(data) & 0xFFFFFFFF))

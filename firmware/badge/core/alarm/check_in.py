"""Check-ins: the badge asks at random times whether its wearer is well, but not in quiet hours."""

from badge.core.portable import const

_MINUTE_S = const(60)
_DAY_MIN = const(1440)


class CheckIn:
    """When to ask; what follows when no answer comes is the life of the alarm (life.py).

    `random_byte()` returns 0-255: a check-in comes up to check_in_jitter_s earlier, never later.
    """

    def __init__(self, config, random_byte):
        self._config = config
        self._random_byte = random_byte
        self.grace_s = config.check_in_grace_s

    def wanted(self, on_shift, utc_s, offset_min=None):
        """Whether the badge should ask at all now; while the time is unknown no hour is quiet.

        `offset_min` is local time less UTC; None: as the settings have it.
        """
        config = self._config
        if not on_shift or not config.check_in_min:
            return False
        quiet_min = (config.quiet_to_min - config.quiet_from_min) % _DAY_MIN
        if utc_s is None or not quiet_min:
            return True
        minute = utc_s // _MINUTE_S
        minute += config.utc_offset_min if offset_min is None else offset_min
        return (minute - config.quiet_from_min) % _DAY_MIN >= quiet_min

    def interval_s(self):
        """A new interval; whatever the jitter, half of check_in_min stays."""
        interval_s = self._config.check_in_min * _MINUTE_S
        most_s = min(self._config.check_in_jitter_s, interval_s // 2)
        return interval_s - most_s * self._random_byte() // 255

"""What a network tells a modem of the time of day (AT+CCLK?)."""

import utime

# 2027-01-15 12:00 UTC when a fast world begins: later than any build of this firmware.
_FAST_UTC_S = 1_800_014_400


def utc_s(world):
    """The world's time, in seconds since 1970."""
    return utime.time() if world.live else _FAST_UTC_S + world.now_us // 1_000_000


def network_time(world, wrong_ms=(), wrong_by_s=0):
    """The world's time, in UTC, as the modem writes it; off by so much in these spans."""
    told_s = utc_s(world)
    if any(from_ms <= world.now_us // 1000 < to_ms for from_ms, to_ms in wrong_ms):
        told_s += wrong_by_s
    year, month, day, hour, minute, second = utime.gmtime(told_s)[:6]
    parts = (year - 2000, month, day, hour, minute, second)
    return "%02d/%02d/%02d,%02d:%02d:%02d+00" % parts

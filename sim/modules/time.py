"""Stand-in for `time` as on the ESP32 port: ticks wrap at 2**30, the epoch is 2000-01-01."""

import utime
from micropython import const

from sim.models.tick_kernel import ticks_add, ticks_diff  # noqa: F401  what this module is for
from sim.world import current
from sim.world.aio import Ticks as _Ticks

_MASK = const((1 << 30) - 1)
# Seconds from 1970 (the unix port) to 2000 (the ESP32 port).
_EPOCH_GAP_S = const(946684800)


def ticks_ms():
    world = current.world
    if world.free_reads:
        # As read_us(), of which the firmware needs more than of anything else.
        world.free_reads -= 1
        return (world.now_us // 1000 + _Ticks.offset_ms) & _MASK
    return (current.world.read_us() // 1000 + _Ticks.offset_ms) & _MASK


def ticks_us():
    return (current.world.read_us() + _Ticks.offset_ms * 1000) & _MASK


def ticks_cpu():
    return current.world.read_us() * 240 & _MASK


def sleep(seconds):
    current.world.doze_us(int(seconds * 1_000_000))


def sleep_ms(ms):
    current.world.doze_us(ms * 1000)


def sleep_us(us):
    current.world.busy_us(us)


def time():
    return current.board.rtc.utc_us() // 1_000_000


def time_ns():
    return current.board.rtc.utc_us() * 1000


def gmtime(seconds=None):
    return utime.gmtime((time() if seconds is None else seconds) + _EPOCH_GAP_S)


def localtime(seconds=None):
    return gmtime(seconds)


def mktime(parts):
    year, month, day, hour, minute, second = parts[:6]
    # Days since 2000-01-01 by the civil-from-days rule; the unix port's mktime depends on TZ.
    year -= month <= 2
    era_days = 365 * year + year // 4 - year // 100 + year // 400
    month_days = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    days = era_days + month_days + day - 1 - 730425
    return ((days * 24 + hour) * 60 + minute) * 60 + second

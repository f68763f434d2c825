"""Whether the badge is to call for whoever is near: a pure function of what it waits for."""

from badge.core import ticks
from badge.core.portable import const

# All the time at first, then a minute in five: on for good it would empty the battery in a day.
_FIRST_MS = const(600_000)
_EVERY_MS = const(300_000)
_ON_MS = const(60_000)


def is_wanted(alarms, now_ms, after_ms, *, is_linked):
    """Whether one of `alarms`, those that somebody waits for, is a reason to be heard by BLE.

    One without a receipt for `after_ms` is, and one that the receiver has, when no session could
    tell what became of it.
    """
    return any(_wants(alarm, now_ms, after_ms, is_linked) for alarm in alarms)


def _wants(alarm, now_ms, after_ms, is_linked):
    if alarm.is_due_for_sending():
        since_ms = ticks.diff(now_ms, alarm.waiting_since_ms) - after_ms
        if since_ms < 0 and alarm.age_ms(now_ms) > _FIRST_MS and alarm.is_late():
            # The ticks have wrapped since.
            since_ms += ticks.PERIOD
    elif alarm.is_red() and not is_linked:
        since_ms = alarm.age_ms(now_ms)
    else:
        return False
    return 0 <= since_ms < _FIRST_MS or (since_ms > 0 and since_ms % _EVERY_MS < _ON_MS)

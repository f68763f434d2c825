"""Whether to look for satellites now, beside the network or with the modem off it: pure."""

from collections import namedtuple

from badge.core.portable import const

# A cold start takes 30 to 60 s under open sky (links.md has no better figure for this board).
WINDOW_MS = const(60_000)
# From the first fix on it is worth waiting so long for a better one.
BETTER_MS = const(10_000)
# From the beginning of a window to that of the next; of an alarm that is old, so long.
EVERY_MS = const(300_000)
_OLD_MS = const(1_800_000)
_OLD_EVERY_MS = const(1_800_000)
# While something was said so lately an answer may be on its way.
_QUIET_MS = const(5_000)
# A deadline that is due so soon must be heard of at once.
_DUE_MS = const(150_000)

# age_ms: of the youngest alarm that was raised and not closed, None without one. waits_ms: for how
# long the oldest news has been without its receipt, None when nothing waits. due_ms: until the
# next deadline, None without one. is_asked: a pre-alarm runs, or a press is under way. is_up: with
# a session. quiet_ms: since anything was said in it. failed: the last try found no network.
# since_ms: since the last window began, None before the first. anyway_ms: how long news waits
# without a network before a window does no harm; 0: for ever.
Seen = namedtuple(
    "Seen",
    "age_ms waits_ms due_ms is_asked is_up quiet_ms failed since_ms anyway_ms",
)


def age_ms(alarms, now_ms):
    """The age of the youngest alarm that was raised and not closed, None without one."""
    red = [alarm.age_ms(now_ms) for alarm in alarms if alarm.is_red()]
    return min(red) if red else None


def is_time(age_ms, since_ms):
    """Whether an alarm of this age is worth another window, so long after the last one began.

    Either may be None: no alarm, no window yet.
    """
    if age_ms is None:
        return False
    return since_ms is None or since_ms >= (EVERY_MS if age_ms < _OLD_MS else _OLD_EVERY_MS)


def is_wanted(seen):
    """Whether a window may begin that takes the modem off its network."""
    if seen.is_asked or not is_time(seen.age_ms, seen.since_ms):
        return False
    if seen.due_ms is not None and seen.due_ms < _DUE_MS:
        return False
    if seen.waits_ms is None:
        # The receiver has it all: what may still come is told again after the next hello.
        return seen.is_up and seen.quiet_ms >= _QUIET_MS
    # Before the receipt nothing may keep the modem from its network, unless there is none.
    return (
        not seen.is_up and seen.failed and seen.anyway_ms > 0 and seen.waits_ms >= seen.anyway_ms
    )

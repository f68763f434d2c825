"""Which alarm goes out as a text message now: a pure function of what waits and what was tried.

Nothing in it looks at what a wearer was forced to: a duress call goes when its twin would.
"""

from collections import namedtuple

from badge.core import ticks
from badge.core.alarm import life, record
from badge.core.portable import const

# What the network took of one alarm: its rev and what it said of itself, when, and how often in
# a row without a receipt.
Told = namedtuple("Told", ("rev", "shape", "at_ms", "times"))
# How the way has been: the last failure (REFUSED or HUNG), when, and how many in a row.
Evidence = namedtuple("Evidence", ("end", "at_ms", "failures"))
REFUSED, HUNG = "refused", "hung"
NO_EVIDENCE = Evidence(None, 0, 0)

# The same once more, for who takes in messages and answers none: it may have been lost.
_AGAIN_MS = const(600_000)
_AGAIN_MOST_MS = const(3_600_000)
# A new rev that says nothing else of itself than the last, as of where the badge is.
_REV_MS = const(300_000)
_REFUSED_MS = const(15_000)
_REFUSED_MOST_MS = const(300_000)
# One that never ends has had the modem for a minute, and the link had to do without.
_HUNG_MS = const(600_000)
_HUNG_MOST_MS = const(3_600_000)
# A message costs money: so many an hour, and some more for alarms of which nothing went out yet.
HOUR_MS = const(3_600_000)
_MOST = const(8)
_MOST_NEW = const(12)
# So long the receiver has to say by SMS that it has it, before a person is told.
_PLAIN_AFTER_MS = const(30_000)


def is_said(alarm):
    """Whether SMS is for such an alarm at all: one that was raised, or taken back."""
    return alarm.is_red() or alarm.state == life.WITHDRAWN


def shape(alarm):
    """What an alarm says of itself, as far as a bystander may know."""
    return alarm.kind, alarm.state == life.WITHDRAWN, alarm.has(record.CALLED_FALSE)


def choose(waiting, told, now_ms, after_ms, spent):
    """Return the alarm to send now, or None. `waiting`: (alarm, since when without a receipt).

    They are in the order in which they would go. `told`: Told by (boot, seq). `spent`: how many
    messages went out in the last hour.
    """
    for alarm, since_ms in waiting:
        last = told.get((alarm.boot, alarm.seq))
        most = _MOST_NEW if last is None and alarm.is_red() else _MOST
        if (
            is_said(alarm)
            and spent < most
            and ticks.diff(now_ms, since_ms) >= after_ms
            and _is_due(alarm, last, now_ms)
        ):
            return alarm
    return None


def choose_plain(waiting, told, now_ms, after_ms, spent):
    """Return the alarm of which a person is to be told in words, once; `told`: their keys.

    Never one that its wearer took back or called false, forced or not: the words would be read
    where somebody else can look.
    """
    for alarm, since_ms in waiting:
        if (
            alarm.is_red()
            and not alarm.has(record.CALLED_FALSE)
            and (alarm.boot, alarm.seq) not in told
            and spent < _MOST_NEW
            and ticks.diff(now_ms, since_ms) >= after_ms + _PLAIN_AFTER_MS
        ):
            return alarm
    return None


def may_try(evidence, now_ms):
    """Whether what failed before is long enough ago."""
    if not evidence.failures:
        return True
    if evidence.end == HUNG:
        pause_ms = _doubled(_HUNG_MS, evidence.failures, _HUNG_MOST_MS)
    else:
        pause_ms = _doubled(_REFUSED_MS, evidence.failures, _REFUSED_MOST_MS)
    return not 0 <= ticks.diff(now_ms, evidence.at_ms) < pause_ms


def failed(evidence, end, now_ms):
    """Return the Evidence after one more failure; another kind begins its pauses anew."""
    failures = evidence.failures + 1 if evidence.end == end else 1
    return Evidence(end, now_ms, failures)


def taken(alarm, last, now_ms):
    """Return the Told after the network took what this alarm now says."""
    times = 1
    if last is not None and last.rev == alarm.rev:
        times = last.times + 1
    return Told(alarm.rev, shape(alarm), now_ms, times)


def _is_due(alarm, last, now_ms):
    if last is None or last.shape != shape(alarm):
        return True
    passed_ms = ticks.diff(now_ms, last.at_ms)
    if passed_ms < 0:
        # The ticks have wrapped since.
        return True
    if alarm.rev != last.rev:
        return passed_ms >= _REV_MS
    return passed_ms >= _doubled(_AGAIN_MS, last.times, _AGAIN_MOST_MS)


def _doubled(first_ms, times, most_ms):
    return min(first_ms << min(times - 1, 8), most_ms)

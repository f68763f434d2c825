"""What people read of kinds, people and times; and the names of kinds, for scripts.

Kinds of the badge stand in badge.core.alarm.kinds. What the receiver finds out for itself has a
number that no badge can send.
"""

import contextlib
import datetime as dt
from typing import Final

from badge.core.alarm import kinds
from nabij.centre.people import zones
from nabij.errors import UsageError
from nabij.kind_words import ALARM_WORDS

QUIET, FLOOD, TWICE, PERMIT = 0, -1, -2, -3
OWN: Final = {QUIET: "quiet", FLOOD: "flood", TWICE: "twice", PERMIT: "permit"}
DEADLINE_WORDS: Final = {"check_in": "check-in", "amber": "amber"}


def kind_name(kind: int) -> str:
    """The name of a kind in JSON."""
    return OWN.get(kind) or str(kinds.of(kind).name)


def alarm_words(kind: int) -> str:
    """What an alarm of that kind is called where people read it."""
    unknown = f"ALARM of kind {kind}, which this release does not know"
    return ALARM_WORDS.get(kind_name(kind), unknown)


def deadline_words(kind: int) -> str:
    """What a deadline of that kind is called while it runs."""
    return DEADLINE_WORDS.get(kind_name(kind), "deadline")


def who(wearer: str, badge: str) -> str:
    """The wearer, when the receiver knows one, and the badge."""
    return f"{wearer} (badge {badge})" if wearer else f"badge {badge}"


def local_time(at_ms: int, zone: str = "") -> str:
    """Date and time with the offset in an IANA zone, without one in that of this machine."""
    at = dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC)
    # Of a zone that this machine has not heard of, its own time with its offset is true as well.
    with contextlib.suppress(UsageError):
        at = at.astimezone(zones.zone(zone) if zone else None)
    # %z and not %Z: initials of a zone say little to a reader elsewhere.
    return f"{at:%Y-%m-%d %H:%M:%S %z}"


def clock_words(ahead_s: int) -> str:
    """By how much a clock is off."""
    return f"{duration(abs(ahead_s) * 1000)} {'ahead' if ahead_s > 0 else 'behind'}"


def duration(ms: int) -> str:
    """A length of time, as precise as a person needs it."""
    seconds = ms / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"

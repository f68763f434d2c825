"""What a kind of alarm is called: a name for scripts, words for people.

Kinds of the badge stand in badge.core.alarm.kinds. What the receiver finds out for itself has a
number that no badge can send.
"""

from typing import Final

from badge.core.alarm import kinds

QUIET: Final = 0
_OWN: Final = {QUIET: "quiet"}
ALARM_WORDS: Final = {
    "quiet": "BADGE QUIET",
    "sos": "SOS",
    "man_down": "MAN DOWN",
    "rest": "NO MOTION",
    "tilt": "TILTED",
    "rip": "TORN OFF",
    "check_in": "CHECK-IN MISSED",
    "amber": "AMBER EXPIRED",
    "battery": "BATTERY NEARLY EMPTY",
    "flight": "RUNNING AWAY",
}
DEADLINE_WORDS: Final = {"check_in": "check-in", "amber": "amber"}


def kind_name(kind: int) -> str:
    """The name of a kind in JSON."""
    return _OWN.get(kind) or str(kinds.of(kind).name)


def alarm_words(kind: int) -> str:
    """What an alarm of that kind is called where people read it."""
    unknown = f"ALARM of kind {kind}, which this release does not know"
    return ALARM_WORDS.get(kind_name(kind), unknown)


def deadline_words(kind: int) -> str:
    """What a deadline of that kind is called while it runs."""
    return DEADLINE_WORDS.get(kind_name(kind), "deadline")

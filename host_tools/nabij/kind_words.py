"""What people call an alarm of each kind, by the names of badge.core.alarm.kinds.

`quiet`, `flood`, `twice` and `permit` are what the receiver finds out for itself.
"""

from typing import Final

ALARM_WORDS: Final = {
    "quiet": "BADGE QUIET",
    "flood": "BADGE FLOODS",
    "twice": "IDENTITY IN USE TWICE",
    "permit": "NO VALID PERMIT",
    "sos": "SOS",
    "man_down": "MAN DOWN",
    "rest": "NO MOTION",
    "tilt": "TILTED",
    "rip": "TORN OFF",
    "check_in": "CHECK-IN MISSED",
    "amber": "AMBER EXPIRED",
    "battery": "BATTERY NEARLY EMPTY",
    "flight": "RUNNING AWAY",
    "fault": "BADGE FAULT",
}

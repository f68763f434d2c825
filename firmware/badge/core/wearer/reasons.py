"""What speaks against "protected", in one table, numbered as in docs/protocol.cddl.

`name` is what the log says, and the key of its words (nabij/reason_words.py). `tells`: it is a
fault of the badge itself, which its wearer feels as LIMITED when it begins, and of which the
centre gets a technical message. Of weight YES is what is over: only the centre hears of it, once.
"""

from collections import namedtuple

YES, LIMITED, NO = range(3)

Reason = namedtuple("Reason", ("number", "name", "weight", "tells"))

# A task that keeps dying is the reason "task." and its name.
TASK = "task."

TABLE = (
    Reason(1, "identity", NO, False),
    Reason(2, "network", NO, False),
    Reason(3, "undelivered", NO, False),
    Reason(4, "battery.empty", NO, False),
    Reason(5, "battery.reserve", LIMITED, False),
    Reason(6, "battery.low", LIMITED, False),
    Reason(7, "battery.unknown", LIMITED, True),
    Reason(8, "motion", LIMITED, True),
    Reason(9, "button", LIMITED, True),
    Reason(10, "buttons", LIMITED, False),
    Reason(11, "lanyard", LIMITED, False),
    Reason(12, "coverage", LIMITED, False),
    Reason(13, "flash", LIMITED, True),
    Reason(14, "not_worn", LIMITED, False),
    Reason(15, "charging", LIMITED, False),
    Reason(16, "driving", LIMITED, False),
    Reason(17, "shift", LIMITED, False),
    Reason(18, "test", LIMITED, False),
    Reason(19, "config", LIMITED, True),
    Reason(20, "memory", LIMITED, True),
    Reason(21, "clock", LIMITED, True),
    Reason(22, "sleep", LIMITED, True),
    Reason(23, "certificate", LIMITED, True),
    Reason(24, "storage", LIMITED, True),
    Reason(25, "restarts", LIMITED, True),
    Reason(26, "stopped", LIMITED, True),
    Reason(27, "reset.watchdog", YES, True),
    Reason(28, "reset.brownout", YES, True),
    Reason(29, "reset.fault", YES, True),
    Reason(32, "task.feedback", LIMITED, True),
    Reason(33, "task.power", LIMITED, True),
    Reason(34, "task.buttons", NO, True),
    Reason(35, "task.alarms", NO, True),
    Reason(36, "task.lanyard", LIMITED, True),
    Reason(37, "task.motion", LIMITED, True),
    Reason(38, "task.chores", LIMITED, True),
    Reason(39, "task.modem", LIMITED, True),
    Reason(40, "task.link", LIMITED, True),
    Reason(41, "task.shift", LIMITED, True),
    Reason(42, "task.timers", LIMITED, True),
    Reason(43, "task.config", LIMITED, True),
    Reason(44, "task.usb", LIMITED, True),
    Reason(45, "task.events", LIMITED, True),
)

# Failures of the log that are a file which cannot be read or written, and the reason each is. That
# of an alarm is told by its keeper, for as long as it lasts.
OF_FAILURES = {
    "boot.not_stored": "storage",
    "clock.store_failed": "storage",
    "config.failed": "storage",
    "config.refused": "config",
    "config.trial": "storage",
    "crash.unread": "storage",
    "identity.failed": "storage",
    "identity.not_settled": "storage",
    "journal.failed": "flash",
    "log.failed": "storage",
    "motion.failed": "storage",
    "motion.not_stored": "storage",
    "shift.not_read": "storage",
    "shift.not_stored": "storage",
    "slots.not_stored": "storage",
    "starts.not_stored": "storage",
    "worn.not_read": "storage",
    "worn.not_stored": "storage",
}


def of(name):
    """Return the Reason of this name, or None."""
    for reason in TABLE:
        if reason.name == name:
            return reason
    return None

"""What speaks against "protected", in one table, numbered as in docs/protocol.cddl.

`name` is what the log says, and the key of its words (nabij/reason_words.py). `told_s`: for so
long it lasts before the centre gets a technical message; 0: it gets none (the words say why). What
is told AT_ONCE is a fault of the badge itself, which its wearer feels as LIMITED when it begins;
the others are told on shift alone. Of weight YES is what is over: only the centre hears of it,
once.
"""

from collections import namedtuple

YES, LIMITED, NO = range(3)

# What is over at once is not told; nor is a badge that is put down for a break.
AT_ONCE, SOON, LATER = 3, 60, 900

Reason = namedtuple("Reason", ("number", "name", "weight", "told_s"))

# A task that keeps dying is the reason "task." and its name.
TASK = "task."

TABLE = (
    Reason(1, "identity", NO, 0),
    Reason(2, "network", NO, 0),
    Reason(3, "undelivered", NO, 0),
    Reason(4, "battery.empty", NO, 0),
    Reason(5, "battery.reserve", LIMITED, SOON),
    Reason(6, "battery.low", LIMITED, LATER),
    Reason(7, "battery.unknown", LIMITED, AT_ONCE),
    Reason(8, "motion", LIMITED, AT_ONCE),
    Reason(9, "button", LIMITED, AT_ONCE),
    Reason(10, "buttons", LIMITED, LATER),
    Reason(11, "lanyard", LIMITED, LATER),
    Reason(12, "coverage", LIMITED, LATER),
    Reason(13, "flash", LIMITED, AT_ONCE),
    Reason(14, "not_worn", LIMITED, LATER),
    Reason(15, "charging", LIMITED, 0),
    Reason(16, "driving", LIMITED, 0),
    Reason(17, "shift", LIMITED, 0),
    Reason(18, "test", LIMITED, 0),
    Reason(19, "config", LIMITED, AT_ONCE),
    Reason(20, "memory", LIMITED, AT_ONCE),
    Reason(21, "clock", LIMITED, AT_ONCE),
    Reason(22, "sleep", LIMITED, AT_ONCE),
    Reason(23, "certificate", LIMITED, AT_ONCE),
    Reason(24, "storage", LIMITED, AT_ONCE),
    Reason(25, "restarts", LIMITED, AT_ONCE),
    Reason(26, "stopped", LIMITED, AT_ONCE),
    Reason(27, "reset.watchdog", YES, AT_ONCE),
    Reason(28, "reset.brownout", YES, AT_ONCE),
    Reason(29, "reset.fault", YES, AT_ONCE),
    Reason(30, "form", LIMITED, LATER),
    Reason(31, "permit", LIMITED, 0),
    Reason(32, "task.feedback", LIMITED, AT_ONCE),
    Reason(33, "task.power", LIMITED, AT_ONCE),
    Reason(34, "task.buttons", NO, AT_ONCE),
    Reason(35, "task.alarms", NO, AT_ONCE),
    Reason(36, "task.lanyard", LIMITED, AT_ONCE),
    Reason(37, "task.motion", LIMITED, AT_ONCE),
    Reason(38, "task.chores", LIMITED, AT_ONCE),
    Reason(39, "task.modem", LIMITED, AT_ONCE),
    Reason(40, "task.link", LIMITED, AT_ONCE),
    Reason(41, "task.shift", LIMITED, AT_ONCE),
    Reason(42, "task.timers", LIMITED, AT_ONCE),
    Reason(43, "task.config", LIMITED, AT_ONCE),
    Reason(44, "task.usb", LIMITED, AT_ONCE),
    Reason(45, "task.events", LIMITED, AT_ONCE),
    Reason(46, "task.nearby", LIMITED, AT_ONCE),
    Reason(47, "motor", LIMITED, AT_ONCE),
    Reason(48, "task.relay", LIMITED, AT_ONCE),
    Reason(49, "task.sms", LIMITED, AT_ONCE),
    Reason(50, "task.tags", LIMITED, AT_ONCE),
    Reason(51, "task.gnss", LIMITED, AT_ONCE),
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
    "sms.not_read": "storage",
    "sms.not_stored": "storage",
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

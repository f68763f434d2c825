"""The kinds of alarm in one table, as docs/protocol.cddl numbers them (a test compares)."""

from collections import namedtuple

SOS, MAN_DOWN, REST, TILT, RIP = 1, 2, 3, 4, 5
CHECK_IN, AMBER, BATTERY, FLIGHT = 6, 7, 8, 9
FAULT = 10

# What an alarm of the kind says: a person may be in need, or only the badge is.
RED, TECHNICAL = "red", "technical"
# How the badge begins it: at once, with time to cancel it, with time until it comes due, or as a
# message that nobody has to close.
AT_ONCE, PRE_ALARM, DEADLINE, REPORT = "at_once", "pre_alarm", "deadline", "report"
# What goes first, also before older ones: a cry for help, what happened to a body, somebody who
# does not answer, and the badge itself.
HIGHEST, LOWEST = 0, 3

Kind = namedtuple("Kind", ("number", "name", "category", "begins", "priority"))

TABLE = (
    Kind(SOS, "sos", RED, AT_ONCE, HIGHEST),
    Kind(MAN_DOWN, "man_down", RED, PRE_ALARM, 1),
    Kind(REST, "rest", RED, PRE_ALARM, 1),
    Kind(TILT, "tilt", RED, PRE_ALARM, 1),
    Kind(RIP, "rip", RED, PRE_ALARM, 1),
    Kind(CHECK_IN, "check_in", RED, DEADLINE, 2),
    Kind(AMBER, "amber", RED, DEADLINE, 2),
    Kind(BATTERY, "battery", TECHNICAL, REPORT, LOWEST),
    # Who runs away must not have to stop for a pre-alarm.
    Kind(FLIGHT, "flight", RED, AT_ONCE, 1),
    # Of the badge; its reason is one of core/wearer/reasons.py.
    Kind(FAULT, "fault", TECHNICAL, REPORT, LOWEST),
)

# What the badge finds out by itself, in the order in which it asks for an alarm.
AUTOMATIC = (MAN_DOWN, RIP, FLIGHT, TILT, REST)
# Lying there: a fall, then no motion, then tilt are one event.
OF_ONE_BODY = (MAN_DOWN, REST, TILT)


def of(number):
    """Return the Kind of this number; one of a later release is an alarm of a person."""
    for kind in TABLE:
        if kind.number == number:
            return kind
    return Kind(number, "kind_%d" % number, RED, AT_ONCE, 1)

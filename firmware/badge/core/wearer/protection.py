"""Whether the wearer is protected now, and what speaks against it: one answer for all who ask."""

from collections import namedtuple

YES, LIMITED, NO = range(3)
NAMES = ("yes", "limited", "no")
SIGNALS = ("PROTECTED", "LIMITED", "NOT_PROTECTED")

# weight: what it makes of the answer. doc: what it means.
Reason = namedtuple("Reason", ("name", "weight", "doc"))

REASONS = (
    Reason("identity", NO, "The badge has no identity or none that works; provision it."),
    Reason("network", NO, "There is no connection to the receiver: an alarm would go out later."),
    Reason("undelivered", NO, "An alarm is open that the receiver has not confirmed."),
    Reason("battery.empty", NO, "The battery is empty."),
    Reason(
        "battery.reserve", LIMITED, "The battery is kept for SOS, amber, check-in: no man-down."
    ),
    Reason("battery.low", LIMITED, "The battery may not last until the end of the shift."),
    Reason("battery.unknown", LIMITED, "The battery cannot be read."),
    Reason("motion", LIMITED, "The accelerometer gives no samples: no man-down alarm."),
    Reason("button", LIMITED, "A button is stuck."),
    Reason("buttons", LIMITED, "The buttons were not tried in this shift, or not all of them."),
    Reason("lanyard", LIMITED, "The lanyard is off: no alarm when the badge is torn off."),
    Reason("coverage", LIMITED, "The signal of the network is weak."),
    Reason("flash", LIMITED, "An alarm would not survive a reset: flash fails."),
    Reason("not_worn", LIMITED, "The badge lies still: no man-down alarm."),
    Reason("charging", LIMITED, "The badge is on the charger: no man-down alarm."),
    Reason("driving", LIMITED, "The badge is in a vehicle: no man-down alarm."),
    Reason("shift", LIMITED, "The shift has ended: no man-down alarm and no check-in."),
    Reason("test", LIMITED, "The test of this shift did not succeed, or is more than 24 h old."),
)

# What breaks while nobody asks: the wearer is told when it happens. Network, battery and wearing
# have signals of their own.
FAULTS = ("motion", "button", "flash")


class Protection:
    """Asks its sources: functions that each return a reason of REASONS, or "" for none."""

    def __init__(self):
        self._sources = []
        self._weights = {reason.name: reason.weight for reason in REASONS}

    def add(self, source):
        """Ask `source()` too from now on."""
        self._sources.append(source)

    def verdict(self):
        """(YES, LIMITED or NO; the reasons for it, the gravest first)."""
        reasons = []
        for source in self._sources:
            reason = source()
            if reason and reason not in reasons:
                reasons.append(reason)
        # MicroPython's sort is not stable; the name makes the order one.
        reasons.sort(key=lambda reason: (-self._weight(reason), reason))
        return self._weight(reasons[0]) if reasons else YES, tuple(reasons)

    def _weight(self, reason):
        # One that nobody has put into the table is still a reason.
        return self._weights.get(reason, LIMITED)


def listed(names):
    """Return names, as of reasons, the way that the event log has them."""
    return ",".join(names) or "none"

"""Whether the wearer is protected now, and what speaks against it: one answer for all who ask."""

from badge.core.wearer import reasons
from badge.core.wearer.reasons import LIMITED, YES

NAMES = ("yes", "limited", "no")
SIGNALS = ("PROTECTED", "LIMITED", "NOT_PROTECTED")


class Protection:
    """Asks its sources: functions that each return a name in reasons.TABLE, or "" for none."""

    def __init__(self):
        self._sources = []
        self._many = []
        self._weights = {reason.name: reason.weight for reason in reasons.TABLE}

    def add(self, source):
        """Ask `source()` too from now on."""
        self._sources.append(source)

    def add_all(self, source):
        """Ask `source()` too, which returns several names."""
        self._many.append(source)

    def verdict(self):
        """(YES, LIMITED or NO; the reasons for it, the gravest first)."""
        found = []
        for source in self._sources:
            reason = source()
            if reason and reason not in found:
                found.append(reason)
        for source in self._many:
            for reason in source():
                if reason not in found:
                    found.append(reason)
        # MicroPython's sort is not stable; the name makes the order one.
        found.sort(key=lambda reason: (-self._weight(reason), reason))
        return self._weight(found[0]) if found else YES, tuple(found)

    def _weight(self, reason):
        # One that nobody has put into the table is still a reason.
        return self._weights.get(reason, LIMITED)


def listed(names):
    """Return names, as of reasons, the way that the event log has them."""
    return ",".join(names) or "none"

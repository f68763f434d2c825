"""The wearer runs away: running that goes on is an alarm without a pre-alarm (R05)."""

from badge.core.body.hold import Hold
from badge.core.portable import const

# Each look is one second of samples, whatever the clock says: nothing is raised at once on time
# that was not seen.
_LOOK_MS = const(1000)
# A corner or a door takes one second of running away, no more.
_FORGIVEN_MS = const(1000)
_AGAIN_MS = const(60_000)


class Flight:
    """`met` from the second that calls for the alarm until it is raised.

    After that nothing calls for another before the wearer has not run for a minute.
    """

    def __init__(self):
        self.met = False
        self._hold = Hold(_AGAIN_MS)

    def second(self, effort_mg, flight_mg, hold_ms):
        """Take the effort of a second; True when the wearer has run for `hold_ms`."""
        if self._hold.step(effort_mg >= flight_mg, _LOOK_MS, hold_ms, _FORGIVEN_MS):
            self.met = True
            return True
        if self._hold.cleared():
            self.met = False
        return False

    def run_ms(self):
        """Return for how long the wearer had run when it was met."""
        return self._hold.held_ms

    def raised(self):
        """The alarm stands: it is called for once."""
        self.met = False

    def restart(self):
        """Count from nothing."""
        self.met = False
        self._hold.restart()

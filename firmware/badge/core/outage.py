"""Why there was no network, and for how long: what a hello tells of it (docs/protocol.cddl)."""

from badge.core import ticks
from badge.core.portable import const

SIM, RADIO_OFF, DENIED, SEARCHING, NO_NETWORK, DEAD, SILENT, NO_BEARER = range(1, 9)
NO_RECEIVER, NO_WLAN = 9, 10
_OF_CODES = {
    "modem.sim": SIM,
    "modem.radio_off": RADIO_OFF,
    "modem.denied": DENIED,
    "modem.searching": SEARCHING,
    "modem.no_network": NO_NETWORK,
    "modem.dead": DEAD,
    "at.timeout": SILENT,
    "modem.late": SEARCHING,
    "at.garbage": SILENT,
    "modem.no_bearer": NO_BEARER,
    "wlan.no_network": NO_WLAN,
    "wlan.password": NO_WLAN,
    "wlan.refused": NO_WLAN,
    "wlan.timeout": NO_WLAN,
    "wlan.dead": NO_WLAN,
    "wlan.late": NO_WLAN,
}
# A session that is opened again at once is no outage.
_SHORTEST_S = const(30)
# In each hello for so long after its end: one of them may get lost.
_TOLD_S = const(3_600)
SECONDS_MAX = const(1_000_000)


class Outages:
    """The outage of now and the last one; there is no session at first. `now_ms` may wrap."""

    def __init__(self, now_ms):
        self._down_ms = now_ms
        self._since_ms = self._last = None
        self._why = self._cause = self._tries = 0

    def down(self, now_ms):
        """There was a session until now."""
        self._down_ms = now_ms

    def failed(self, code, cause=0):
        """A try failed by that code, or a session ended.

        What the modem says of its network is a better reason than what came of that.
        """
        if self._since_ms is None:
            self._since_ms, self._why, self._tries = self._down_ms, NO_RECEIVER, 0
        self._tries += 1
        why = _OF_CODES.get(code, NO_RECEIVER)
        # That it searches, which it always does, says less than what came of it.
        is_known = self._why <= NO_BEARER
        # Nor does one answer that did not come, once a reason is known.
        if why == SILENT and self._tries > 1:
            return
        if not is_known or (why <= NO_BEARER and why != SEARCHING):
            self._why, self._cause = why, cause

    def searched(self):
        """Opening took long: after the first failure only, later the badge itself may be why."""
        if self._since_ms is None or self._tries <= 1:
            self.failed("modem.searching")

    def up(self, now_ms, *, by_modem):
        """There is a session; one by another way is no network of the modem's."""
        if self._since_ms is None or (self._why <= NO_BEARER and not by_modem):
            return
        lasted_s = _seconds(now_ms, self._since_ms)
        if lasted_s >= _SHORTEST_S:
            self._last = self._why, self._cause, lasted_s, now_ms
        self._since_ms = None

    def told(self, now_ms):
        """[reason, cause, seconds] of one that goes on, with how long ago it ended; or None."""
        if self._since_ms is not None:
            return [self._why, self._cause, _seconds(now_ms, self._since_ms)]
        if self._last is None:
            return None
        why, cause, lasted_s, ended_ms = self._last
        ago_s = _seconds(now_ms, ended_ms)
        if ago_s >= _TOLD_S:
            self._last = None
            return None
        return [why, cause, lasted_s, ago_s]


def _seconds(now_ms, then_ms):
    passed_ms = ticks.diff(now_ms, then_ms)
    # The ticks have wrapped: that is days.
    return passed_ms // 1000 if passed_ms >= 0 else SECONDS_MAX

"""Looks for satellites in an alarm, with a receiver that shares the modem with the network.

The link owns the modem, so it asks here between two sessions. Nothing of it is felt or shown.
"""

from time import ticks_diff, ticks_ms

from badge.core import gnss_window
from badge.core.alarm import life
from badge.core.portable import const

# The receiver is asked once a second, and the buttons are looked at in between.
_LOOKS = const(4)
_LOOK_MS = const(250)
# Codes of a try that found no network at all: nothing is lost by not trying.
_NO_NETWORK = ("modem.no_network", "modem.searching", "modem.denied")


class Locator:
    """`sky` is a Sky with the modem's receiver."""

    def __init__(self, common, sky, keeper):
        self._gate = common.gate
        self._config = common.config
        self._sky = sky
        self._keeper = keeper

    def is_wanted(self, failed, quiet_ms):
        """Whether to look now: in a session in which nothing was said for `quiet_ms`, or after the
        try that `failed` with this code.
        """
        return gnss_window.is_wanted(self._seen(failed, quiet_ms))

    async def window(self, feed, wake):
        """Look until there is a good fix, time is up, a button is down or `wake` (a Bell) is set.

        Returns whether the receiver could be switched off again; if not, its modem has crashed.
        """
        if wake.is_set() or self._gate.is_pressed():
            # While the session ended, which takes a while.
            return True

        async def ended():
            for _ in range(_LOOKS):
                if self._gate.is_pressed():
                    return "press"
                if await wake.wait_ms(_LOOK_MS):
                    # A button that goes down rings too.
                    return "press" if self._gate.is_pressed() else "news"
            return ""

        return await self._sky.look(feed, ended)

    def _seen(self, failed, quiet_ms):
        now_ms = ticks_ms()
        alarms = self._keeper.open_alarms()
        waits = [
            ticks_diff(now_ms, one.waiting_since_ms) for one in alarms if one.is_due_for_sending()
        ]
        due = [one.due_in_ms(now_ms) for one in alarms if one.state == life.WAITING]
        is_asked = self._gate.is_pressed() or any(one.state == life.PRE_ALARM for one in alarms)
        return gnss_window.Seen(
            age_ms=gnss_window.age_ms(alarms, now_ms),
            waits_ms=max(waits) if waits else None,
            due_ms=min(due) if due else None,
            is_asked=is_asked,
            is_up=not failed,
            quiet_ms=quiet_ms,
            failed=failed in _NO_NETWORK,
            since_ms=self._sky.since_ms(now_ms),
            anyway_ms=self._config.gnss_anyway_s * 1000,
        )

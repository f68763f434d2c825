"""Tells a link that is lost for good from one that is being opened again (R10)."""

from badge.core import ticks

NOTHING, LOST, BACK = range(3)


class LinkWatch:
    """`step` returns LOST after link_lost_s without the link, again every link_remind_s, and BACK.

    The first connection after a start counts as one that is lost since then.
    """

    def __init__(self, config, now_ms):
        self._lost_ms = config.link_lost_s * 1000
        self._remind_ms = config.link_remind_s * 1000
        self._tell_ms = ticks.add(now_ms, self._lost_ms)
        self.is_lost = False

    def step(self, now_ms, *, is_up):
        """What the wearer is to be told now."""
        if is_up:
            self._tell_ms = ticks.add(now_ms, self._lost_ms)
            was_lost, self.is_lost = self.is_lost, False
            return BACK if was_lost else NOTHING
        if ticks.diff(now_ms, self._tell_ms) < 0:
            return NOTHING
        self.is_lost = True
        self._tell_ms = ticks.add(now_ms, self._remind_ms)
        return LOST

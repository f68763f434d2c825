"""When who carries goes to whom again: anybody can call, so nobody may have all of its time."""

from badge.core import ticks
from badge.core.portable import const

# After a visit that brought something, and after one that did not, which doubles.
WELL_MS = const(3_000)
FIRST_MS = const(5_000)
LONGEST_MS = const(300_000)


class Patience:
    """By address of the air, of which `most` are remembered; times are ticks (core/ticks.py).

    The address whose visit is the longest ago is forgotten first, and is as good as new.
    """

    def __init__(self, most):
        self._most = most
        # Address: until when, and how long the wait is; and the addresses in their order.
        self._waits = {}
        self._order = []

    def may_visit(self, address, now_ms):
        """Whether to go there now."""
        wait = self._waits.get(address)
        if wait is None:
            return True
        # More is left than was waited for: the ticks have wrapped since.
        return not 0 < ticks.diff(wait[0], now_ms) <= LONGEST_MS

    def was_well(self, address, now_ms):
        """The visit brought an answer for the badge."""
        self._keep(address, now_ms, WELL_MS, 0)

    def was_in_vain(self, address, now_ms):
        """Nobody there, nothing to fetch, or nothing of the receiver's badges."""
        before_ms = self._waits.get(address, (0, 0))[1]
        wait_ms = min(2 * before_ms, LONGEST_MS) or FIRST_MS
        self._keep(address, now_ms, wait_ms, wait_ms)

    def _keep(self, address, now_ms, wait_ms, last_ms):
        if address in self._waits:
            self._order.remove(address)
        elif len(self._order) >= self._most:
            del self._waits[self._order.pop(0)]
        self._order.append(address)
        self._waits[address] = ticks.add(now_ms, wait_ms), last_ms

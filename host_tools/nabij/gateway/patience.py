"""When a gateway goes to whom again: anybody can call, so nobody may have all of its time."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

# After a visit that brought something, and after one that did not, which doubles.
WELL_S: Final = 3.0
FIRST_S: Final = 5.0
LONGEST_S: Final = 300.0
# So many addresses are remembered: the oldest is forgotten, and is as good as new.
MOST: Final = 1_000
# So many frames go up a minute in all, which is far below what the receiver takes for a flood.
FRAMES: Final = 240
FRAMES_S: Final = 60.0


class Patience:
    """By address of the air; `now_s` is a clock that only goes forward."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        # Until when, and how long the last wait was.
        self._waits: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._room, self._counted_s = float(FRAMES), now_s()

    def may_visit(self, address: str) -> bool:
        """Whether to go there now."""
        return self._waits.get(address, (0.0, 0.0))[0] <= self._now_s()

    def was_well(self, address: str) -> None:
        """The visit brought an answer for the badge."""
        self._keep(address, WELL_S, 0.0)

    def was_in_vain(self, address: str) -> None:
        """Nobody there, nothing to fetch, or nothing of the receiver's badges."""
        wait_s = min(2 * self._waits.get(address, (0.0, 0.0))[1], LONGEST_S) or FIRST_S
        self._keep(address, wait_s, wait_s)

    def may_send(self) -> bool:
        """Whether one more frame may go up; True counts it."""
        now_s = self._now_s()
        passed_s, self._counted_s = now_s - self._counted_s, now_s
        self._room = min(self._room + passed_s * FRAMES / FRAMES_S, float(FRAMES))
        if self._room < 1.0:
            return False
        self._room -= 1.0
        return True

    def _keep(self, address: str, wait_s: float, last_s: float) -> None:
        self._waits.pop(address, None)
        if len(self._waits) >= MOST:
            self._waits.popitem(last=False)
        self._waits[address] = self._now_s() + wait_s, last_s

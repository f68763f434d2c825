"""How many frames a gateway sends up: anybody can call, and nobody may flood the receiver."""

from collections.abc import Callable
from typing import Final

# So many a minute in all, which is far below what the receiver takes for a flood.
FRAMES: Final = 240
FRAMES_S: Final = 60.0


class Pace:
    """`now_s` is a clock that only goes forward."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._room, self._counted_s = float(FRAMES), now_s()

    def may_send(self) -> bool:
        """Whether one more frame may go up; True counts it."""
        now_s = self._now_s()
        passed_s, self._counted_s = now_s - self._counted_s, now_s
        self._room = min(self._room + passed_s * FRAMES / FRAMES_S, float(FRAMES))
        if self._room < 1.0:
            return False
        self._room -= 1.0
        return True

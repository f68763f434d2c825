"""How long a message has waited, by the time of day at which the broker had it."""

from typing import Final

from nabij.centre.clocks import Moment

# A change of the time of day beyond that is a step, and not a daemon that steers the clock.
STEP_MS: Final = 1_000
# So many steps are remembered.
_MOST: Final = 16


class Arrivals:
    """Turns a time of day of this machine into one of the steady clock, whatever was set since.

    Not for two threads.
    """

    def __init__(self, now: Moment, since_ms: int) -> None:
        """The time of day has been right since then, by the steady clock."""
        # Since when, steady, the time of day has been ahead of the steady clock by how much.
        self._offsets = [(since_ms, now.wall_ms - now.steady_ms)]

    def look(self, now: Moment) -> None:
        """To be asked often: notes that the time of day was set."""
        since_ms, offset_ms = self._offsets[-1]
        found_ms = now.wall_ms - now.steady_ms
        if abs(found_ms - offset_ms) < STEP_MS:
            self._offsets[-1] = (since_ms, found_ms)
        else:
            self._offsets = [*self._offsets, (now.steady_ms, found_ms)][-_MOST:]

    def waited_ms(self, arrived_ms: int, now: Moment) -> int | None:
        """How long ago that was; None for what no clock of ours has ever said."""
        self.look(now)
        until_ms = now.steady_ms + STEP_MS
        for since_ms, offset_ms in reversed(self._offsets):
            at_ms = arrived_ms - offset_ms
            if since_ms - STEP_MS <= at_ms <= until_ms:
                return max(0, now.steady_ms - at_ms)
            until_ms = since_ms
        return None

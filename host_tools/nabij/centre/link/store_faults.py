"""A store of the broker that has failed, as its log says: nothing is kept until another start."""

import re
from typing import Final

# What is mended and fails again is left alone for so long, and then for twice that.
FIRST_PAUSE_S: Final = 5.0
MOST_PAUSE_S: Final = 600.0
# A broker that has run so long was mended.
STEADY_S: Final = 60.0
# nats-server 2.15, server/filestore.go and server/stream.go: after the first it refuses each
# message and tells its publishers nothing, after the others it has switched its streams off.
_FAILED: Final = re.compile(
    r"critical write error: (?P<why>.+)$|JetStream (?P<out>out of \w+), will be DISABLED",
    re.IGNORECASE,
)


class StoreFaults:
    """Reads the log of one start of the broker after the other, and says when another is due."""

    def __init__(self) -> None:
        # Why, empty for nothing.
        self.reason = ""
        self._pause_s = 0.0

    def began(self) -> None:
        """The broker was started: of that start nothing is known."""
        self.reason = ""

    def read(self, line: str) -> None:
        """One line of its log."""
        found = _FAILED.search(line)
        if found is not None:
            self.reason = found["why"] or found["out"]

    def is_due(self, ran_s: float) -> bool:
        """Whether a broker that runs for so long is to be started again now, and will be."""
        if not self.reason or ran_s < self._pause_s:
            return False
        again = self._pause_s > 0 and ran_s < self._pause_s + STEADY_S
        self._pause_s = min(self._pause_s * 2, MOST_PAUSE_S) if again else FIRST_PAUSE_S
        return True

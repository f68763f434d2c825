"""The time as the receiver needs it: of day for people, and steady for deadlines."""

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
# Goes on while the machine sleeps, where there is such a clock.
_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True)
class Moment:
    """Now: ms since 1970 UTC by a clock that people may set, and ms of one that nobody sets.

    Steady times compare only within one `epoch`, which lasts from start to start of the machine.
    """

    wall_ms: int
    steady_ms: int
    epoch: str


class Clock:
    """Reads both clocks of this machine."""

    def __init__(self) -> None:
        try:
            self._epoch = _BOOT_ID.read_text().strip()
        except OSError:
            # Then an epoch lasts as long as the process; a restart goes by the time of day.
            self._epoch = uuid.uuid4().hex

    def now(self) -> Moment:
        """Both clocks at once."""
        steady_ms = time.clock_gettime_ns(_STEADY) // 1_000_000
        return Moment(time.time_ns() // 1_000_000, steady_ms, self._epoch)

"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable
from typing import Final

# For what comes at once on a machine with nothing else to do.
LONG_S: Final = 60.0


def wait_until(
    condition: Callable[[], object], timeout_s: float = LONG_S, *, pause_s: float = 0.02
) -> None:
    """Return as soon as the condition holds; AssertionError when it does not come to that.

    A condition that costs much, as a command does, is better asked after longer pauses.
    """
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"not within {timeout_s} s"
        time.sleep(pause_s)

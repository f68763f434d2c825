"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable
from typing import Final

# For what comes at once on a machine with nothing else to do.
LONG_S: Final = 60.0


def wait_until(condition: Callable[[], object], timeout_s: float = LONG_S) -> None:
    """Return as soon as the condition holds; AssertionError when it does not come to that."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"not within {timeout_s} s"
        time.sleep(0.02)

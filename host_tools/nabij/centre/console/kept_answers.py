"""Answers that many pages ask for at once: made once for each change, then given to all."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final

from nabij.centre.console.models import Queue

# What no event tells: when a badge was heard again, and what was done at other receivers.
KEPT_S: Final = 2.0


class KeptQueues:
    """The queue of each set of teams; `version` rises with every change."""

    def __init__(self, version: Callable[[], int]) -> None:
        self._version = version
        self._kept: dict[frozenset[int] | None, tuple[int, float, Queue]] = {}
        # Or each of many pages would make the same one.
        self._making: defaultdict[frozenset[int] | None, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(
        self, teams: frozenset[int] | None, make: Callable[[], Awaitable[Queue]]
    ) -> Queue:
        """The queue that those teams see, as of the last change."""
        async with self._making[teams]:
            # Before it is made: what changes meanwhile makes it old.
            version = self._version()
            kept = self._kept.get(teams)
            if kept is not None and kept[0] == version and time.monotonic() < kept[1]:
                return kept[2]
            found = await make()
            self._kept[teams] = (version, time.monotonic() + KEPT_S, found)
            return found

"""Tells the news of many commits at once, so that in a burst no receipt waits for each telling."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from nabij.centre.link.door import end
from nabij.centre.worker import Worker

# News that comes alone is told at once; in a burst, so often.
PAUSE_S: Final = 0.05

_log = logging.getLogger("nabij.link")


class Teller:
    """Calls `tell` on the worker's thread with the ids of news, in order."""

    def __init__(self, worker: Worker, tell: Callable[[tuple[int, ...]], None]) -> None:
        self._worker = worker
        self._tell = tell
        self._waiting: list[int] = []
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="nabij-teller")

    async def stop(self) -> None:
        """Tell what waits, and end; safe to call without start."""
        await end(self._task)
        await self._tell_all()

    def add(self, news: tuple[int, ...]) -> None:
        """These are to be told; they are in the database, so that a crash loses none of them."""
        if news:
            self._waiting += news
            self._some.set()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            await self._tell_all()
            await asyncio.sleep(PAUSE_S)

    async def _tell_all(self) -> None:
        news, self._waiting = tuple(self._waiting), []
        self._some.clear()
        if not news:
            return
        try:
            await self._worker.run(lambda: self._tell(news))
        except Exception:  # noqa: BLE001 - no fault of ours may end the telling of what follows
            _log.exception("fault while telling")

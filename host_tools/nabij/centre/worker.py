"""The two threads of a receiver: one loop that waits on everything, one that does the database."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

Result = TypeVar("Result")
# Some of nats-py's tasks swallow a cancellation, so they are cancelled again, for so long.
MOST_ENDING_S: Final = 5.0
_AGAIN_S: Final = 0.1


class Worker:
    """Does one piece of work after the other, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="nabij-database")

    async def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns or raises; it is done also when nobody waits for it any more."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Finish what was asked for; safe to call twice."""
        self._pool.shutdown()


class LoopThread:
    """An event loop on a thread of its own, for callers that wait for what it is to do."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="nabij-receiver", daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result], timeout_s: float | None = None) -> Result:
        """What the coroutine returns or raises, or TimeoutError. Not for the loop's own thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def close(self) -> None:
        """End the loop and what still runs on it, or leave that behind; safe to call twice."""
        if self._loop.is_closed():
            return
        self.run(self._cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _cancel_all(self) -> None:
        own = asyncio.current_task()
        end_s = self._loop.time() + MOST_ENDING_S
        while (tasks := asyncio.all_tasks() - {own}) and self._loop.time() < end_s:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_AGAIN_S)

"""The threads of a receiver: one loop that waits on everything, and others that do what blocks."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Final, TypeVar

Result = TypeVar("Result")
# Some of nats-py's tasks swallow a cancellation, so they are cancelled again, for so long.
MOST_ENDING_S: Final = 5.0
_AGAIN_S: Final = 0.1


class Worker:
    """Does one piece of work after the other, in the order in which they were asked for."""

    def __init__(self, name: str = "nabij-database") -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._began_s: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns or raises; it is done also when nobody waits for it any more."""
        return await asyncio.wrap_future(self.ask(work))

    def ask(self, work: Callable[[], Result]) -> Future[Result]:
        """Have it done without waiting for it."""
        done: Future[Result] = Future()
        # From here on nobody can cancel it.
        done.set_running_or_notify_cancel()

        def do() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                done.set_exception(error)
            else:
                done.set_result(result)

        self._work.put(do)
        return done

    def busy_s(self) -> float:
        """For how long it has been at the piece of work at hand."""
        began_s = self._began_s
        return 0.0 if began_s is None else time.monotonic() - began_s

    def close(self, timeout_s: float | None = None) -> bool:
        """Finish what was asked for; False when that is not so in time. Safe to call twice."""
        self._work.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (do := self._work.get()) is not None:
            self._began_s = time.monotonic()
            do()
            self._began_s = None


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

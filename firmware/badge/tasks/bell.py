"""Waits for news or for a time, whichever comes first, without a task for it.

asyncio.wait_for_ms() makes two tasks for each wait and takes seven turns of the event loop. The
badge's tasks wait so a dozen times a second all day long, mostly for nothing.
"""

import asyncio
from asyncio import core  # type: ignore[attr-defined]  # MicroPython has it


class Bell:
    """Like asyncio.Event for one waiting task, with a limit to the wait."""

    def __init__(self):
        self._is_set = False
        self._waiter = None

    def is_set(self):
        """Whether it was set and not yet cleared."""
        return self._is_set

    def clear(self):
        """Not set any more."""
        self._is_set = False

    def set(self):
        """End the wait, or the next one; never from an interrupt."""
        self._is_set = True
        task = self._waiter
        if task is None:
            return
        self._waiter = None
        # One that was cancelled is due already, and has to hear of that.
        if task.data is None:
            queue = core._task_queue  # noqa: SLF001  asyncio offers no other way in
            queue.remove(task)
            queue.push(task)

    async def wait_ms(self, timeout_ms):
        """Return True once it is set, False after `timeout_ms`; other tasks have a turn."""
        if self._is_set:
            timeout_ms = 0
        else:
            self._waiter = core.cur_task
        try:
            await asyncio.sleep_ms(timeout_ms)
        finally:
            self._waiter = None
        return self._is_set


class IrqBell:
    """The same for what an interrupt handler sets; a wait clears it, like a ThreadSafeFlag.

    `heard()` is called each time, whether anybody waits or not, once somebody has.
    """

    def __init__(self, heard=None):
        self._heard = heard
        self._flag = asyncio.ThreadSafeFlag()
        self._bell = Bell()
        self._listener = None

    def set(self):
        """End the wait, or the next one; from anywhere."""
        self._flag.set()

    async def wait_ms(self, timeout_ms):
        """As of Bell; raises what the task died of that listens to the interrupts."""
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
        is_set = await self._bell.wait_ms(timeout_ms)
        self._bell.clear()
        if self._listener.done():
            # Deaf without anybody knowing is worse than a crash, which is counted.
            listener, self._listener = self._listener, None
            await listener
        return is_set

    async def _listen(self):
        try:
            while True:
                await self._flag.wait()
                self._bell.set()
                if self._heard is not None:
                    self._heard()
        finally:
            self._bell.set()

"""Takes orders of the receiver off the link, one at a time, and keeps the answer to be sent.

What carries them out is imported with the first one: most badges never get any.
"""

import asyncio


class OrderDesk:
    """`worker()` makes what carries out orders: `await do(frame)` is the answer, or None."""

    def __init__(self, gate, log, worker):
        self._gate = gate
        self._log = log
        self._worker = worker
        self._do = None
        self._task = None
        self._answer = None

    def take(self, frame, ready):
        """Have it carried out; `ready()` is called then. One that comes meanwhile is dropped."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._carry_out(frame, ready))

    def answer(self):
        """The answer that waits, once; or None."""
        answer, self._answer = self._answer, None
        return answer

    async def _carry_out(self, frame, ready):
        try:
            if self._do is None:
                await self._gate.wait_open()
                self._gate.begin()
                try:
                    self._do = self._worker()
                finally:
                    self._gate.end()
            self._answer = await self._do(frame)
        # The receiver hears nothing and asks again; the badge stays armed.
        except Exception as error:  # noqa: BLE001
            self._log.failure("order.failed", error)
        ready()

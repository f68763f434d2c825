"""Writes over what the broker's stream has of a message that is not to stay on a disk.

An acknowledged message is only forgotten: its bytes stay where they were until others take the
place. Beside the taking of messages, so that no alarm waits for it.
"""

import asyncio
import contextlib
import logging
from collections import deque
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import APIError

from nabij.centre.link import stream
from nabij.centre.link.door import LOST

# More are acknowledged as they are: what waits here is in the way of what has yet to come.
MOST: Final = 1_000
_log = logging.getLogger("nabij.eraser")


class Eraser:
    """Erases one message after the other, and acknowledges it then. For one loop."""

    def __init__(self) -> None:
        self._waiting: deque[Msg] = deque()
        self._task: asyncio.Task[None] | None = None
        # So many were erased.
        self.erased = 0

    def add(self, client: Client, message: Msg) -> bool:
        """Have it erased soon; False when too many wait, and nothing is done about it."""
        if len(self._waiting) >= MOST:
            return False
        self._waiting.append(message)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(client), name="nabij-eraser")
        return True

    async def _run(self, client: Client) -> None:
        # What is left when the broker goes is handed over again.
        try:
            with contextlib.suppress(*LOST):
                while self._waiting:
                    message = self._waiting.popleft()
                    try:
                        await stream.erase(client, message)
                        self.erased += 1
                    except APIError as error:
                        _log.debug("%r", error)
                    await message.ack()
        finally:
            self._waiting.clear()

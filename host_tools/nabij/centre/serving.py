"""A server that is begun anew when it ends by itself, which is told."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

import uvicorn

from nabij.centre.recurring import Job
from nabij.errors import NabijError

LOOK_S: Final = 2.0


class Kept:
    """A server that is begun anew when it ends by itself, which `look` tells. For one loop.

    `listen()` gives the socket, NabijError when the port cannot be had; `name` is how those who
    run the receiver call it.
    """

    def __init__(
        self, made: uvicorn.Config, listen: Callable[[], socket.socket], name: str
    ) -> None:
        self.config = made
        self._listen = listen
        self._name = name
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Listen; NabijError when the port cannot be had."""
        self._socket = self._listen()
        self._server = uvicorn.Server(self.config)
        serving = self._server.serve(sockets=[self._socket])
        self._task = asyncio.create_task(serving, name=f"nabij-serves {self._name}")

    def look(self) -> None:
        """Begin it anew if it has ended; NabijError that says so, and why."""
        task = self._task
        if task is None or not task.done():
            return
        error = None if task.cancelled() else task.exception()
        self._close()
        self.start()
        why = "and gave no reason" if error is None else f"because of a fault: {error!r}"
        raise NabijError(f"What listens on {self._name} ended by itself {why}. It was begun anew.")

    async def stop(self) -> None:
        """End, with what is being answered; safe to call twice, or without start."""
        task, self._task = self._task, None
        if task is not None and self._server is not None:
            self._server.should_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        self._close()

    def _close(self) -> None:
        # One that was ended in the middle has left them open.
        for server in getattr(self._server, "servers", ()):
            server.close()
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def watching(name: str, kept: Callable[[], Kept | None], failing: str, works_again: str) -> Job:
    """What has to recur, so that a server is begun anew; `kept()` is None while it is not on."""

    async def look() -> None:
        one = kept()
        if one is not None:
            one.look()

    return Job(name, LOOK_S, look, failing, works_again)


def listen_at(host: str, port: int, family: socket.AddressFamily, name: str) -> socket.socket:
    """A socket that listens there; NabijError that names what people gave."""
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise NabijError(
            f"Nothing can listen on {name} ({error.strerror}): give another one."
        ) from error

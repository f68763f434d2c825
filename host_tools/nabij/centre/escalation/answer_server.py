"""Serves the pages of links on this machine, for a web server before it that has the name and TLS.

A port of its own: phones have to reach these pages from anywhere, and nothing else of us.
"""

import asyncio
import socket
from typing import Final

import uvicorn
from starlette.applications import Starlette

from nabij.centre.escalation.pages import AnswerPages
from nabij.errors import NabijError

HOST: Final = "127.0.0.1"
_STOP_S: Final = 3


class AnswerServer:
    """Listens on a port of this machine alone, on the running loop; with None not at all."""

    def __init__(self, pages: AnswerPages, port: int | None) -> None:
        self._port = port
        config = uvicorn.Config(
            Starlette(routes=pages.routes()),
            lifespan="off",
            ws="none",
            # The receiver has its own; addresses here are secrets.
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=100,
            timeout_graceful_shutdown=_STOP_S,
        )
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; NabijError when the port cannot be had."""
        if self._port is None:
            return
        try:
            found = socket.create_server((HOST, self._port))
        except OSError as error:
            raise NabijError(
                f"Nothing can listen on --answer-port {self._port} ({error.strerror}): "
                "give another one."
            ) from error
        self._task = asyncio.create_task(self._server.serve([found]), name="nabij-answers")

    async def stop(self) -> None:
        """End, with what is being answered; safe to call twice, or without start."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task

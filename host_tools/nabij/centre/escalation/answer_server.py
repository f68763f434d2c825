"""Serves the pages of links on this machine, for a web server before it that has the name and TLS.

A port of its own: phones have to reach these pages from anywhere, and nothing else of us.
"""

import socket
from functools import partial
from typing import Final

import uvicorn
from starlette.applications import Starlette

from nabij.centre.escalation.pages import AnswerPages
from nabij.centre.recurring import Job
from nabij.centre.serving import Kept, listen_at, watching

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
        name = f"--answer-port {port}"
        listen = partial(listen_at, HOST, port or 0, socket.AF_INET, name)
        self._kept = Kept(config, listen, name)

    async def start(self) -> None:
        """Listen; NabijError when the port cannot be had."""
        if self._port is not None:
            self._kept.start()

    def job(self) -> Job:
        """What has to recur: whether answers are taken."""
        return watching(
            "nabij-answers",
            lambda: self._kept,
            "Answers by links are not taken",
            "Answers by links are taken again.",
        )

    async def stop(self) -> None:
        """End, with what is being answered; safe to call twice, or without start."""
        await self._kept.stop()

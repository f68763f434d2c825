"""Answers over HTTP how the receiver is: to `nabij status`, and to monitoring on this machine."""

import asyncio
import contextlib
import http.client
import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

from nabij.centre.health.status import CRITICAL, Status
from nabij.errors import NabijError

HOST: Final = "127.0.0.1"
REQUEST_S: Final = 5.0
ANSWER_S: Final = 15.0
_MOST_REQUEST: Final = 8192
# Of the path of a socket, on any system.
_LONGEST: Final = 100
_PATHS: Final = {b"/", b"/health", b"/status"}


class Endpoint:
    """GET /health: 200 while alarms arrive, else 503, with the status as JSON.

    On a socket in the state folder, and on `port` of this machine unless that is None.
    """

    def __init__(
        self, file: Path, port: int | None, look: Callable[[], Awaitable[Status]]
    ) -> None:
        self._file = file
        self._port = port
        self._look = look
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        """Begin; NabijError in a sentence when that cannot be."""
        try:
            with _named(self._file) as name:
                self._file.unlink(missing_ok=True)
                listener = socket.socket(socket.AF_UNIX)
                # Who may not read the state folder may not ask.
                before = os.umask(0o177)
                try:
                    listener.bind(name)
                finally:
                    os.umask(before)
            self._servers.append(await asyncio.start_unix_server(self._serve, sock=listener))
        except OSError as error:
            raise NabijError(
                f"`nabij status` cannot be answered ({error.strerror}): see whether {self._file} "
                "can be made."
            ) from error
        if self._port is None:
            return
        try:
            self._servers.append(await asyncio.start_server(self._serve, HOST, self._port))
        except OSError as error:
            raise NabijError(
                f"Nothing can listen on --health-port {self._port} ({error.strerror}): "
                "give another one."
            ) from error

    async def stop(self) -> None:
        """End; safe to call twice, or without start."""
        for server in self._servers:
            server.close()
        if self._servers:
            self._file.unlink(missing_ok=True)
        self._servers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whoever asks in an odd way, or goes, gets no answer.
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            try:
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), REQUEST_S)
                writer.write(await self._answer(head[:_MOST_REQUEST]))
                await asyncio.wait_for(writer.drain(), REQUEST_S)
            finally:
                writer.close()

    async def _answer(self, head: bytes) -> bytes:
        method, path, *_ = [*head.split(b"\r\n", 1)[0].split(b" "), b"", b""]
        if method not in {b"GET", b"HEAD"} or path not in _PATHS:
            return _response(404, {"error": "Ask with GET /health."}, with_body=True)
        status = await self._look()
        code = 503 if status.level == CRITICAL else 200
        return _response(code, status.fields(), with_body=method == b"GET")


def ask(file: Path) -> dict[str, Any]:
    """What the receiver that has this socket answers; OSError when none does."""
    connection = http.client.HTTPConnection("localhost", timeout=ANSWER_S)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(ANSWER_S)
    try:
        with _named(file) as name:
            connection.sock.connect(name)
        connection.request("GET", "/status")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
    except http.client.HTTPException as error:
        raise OSError(f"it ended without an answer: {error!r}") from error
    finally:
        connection.close()
    return found


@contextlib.contextmanager
def _named(file: Path) -> Iterator[str]:
    """A name for the socket that is short enough for the system."""
    if len(os.fsencode(file)) <= _LONGEST or sys.platform != "linux":
        yield str(file)
        return
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{file.name}"
    finally:
        os.close(folder)


def _response(code: int, document: dict[str, Any], *, with_body: bool) -> bytes:
    body = json.dumps(document, allow_nan=False).encode() + b"\n"
    head = (
        f"HTTP/1.1 {code} {http.client.responses[code]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (body if with_body else b"")

"""The receiver's way into its broker: opened, kept open, opened again when it is lost."""

import asyncio
import contextlib
import itertools
import logging
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final, Self

from nats.aio.client import Client
from nats.errors import Error

from nabij.errors import NabijError

HOST: Final = "127.0.0.1"
CONNECT_S: Final = 5
# After a handshake that was cut nats-py waits for ever for the end of what is closed already.
CLOSE_S: Final = 0.5
# A broker that is frozen or cut off is noticed after two of these.
PING_S: Final = 5
FIRST_RECONNECT_S: Final = 0.1
MAX_RECONNECT_S: Final = 2.0
# What can become of a connection; TimeoutError is an OSError.
LOST: Final = (Error, OSError, ssl.SSLError)

_log = logging.getLogger("nabij.link")


class LostError(NabijError):
    """The broker is not there, or what was begun with it has to begin anew."""


class Door:
    """Where the broker lets its receiver in, and the certificate that is shown there.

    `port()` is asked anew for each connection: a broker that was started again has another.
    """

    def __init__(
        self, port: Callable[[], int | None], ca_file: Path, certificate: tuple[Path, Path]
    ) -> None:
        self._url: Callable[[], str | None] = lambda: _url(port())
        self._context = ssl.create_default_context(cafile=str(ca_file))
        self._certificate = certificate
        self._context.load_cert_chain(*certificate)
        logging.getLogger("asyncio").addFilter(_is_news)

    @classmethod
    def to(cls, urls: Sequence[str], ca_file: Path, certificate: tuple[Path, Path]) -> Self:
        """To brokers of a cluster: the next one for each connection, beginning anywhere."""
        door = cls(lambda: None, ca_file, certificate)
        following = itertools.cycle(random.sample(urls, len(urls)))
        door._url = lambda: next(following)
        return door

    @contextlib.asynccontextmanager
    async def open(self, lost: asyncio.Event | None = None) -> AsyncIterator[Client]:
        """A connection, closed at the end; LostError when there is none to be had.

        `lost` is set when it is lost, or something that was sent to us had to be thrown away.
        """
        ended = lost or asyncio.Event()
        url = self._url()
        if url is None:
            raise LostError("The broker is not running just now.")
        client = Client()

        async def on_error(error: Exception) -> None:
            # Also of what had to be thrown away, and of a loss on whose way nats-py stumbles.
            _log.debug("%r", error)
            ended.set()

        async def on_closed() -> None:
            ended.set()

        try:
            await self._connect(client, url, on_error, on_closed)
            yield client
        finally:
            with contextlib.suppress(*LOST):
                await asyncio.wait_for(client.close(), CLOSE_S)

    async def _connect(
        self,
        client: Client,
        url: str,
        on_error: Callable[[Exception], Awaitable[None]],
        on_closed: Callable[[], Awaitable[None]],
    ) -> None:
        try:
            # It may have been renewed.
            self._context.load_cert_chain(*self._certificate)
            await client.connect(
                url,
                tls=self._context,
                tls_handshake_first=True,
                # It would go on with this address, which belongs to a broker that is gone.
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=CONNECT_S,
                error_cb=on_error,
                closed_cb=on_closed,
            )
        except LOST as error:
            raise LostError(f"The broker does not let the receiver in ({error}).") from error


def _url(port: int | None) -> str | None:
    return None if port is None else f"tls://{HOST}:{port}"


async def keep_open(door: Door, serve: Callable[[Client], Coroutine[Any, Any, None]]) -> None:
    """Have `serve` use a connection, and a new one whenever that is lost or `serve` fails."""
    pause_s = FIRST_RECONNECT_S
    while True:
        lost = asyncio.Event()
        try:
            async with door.open(lost) as client:
                pause_s = FIRST_RECONNECT_S
                await _until(lost, client, serve(client))
        except (NabijError, *LOST) as error:
            _log.debug("%r", error)
        except Exception:  # noqa: BLE001 - no fault of ours may end what takes alarms
            _log.exception("fault in what uses the broker")
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, MAX_RECONNECT_S)


async def _until(lost: asyncio.Event, client: Client, work: Coroutine[Any, Any, None]) -> None:
    working = asyncio.create_task(work)
    watching = asyncio.create_task(lost.wait())
    both = {working, watching}
    try:
        while not (await asyncio.wait(both, timeout=PING_S, return_when=asyncio.FIRST_COMPLETED))[
            0
        ]:
            # Raises when there is no answer, whatever nats-py thinks of the connection.
            await client.flush(PING_S)
    finally:
        await end(watching)
        await end(working)
    if not working.cancelled():
        working.result()


async def end(task: asyncio.Task[Any] | None) -> None:
    """Cancel the task and wait for its end, however it ends; nats-py swallows cancellations."""
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.1)


def _is_news(record: logging.LogRecord) -> bool:
    """asyncio's remark on how nats-py ends TLS, which says nothing about us, is none."""
    return "eof_received() has no effect" not in record.msg

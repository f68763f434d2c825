"""A TCP connection of the chip's own network as the stream under TLS; nothing in it blocks."""

import asyncio
import io
import socket
from asyncio import core  # type: ignore[attr-defined]  # MicroPython has it

from badge.core.portable import const

# How often somebody who waits looks whether the bearer is still there.
_LOOK_MS = const(5_000)
# EINPROGRESS of lwIP and of Linux.
_UNDER_WAY = (119, 115)
_EPIPE = const(32)
_POLL = const(3)
_CLOSE = const(4)
_POLL_RD = const(1)
_POLL_HUP = const(16)


class PlainSocket(io.IOBase):
    """`bearer` is a Wlan; `error` is what ended it, made by `failure(code, text)`, or None."""

    def __init__(self, bearer, failure):
        self._bearer = bearer
        self._failure = failure
        self._sock = None
        self.error = None

    async def open(self, host, port, timeout_ms):
        """Connects; raises wlan.dns or wlan.open."""
        await self.aclose()
        self.error = None
        address = await self._bearer.address(host)
        sock = None
        try:
            sock = socket.socket()
            sock.setblocking(False)
            try:
                sock.connect(socket.getaddrinfo(address, port)[0][-1])
            except OSError as error:
                if error.args[0] not in _UNDER_WAY:
                    raise
            self._sock = sock
        except OSError as error:
            if sock is not None:
                sock.close()
            raise self._failure("wlan.open", "%s:%d: %s" % (address, port, error))
        if not await self._until(until_writable, timeout_ms):
            await self.aclose()
            raise self._failure("wlan.open", "not connected in %d ms" % timeout_ms)

    async def aclose(self):
        """Closes; harmless when already closed."""
        self._end(None)

    def end(self):
        """Ends it for another way to the receiver."""
        self._end(self._failure("wlan.left", "another way costs less"))

    def is_bearer_lost(self):
        """Whether the fault was here and not at the far end."""
        return not self._bearer.is_joined()

    def hangs(self):
        """No task of its own could."""
        return False

    async def sound(self):
        """Whether it has not ended; more cannot be known without the air."""
        return self._sock is not None

    async def wait_readable(self, timeout_ms):
        """True when there is something to read or the end is reached; False after `timeout_ms`."""
        return await self._until(until_readable, timeout_ms)

    async def drain(self, timeout_ms):
        """True when there is room to write or the end is reached; False after `timeout_ms`."""
        return await self._until(until_writable, timeout_ms)

    def readinto(self, buf):
        if self._sock is None:
            return 0
        # On the chip this runs inside mbedtls' read callback: it must not raise.
        try:
            return self._sock.readinto(buf)
        except OSError as error:
            self._end(error)
            return 0

    def write(self, buf):
        if self._sock is None:
            return -_EPIPE
        try:
            return self._sock.write(buf)
        except OSError as error:
            self._end(error)
            return -_EPIPE

    def ioctl(self, request, arg):
        if request == _POLL:
            # Who waits does so with wait_readable and drain.
            return arg if self._sock is not None else arg & _POLL_RD | _POLL_HUP
        if request == _CLOSE:
            self._end(None)
        return 0

    async def _until(self, ready, timeout_ms):
        while self._sock is not None:
            wait_ms = min(timeout_ms, _LOOK_MS)
            if await ready(self._sock, wait_ms):
                return True
            timeout_ms -= wait_ms
            if not self._bearer.is_joined():
                self._end(self._failure("wlan.lost", "the access point is out of reach"))
            elif timeout_ms <= 0:
                return False
        return True

    def _end(self, error):
        sock, self._sock = self._sock, None
        if sock is None:
            return
        self.error = error
        try:
            sock.close()
        except OSError as failed:
            self.error = self.error or failed


async def until_readable(sock, timeout_ms):
    """Whether it can be read within `timeout_ms`."""
    return await _until(core._io_queue.queue_read, sock, timeout_ms)  # noqa: SLF001


async def until_writable(sock, timeout_ms):
    """Whether it can be written within `timeout_ms`."""
    return await _until(core._io_queue.queue_write, sock, timeout_ms)  # noqa: SLF001


async def _until(queue, sock, timeout_ms):
    try:
        await asyncio.wait_for_ms(_turn(queue, sock), timeout_ms)
    except asyncio.TimeoutError:
        return False
    return True


def _turn(queue, sock):
    # asyncio's own way to wait for a stream, which it offers through its StreamReader only.
    yield queue(sock)

"""TLS with mutual certificates over a non-blocking stream, one handshake step at a time."""

import asyncio
import io
import ssl
from time import ticks_diff, ticks_ms

from badge.core.portable import const

_HANDSHAKE = const(22)
_CHANGE_CIPHER = const(20)
_POLL = const(3)
# While an alarm waits, attempts at addresses that only take connections are at most 15 s apart.
_SILENT_MS = const(12_000)


class LinkError(Exception):
    """`code`: link.timeout, link.closed, link.refused or link.protocol."""

    def __init__(self, code, text):
        super().__init__("%s: %s" % (code, text))
        self.code = code


def client_context(ca_der, cert_der, key_der):
    """A context that demands the server's certificate and shows ours; bytes in DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_verify_locations(cadata=ca_der)
        context.load_cert_chain(cert_der, key_der)
    except (OSError, ValueError) as e:
        raise LinkError("link.refused", "certificates on this badge are unusable (%s)" % e)
    return context


class TlsStream:
    """TLS over `sock` (a ModemSocket, or anything with its methods); all waits raise LinkError."""

    def __init__(self, sock, context, server_hostname, gate):
        self._sock = sock
        self._gate = gate
        self._valve = RecordValve(sock)
        self._broken = False
        self._lock = asyncio.Lock()
        self._tls = context.wrap_socket(
            self._valve, server_hostname=server_hostname, do_handshake_on_connect=False
        )
        self.steps = 0

    async def handshake(self, timeout_ms):
        """Blocks the VM for at most one public-key message at a time, and yields in between."""
        started = ticks_ms()
        is_silent = False
        while not self._valve.finished:
            passed = ticks_diff(ticks_ms(), started)
            left = timeout_ms - passed
            if left <= 0 or is_silent:
                raise LinkError("link.timeout", "no TLS in %d ms" % passed)
            await self._gate.wait_open()
            self._valve.next_turn()
            self._gate.begin()
            try:
                self._tls.read(1)
            except (OSError, ValueError) as e:
                self._broken = True
                self._explain(e, "link.closed" if self._valve.ended else "link.refused")
            finally:
                self._gate.end()
            self.steps += 1
            if self._valve.held:
                await asyncio.sleep_ms(0)
            elif not self._valve.finished:
                is_silent = not await self._sock.wait_readable(min(left, _SILENT_MS))
        self._valve.open()

    async def read_into(self, buf, timeout_ms):
        """Bytes put in `buf`, at least 1; 0 when nothing came in `timeout_ms`."""
        started = ticks_ms()
        while True:
            if self._broken:
                raise self._closed()
            try:
                n = self._tls.readinto(buf)
            except OSError as e:
                self._broken = True
                self._explain(e, "link.protocol")
            if n:
                return n
            if n == 0:
                self._broken = True
                raise self._closed()
            left = timeout_ms - ticks_diff(ticks_ms(), started)
            if left <= 0 or not await self._sock.wait_readable(left):
                return 0

    async def write(self, data, timeout_ms):
        """Hands all of `data` to the socket as one TLS record; who waits for another waits too."""
        started = ticks_ms()
        await self._take_turn(timeout_ms)
        try:
            if self._broken:
                raise self._closed()
            # A record that is cut short by a timeout or a cancel leaves nothing to go on with.
            self._broken = True
            while True:
                try:
                    n = self._tls.write(data)
                except OSError as e:
                    self._explain(e, "link.closed")
                if n:
                    data = memoryview(data)[n:]
                    if not len(data):
                        break
                left = timeout_ms - ticks_diff(ticks_ms(), started)
                if left <= 0 or not await self._sock.drain(left):
                    raise LinkError("link.timeout", "could not send in %d ms" % timeout_ms)
            self._broken = False
        finally:
            self._lock.release()

    async def _take_turn(self, timeout_ms):
        if not self._lock.locked():
            await self._lock.acquire()
            return
        # Of one that stands still nothing is left to go on with.
        try:
            await asyncio.wait_for_ms(self._lock.acquire(), timeout_ms)
        except asyncio.TimeoutError:
            raise LinkError("link.timeout", "could not send in %d ms" % timeout_ms)

    async def close(self):
        """Ends TLS and the socket under it."""
        self._broken = True
        self._tls.close()
        await self._sock.aclose()

    def _closed(self):
        return LinkError("link.closed", str(self._sock.error or "the far end closed"))

    def _explain(self, error, code):
        if self._sock.error:
            raise self._closed()
        raise LinkError(code, "TLS: %s" % error)


class RecordValve(io.IOBase):
    """Until open(), lets one TLS record in and one out per turn, so that mbedtls returns then.

    mbedtls runs a handshake until its stream would block, 150 ms and more per public-key message,
    and the button is not seen meanwhile. It reads a record as 5 bytes of header, then the rest.
    """

    def __init__(self, sock):
        self._sock = sock
        self._head = bytearray(5)
        self._head_len = 0
        self._body_left = 0
        self._ciphered = False
        self._passing = False
        self._read_used = False
        self._write_used = False
        self.held = False
        self.ended = False
        self.finished = False

    def next_turn(self):
        self._read_used = False
        self._write_used = False
        self.held = False

    def open(self):
        self._passing = True

    def readinto(self, buf):
        if self._passing:
            return self._sock.readinto(buf)
        if self._read_used:
            self.held = True
            return None
        want = self._body_left or 5 - self._head_len
        n = self._sock.readinto(memoryview(buf)[:want])
        if n == 0:
            self.ended = True
        if n:
            self._follow(buf, n)
        return n

    def write(self, buf):
        if self._write_used and not self._passing:
            self.held = True
            return None
        self._write_used = True
        return self._sock.write(buf)

    def ioctl(self, request, arg):
        # Closing is asynchronous here: TlsStream.aclose() does it.
        return self._sock.ioctl(request, arg) if request == _POLL else 0

    def _follow(self, buf, n):
        if self._body_left:
            self._body_left -= n
        else:
            self._head[self._head_len : self._head_len + n] = buf[:n]
            self._head_len += n
            if self._head_len < 5:
                return
            self._body_left = (self._head[3] << 8) | self._head[4]
        if self._body_left:
            return
        self._head_len = 0
        self._read_used = True
        # The record after the server's ChangeCipherSpec is its Finished, which ends TLS 1.2's.
        if self._head[0] == _HANDSHAKE and self._ciphered:
            self.finished = True
        elif self._head[0] == _CHANGE_CIPHER:
            self._ciphered = True

"""Stand-in for `ssl`: the real mbedtls, with the chip's public-key time charged to the world.

The handshake is watched from outside: the messages that cost a public-key operation on a client
are in the clear up to ChangeCipherSpec (RFC 5246). One step is charged for each.

A signature of P-256 has at most 72 bytes, and mostly fewer by chance, because mbedtls draws real
random numbers. What a shorter one saves on the modem's line is charged with its step, so that runs
of one scenario take the same time.
"""

import io

import tls
from tls import (
    CERT_NONE,
    CERT_OPTIONAL,
    CERT_REQUIRED,
    MBEDTLS_VERSION,
    PROTOCOL_TLS_CLIENT,
    PROTOCOL_TLS_SERVER,
)

from sim.world import current

_CHANGE_CIPHER_SPEC = 20
_HANDSHAKE = 22
_CERTIFICATE, _SERVER_KEY_EXCHANGE, _CERTIFICATE_VERIFY, _CLIENT_KEY_EXCHANGE = 11, 12, 15, 16
_COSTLY_IN = (_CERTIFICATE, _SERVER_KEY_EXCHANGE)
_COSTLY_OUT = (_CLIENT_KEY_EXCHANGE, _CERTIFICATE_VERIFY)
_SIGNED = (_SERVER_KEY_EXCHANGE, _CERTIFICATE_VERIFY)
_NAMED_CURVE = 3
_SIGNATURE_MOST = 72
# Of a byte on the modem's line, 10 bits at 115,200 baud.
_BYTE_NS = 86_805


class HandshakeMeter:
    """Counts the costly messages in one direction of a TLS 1.2 connection, in any slicing."""

    def __init__(self, costly):
        self._costly = costly
        self._record = b""
        self._messages = b""
        self.over = False

    def feed(self, data):
        """How many costly messages `data` completes, and the bytes that their signatures lack."""
        if self.over:
            return 0, 0
        self._record += bytes(data)
        while len(self._record) >= 5 and not self.over:
            length = self._record[3] << 8 | self._record[4]
            if len(self._record) < 5 + length:
                break
            if self._record[0] == _HANDSHAKE:
                self._messages += self._record[5 : 5 + length]
            self.over = self._record[0] == _CHANGE_CIPHER_SPEC
            self._record = self._record[5 + length :]
        return self._count()

    def _count(self):
        found = lacking = 0
        while len(self._messages) >= 4:
            length = int.from_bytes(self._messages[1:4], "big")
            if len(self._messages) < 4 + length:
                break
            found += self._messages[0] in self._costly
            if self._messages[0] in _SIGNED:
                lacking += _lacking(self._messages[4 : 4 + length])
            self._messages = self._messages[4 + length :]
        return found, lacking


class Metered(io.IOBase):
    """The stream under TLS, with both directions watched."""

    def __init__(self, stream):
        self._stream = stream
        self._incoming = HandshakeMeter(_COSTLY_IN)
        self._outgoing = HandshakeMeter(_COSTLY_OUT)
        self._paid = 0

    def readinto(self, buf):
        n = self._stream.readinto(buf)
        if n and not self._incoming.over:
            _charge(*self._incoming.feed(memoryview(buf)[:n]))
        return n

    def write(self, buf):
        if not self._outgoing.over:
            # What a message costs was spent before it could be sent. Bytes that the stream does
            # not take now come again, and have been paid for.
            _charge(*self._outgoing.feed(memoryview(buf)[self._paid :]))
        n = self._stream.write(buf)
        self._paid = len(buf) - (n or 0)
        return n

    def ioctl(self, request, argument):
        return self._stream.ioctl(request, argument)

    def close(self):
        self._stream.close()


class SSLContext:
    """As the port's own: DER certificates, given as bytes or as file names."""

    def __init__(self, protocol):
        self._context = tls.SSLContext(protocol)
        self._context.verify_mode = CERT_NONE if protocol == PROTOCOL_TLS_SERVER else CERT_REQUIRED

    @property
    def verify_mode(self):
        return self._context.verify_mode

    @verify_mode.setter
    def verify_mode(self, mode):
        self._context.verify_mode = mode

    def load_cert_chain(self, certfile, keyfile):
        self._context.load_cert_chain(_bytes_of(certfile), _bytes_of(keyfile))

    def load_verify_locations(self, cafile=None, cadata=None):
        self._context.load_verify_locations(_bytes_of(cafile) if cafile else cadata)

    def wrap_socket(
        self,
        sock,
        server_side=False,
        do_handshake_on_connect=True,
        server_hostname=None,
    ):
        return self._context.wrap_socket(
            Metered(sock),
            server_side=server_side,
            do_handshake_on_connect=do_handshake_on_connect,
            server_hostname=server_hostname,
        )


def _bytes_of(source):
    if isinstance(source, str):
        with open(source, "rb") as file:
            return file.read()
    return source


def _lacking(body):
    """The signature ends its message, after two bytes of length (RFC 5246 4.7, RFC 8422 5.4)."""
    start = 2 if body[0] != _NAMED_CURVE else 4 + body[3] + 2
    return max(0, _SIGNATURE_MOST - int.from_bytes(body[start : start + 2], "big"))


def _charge(steps, lacking):
    for _ in range(steps):
        current.world.stall("tls_public_key_step")
    if lacking:
        current.world.busy_us(lacking * _BYTE_NS // 1000)


__all__ = (
    "CERT_NONE",
    "CERT_OPTIONAL",
    "CERT_REQUIRED",
    "MBEDTLS_VERSION",
    "PROTOCOL_TLS_CLIENT",
    "PROTOCOL_TLS_SERVER",
    "SSLContext",
)

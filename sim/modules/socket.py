"""Stand-in for `socket` as on the ESP32-S3 port, over WLAN: what blocks there is refused."""

import io

from micropython import const

from sim.models import wlan
from sim.world import current

AF_INET = 2
SOCK_STREAM = 1
SOCK_DGRAM = 2

# lwIP's numbers.
_EINPROGRESS = const(119)
_EHOSTUNREACH = const(118)
_ECONNREFUSED = const(111)
_ENOTCONN = const(128)
_EAGAIN = const(11)
# Of TCP_SND_BUF in ESP-IDF's lwIP.
_SEND_BUFFER = const(5_760)
_STREAM_POLL = const(3)
_STREAM_CLOSE = const(4)
_POLL_READ = const(1)
_POLL_WRITE = const(4)


def getaddrinfo(host, port):
    """For numbers only: to ask a name server holds the VM until it answers."""
    if not all(part.isdigit() for part in host.split(".")):
        raise NotImplementedError("getaddrinfo(%r) holds the VM for seconds" % host)
    return [(AF_INET, SOCK_STREAM, 0, "", (host, port))]


class socket(io.IOBase):
    """One that must not block."""

    announces = True

    def __init__(self, family=AF_INET, type=SOCK_STREAM):  # noqa: A002
        self._is_stream = type == SOCK_STREAM
        self._blocks = True
        self._far = None
        self._port = None
        self._is_open = False
        self._is_over = False
        self._error = 0
        self._received = b""
        self._datagrams = []

    def setblocking(self, flag):
        self._blocks = flag

    def connect(self, address):
        self._must_not_block()
        host, port = address
        model = current.board.wlan
        if not model.is_joined:
            raise OSError(_EHOSTUNREACH)
        self._port = port
        if not self._is_stream:
            if port == 53 and host != wlan.NAME_SERVER:
                raise NotImplementedError("nobody at %s knows names" % host)
            return
        self._far = model.dial(host, port, self._opened, self._arrived)
        raise OSError(_EINPROGRESS)

    def send(self, data):
        if self._is_stream:
            return self.write(data)
        packet = bytes(data)
        current.board.wlan.ask(self._port, packet, self._datagram)
        return len(packet)

    def recv(self, count):
        self._must_not_block()
        if not self._datagrams:
            raise OSError(_EAGAIN)
        return self._datagrams.pop(0)[:count]

    def write(self, data):
        self._must_not_block()
        self._fail()
        if not self._is_open:
            raise OSError(_ENOTCONN)
        taken = bytes(data[:_SEND_BUFFER])
        self._observe("up", taken)
        self._far.send(taken)
        return len(taken)

    def readinto(self, buf):
        self._must_not_block()
        self._fail()
        n = min(len(buf), len(self._received))
        if not n:
            return 0 if self._is_over else None
        memoryview(buf)[:n] = self._received[:n]
        self._received = self._received[n:]
        return n

    def close(self):
        if self._far is not None and not self._is_over:
            self._far.send(b"")
        self._far = None
        self._is_over = True
        self._is_open = False

    def ioctl(self, request, flags):
        if request == _STREAM_CLOSE:
            self.close()
            return 0
        if request != _STREAM_POLL:
            return -1
        ready = 0
        if self._received or self._datagrams or self._is_over or self._error:
            ready |= _POLL_READ
        if self._is_open or self._error:
            ready |= _POLL_WRITE
        return ready & flags

    def _opened(self, is_open):
        if self._is_over:
            return
        self._is_open = is_open
        self._error = 0 if is_open else _ECONNREFUSED
        current.world.stream_news = True

    def _arrived(self, data):
        if data:
            self._observe("down", data)
            self._received += data
        else:
            self._is_over = True
        current.world.stream_news = True

    def _datagram(self, packet):
        self._datagrams.append(packet)
        current.world.stream_news = True

    def _fail(self):
        if self._error:
            raise OSError(self._error)

    def _must_not_block(self):
        if self._blocks:
            raise NotImplementedError("a socket that blocks holds the VM")

    def _observe(self, way, data):
        if current.board.wlan.air.observes_bytes:
            current.world.observe({"wlan": way, "bytes": len(data)})

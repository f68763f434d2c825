"""The way between the modem and a server: delay, loss that costs time, and gaps in coverage."""

import usocket as socket

from sim.models.modem.paging import Paging

# A lost segment is sent again after the retransmission timer; RFC 6298 starts it at one second.
_RETRANSMIT_US = 1_000_000
_TRY_AGAIN_US = 5_000
_READ_MAX = 4096

OPENED = 0
REFUSED = 23
FAILED = 27
# No code of the modem's: the far end says nothing, and it tells so when it gives up.
UNANSWERED = None


class Air:
    """One badge's radio, from the modem's options (sim/options/modem.py).

    With `observe_bytes` the length of every segment is observed: what an eavesdropper sees.
    """

    def __init__(self, world, config):
        self._world = world
        self.rtt_us = int(config["rtt_ms"] * 1000)
        self.observes_bytes = config["observe_bytes"]
        self._nat_us = int(config["nat_ms"] * 1000)
        self._loss = int(config["loss"] * 65536)
        self._random = config["seed"] or 1
        self.gaps_us = spans_us(config["no_coverage_ms"])
        self.denials_us = spans_us(config["denied_ms"])
        self.paging = Paging(world, config, self.gap_end_us)

    def gap_end_us(self, at_us):
        """World time when coverage is back, or None when there is coverage at `at_us`."""
        return end_us(self.gaps_us, at_us)

    def denial_end_us(self, at_us):
        """World time when the network takes the badge again, or None when it does."""
        return end_us(self.denials_us, at_us)

    def arrival_us(self, one_way=True):
        """When something sent now arrives (or, one_way=False, its answer is back)."""
        at_us = self.paging.connected_us()
        while self._lost() or self.gap_end_us(at_us) is not None:
            # The timer doubles in a gap in real life; here the segment goes out when it ends.
            at_us = max(at_us + _RETRANSMIT_US, self.gap_end_us(at_us) or 0)
        return at_us + (self.rtt_us // 2 if one_way else self.rtt_us)

    def forgets(self, silent_us):
        """Whether the network has dropped a connection that was silent so long."""
        return 0 < self._nat_us < silent_us

    def _lost(self):
        # xorshift32: the same scenario loses the same segments on every host.
        x = self._random
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self._random = x
        return (x & 0xFFFF) < self._loss


def spans_us(spans_ms):
    return sorted((int(start * 1000), int(end * 1000)) for start, end in spans_ms)


def end_us(spans_us, at_us):
    for start, end in spans_us:
        if start <= at_us < end:
            return end
    return None


class Path:
    """One direction of a connection: what goes in comes out later, in order.

    `reach(go)` calls back when a segment may go at all; None: at once.
    """

    def __init__(self, world, air, deliver, reach=None):
        self._world = world
        self._air = air
        self._reach = reach
        self._deliver = deliver
        self._last_us = 0
        self._cut = False
        # What is to arrive later than this was not sent before its sender was gone.
        self._until_us = None

    def send(self, item):
        if self._reach is None:
            self._go(item)
        else:
            self._reach(lambda: self._go(item))

    def cut(self):
        """Nothing that is under way arrives any more."""
        self._cut = True

    def break_off(self):
        """The sender is gone: what is on its way arrives, and what was lost is not sent again."""
        self._until_us = self._world.now_us + self._air.rtt_us // 2

    def _go(self, item):
        self._last_us = max(self._last_us, self._air.arrival_us())
        at_us = self._last_us
        self._world.at(at_us, lambda: self._is_cut(at_us) or self._deliver(item))

    def _is_cut(self, at_us):
        return self._cut or (self._until_us is not None and at_us > self._until_us)


class LiveServers:
    """Real TCP, to this machine only. `connect` gives a result code and a connection or None."""

    def __init__(self, world):
        self._world = world

    def connect(self, host, port, on_data):
        if host != "localhost" and not host.startswith("127."):
            self._world.observe(
                {"modem": "refused", "host": host, "why": "the simulator only dials loopback"}
            )
            return FAILED, None
        sock = socket.socket()
        try:
            sock.connect(socket.getaddrinfo(host, port)[0][-1])
        except OSError:
            sock.close()
            return REFUSED, None
        sock.setblocking(False)
        return OPENED, LiveConnection(self._world, sock, on_data)


class LiveConnection:
    """A non-blocking socket watched by the world; `on_data(b"")` is its end."""

    def __init__(self, world, sock, on_data):
        self._world = world
        self._sock = sock
        self._on_data = on_data
        self._backlog = b""
        world.watch_fd(sock, self._ready)

    def send(self, data):
        if self._sock is not None:
            waiting = bool(self._backlog)
            self._backlog += data
            if not waiting:
                self._flush()

    def close(self):
        if self._sock is not None:
            self._world.unwatch_fd(self._sock)
            self._sock.close()
            self._sock = None

    def _flush(self):
        if self._sock is None or not self._backlog:
            return
        try:
            n = self._sock.write(self._backlog)
        except OSError:
            self._lost()
            return
        self._backlog = self._backlog[n or 0 :]
        if self._backlog:
            self._world.at(self._world.now_us + _TRY_AGAIN_US, self._flush)

    def _ready(self):
        if self._sock is None:
            return
        try:
            data = self._sock.read(_READ_MAX)
        except OSError:
            self._lost()
            return
        if data is None:
            return
        if not data:
            self._lost()
        else:
            self._on_data(data)

    def _lost(self):
        self.close()
        self._on_data(b"")

"""The TCP sockets of a SIM7080 (AT manual V1.05, 12.2) on the simulated network."""

from sim.models.modem.mobile_network import FAILED, OPENED, UNANSWERED, Path

SEGMENT_MAX = 1460

_SOCKETS = 13


class ModemSockets:
    """Sockets by connection id; `line` carries their unsolicited results."""

    def __init__(self, world, air, servers, line, gives_up_ms):
        self._world = world
        self._gives_up_us = int(gives_up_ms * 1000)
        self._air = air
        self._servers = servers
        self._line = line
        self._open = {}

    def open(self, rest, bearer, opened):
        """Dial `cid,0,"TCP","host",port`; `opened(cid, result)` follows. False when refused."""
        fields = rest.replace(b'"', b"").split(b",")
        cid, host, port = int(fields[0]), fields[3].decode(), int(fields[4])
        if fields[2].upper() != b"TCP" or not 0 <= cid < _SOCKETS or cid in self._open:
            return False
        if not bearer.is_up:
            opened(cid, FAILED)
        elif not bearer.carries() or self._air.gap_end_us(self._world.now_us) is not None:
            self._after(self._gives_up_us, lambda: opened(cid, FAILED))
        else:
            self._world.at(self._air.arrival_us(), lambda: self._dial(cid, host, port, opened))
        return True

    def can_send(self, cid, count):
        """Whether CASEND of `count` bytes is taken."""
        connection = self._open.get(cid)
        return connection is not None and not connection.ended and 1 <= count <= SEGMENT_MAX

    def send(self, cid, data):
        """What came at the prompt; False when the socket is gone meanwhile."""
        connection = self._open.get(cid)
        if connection is not None:
            self._observe_bytes("up", data)
            connection.up.send(data)
        return connection is not None

    def receive(self, cid, count):
        """At most `count` received bytes; None when there is no such socket."""
        connection = self._open.get(cid)
        if connection is None or not 1 <= count <= SEGMENT_MAX:
            return None
        return connection.take(count)

    def close(self, cid):
        """False when there is no such socket."""
        connection = self._open.pop(cid, None)
        if connection is not None:
            connection.close()
        return connection is not None

    def drop_all(self, tell):
        """The bearer or the power is gone."""
        for cid in sorted(self._open):
            self._open[cid].up.break_off()
            self.close(cid)
            if tell:
                self._line.say(b"+CASTATE: %d,0" % cid)

    def _dial(self, cid, host, port, opened):
        def arrived(data):
            self._arrived(cid, connection, data)

        connection = _Connection(self._world, self._air, arrived)
        result = connection.dial(self._servers, host, port)
        if result is UNANSWERED:
            self._after(self._gives_up_us, lambda: opened(cid, FAILED))
            return

        def done():
            if result == OPENED:
                self._open[cid] = connection
            opened(cid, result)

        self._world.at(self._air.arrival_us(), done)

    def _arrived(self, cid, connection, data):
        if self._open.get(cid) is not connection:
            return
        if not data:
            connection.end()
            self._world.observe({"modem": "closed_by_peer", "cid": cid})
            self._line.say(b"+CASTATE: %d,0" % cid)
            return
        self._observe_bytes("down", data)
        # Indicated once; again only after the buffer has been read empty.
        if connection.keep(data):
            self._line.say(b"+CADATAIND: %d" % cid)

    def _observe_bytes(self, way, data):
        if self._air.observes_bytes:
            self._world.observe({"modem": way, "bytes": len(data)})

    def _after(self, delay_us, callback):
        self._world.at(self._world.now_us + delay_us, callback)


class _Connection:
    """One TCP connection as the modem holds it."""

    def __init__(self, world, air, on_data):
        self._world = world
        self._air = air
        self._passed_us = world.now_us
        self._is_forgotten = False
        self.up = Path(world, air, self._pass_on)
        self._down = Path(world, air, on_data, air.paging.reach)
        self._far = None
        self._received = b""
        self.ended = False

    def dial(self, servers, host, port):
        """Ask for the far end; whether and how it answered (mobile_network.py)."""
        result, self._far = servers.connect(host, port, self._come)
        return result

    def keep(self, data):
        """What has arrived waits to be read; True when nothing else waited."""
        was_empty = not self._received
        self._received += data
        return was_empty

    def take(self, count):
        """Read at most `count` of the bytes that wait."""
        data = self._received[:count]
        self._received = self._received[count:]
        return data

    def end(self):
        """The far end has closed it."""
        self.ended = True

    def close(self):
        self._down.cut()
        # The FIN goes the way of the data before it.
        self.up.send(b"")

    def _come(self, data):
        if self._is_kept():
            self._down.send(data)

    def _is_kept(self):
        """Whether the network still knows it; once forgotten, nothing passes either way."""
        now_us = self._world.now_us
        if self._air.forgets(now_us - self._passed_us):
            self._is_forgotten = True
        self._passed_us = now_us
        return not self._is_forgotten

    def _pass_on(self, data):
        if not self._is_kept():
            return
        if data:
            self._far.send(data)
        else:
            self._far.close()

"""MicroPython side of the modem tests: a world with a modem on a UART, and the drivers on it."""

import sys

sys.path.insert(0, sys.path[-1] + "/sim/modules")

from sim.models.modem.servers import servers_for
from sim.models.modem.sim7080 import Sim7080Model
from sim.options.modem import OPTIONS
from sim.options.option import filled
from sim.world import aio, current
from sim.world.board import Board
from sim.world.world import World

_UART_PINS = (5, 4)


class Silent:
    """Takes the world's observations when a test does not look at them."""

    def write(self, text):
        return len(text)


class Rig:
    """`world`, `model` and `uart`; make it before asyncio or a driver is imported."""

    def __init__(self, options, *, live=False, servers=None, output=None, stalls="off"):
        self.world = World(live=live, stalls=stalls, output=output or Silent())
        current.world = self.world
        current.board = Board(self.world, 1, 0, b"rig")
        aio.install(self.world)
        import machine

        options = filled(OPTIONS, options, "The modem")
        self.servers = servers(self.world) if servers else servers_for(self.world, options)
        self.model = Sim7080Model(self.world, options, servers=self)
        current.board.uarts[_UART_PINS] = self._attach
        self.uart = machine.UART(1, 115_200, tx=5, rx=4, rxbuf=4096, txbuf=2048)

    def connect(self, host, port, on_data):
        """What the modem dials: whatever `servers` is at that moment."""
        return self.servers.connect(host, port, on_data)

    def text(self, frame, answer):
        """Who takes text messages, when `servers` is one that does."""
        if hasattr(self.servers, "text"):
            self.servers.text(frame, answer)

    def _attach(self, uart):
        self.model.connect(uart)
        return self.model

    def channel(self):
        """An AtChannel on the UART, its reader running; call it inside a task."""
        import asyncio

        from badge.drivers.modem.at import AtChannel

        at = AtChannel(asyncio.StreamReader(self.uart))
        self.reader = asyncio.create_task(at.run())
        return at

    def modem(self, at, apn="iot.test"):
        """The driver of the modem."""
        from badge.drivers.modem.sim7080 import Sim7080

        return Sim7080(at, self.model.pwrkey, apn)


class Gate:
    """A stall gate that only counts."""

    def __init__(self):
        self.steps = 0
        self.inside = False

    async def wait_open(self):
        pass

    def begin(self):
        self.inside = True
        self.steps += 1

    def end(self):
        self.inside = False


class Echo:
    """Servers that send back what they get, or what `answer(data)` makes of it."""

    def __init__(self, world, answer=lambda data: data):
        self.answer = answer
        self.connections = []

    def connect(self, host, port, on_data):
        connection = EchoConnection(self, on_data)
        self.connections.append(connection)
        return 0, connection


class EchoConnection:
    """One connection to Echo; `got` is all it got."""

    def __init__(self, echo, on_data):
        self._echo = echo
        self.on_data = on_data
        self.got = b""
        self.closed = False

    def send(self, data):
        self.got += data
        reply = self._echo.answer(data)
        if reply:
            self.on_data(reply)

    def close(self):
        self.closed = True


class Link:
    """A badge's way to Remote, piece by piece: `await Link(rig, options).open()`."""

    def __init__(self, rig, badge, *, gate=None, keepalive_s=60, host="localhost"):
        self.rig = rig
        self.badge = badge
        self.gate = gate or Gate()
        self.keepalive_s = keepalive_s
        self.host = host
        self.messages = []
        self.at = self.sock = self.tls = self.mqtt = None

    async def bearer(self):
        """Modem on, registered, data bearer up."""
        self.at = self.at or self.rig.channel()
        modem = self.rig.modem(self.at)
        await modem.power_on()
        await modem.wait_registered(60_000)
        await modem.pdp_up()

    async def secure(self, timeout_ms=20_000):
        """TCP and TLS."""
        import binascii

        from badge.drivers.modem.modem_socket import ModemSocket
        from badge.link.tls import TlsStream, client_context

        self.sock = self.sock or ModemSocket(self.at)
        await self.sock.open(self.host, 8883, timeout_ms)
        parts = [binascii.a2b_base64(self.badge[name]) for name in ("ca", "cert", "key")]
        self.tls = TlsStream(self.sock, client_context(*parts), self.host, self.gate)
        await self.tls.handshake(timeout_ms)

    async def connect(self, timeout_ms=20_000):
        """MQTT; the messages that come are kept in `messages`."""
        from badge.core.keep_alive import KeepAlive
        from badge.link.mqtt import MqttClient

        keep_alive = KeepAlive(self.keepalive_s, self.keepalive_s)
        self.mqtt = MqttClient(self.tls, "badge-1", keep_alive, self._keep)
        return await self.mqtt.connect(timeout_ms)

    def _keep(self, topic, payload):
        self.messages.append((topic, payload))

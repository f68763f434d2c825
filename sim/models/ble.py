"""The chip's BLE: its radio, and what it is as a peripheral (as a central: ble_central.py).

As MicroPython's port for it behaves (modbluetooth_nimble.c): an advertisement ends when somebody
connects, a value that is written and not read is overwritten by the next, light sleep cuts all of
it off. Who is near are the models of a gateway (near_gateway.py) and of a badge that calls
(near_caller.py), or in live mode a real host stack behind a socket (live_air.py). Not modelled:
loss, range, and how long an interrupt takes.
"""

from sim.models.ble_central import BleCentral
from sim.models.live_air import LiveAir
from sim.models.near_caller import NearCaller
from sim.models.near_gateway import NearGateway

CONNECTED, DISCONNECTED, WRITTEN = 1, 2, 3
_FIRST_HANDLE = 16
_MOST_CONNECTIONS = 4


class BleModel:
    """`options` are all of sim/options/ble.py; `receiver` is what the badge's link reaches."""

    def __init__(self, world, options, receiver):
        self._world = world
        self._options = options
        self.is_on = False
        self._handler = None
        # Values by handle, and (handle, uuid, flags) of what was registered.
        self.values = {}
        self.services = []
        self.connections = set()
        self._payload = None
        if options["air_port"] is not None:
            if not world.live:
                raise ValueError("The air of 'air_port' is real time's: it needs mode live.")
            self._air = near = LiveAir(world, self, options["air_port"])
        else:
            self._air = NearGateway(world, self, receiver, options)
            near = NearCaller(world, self, options)
        self.loses_events = options["loses_events"]
        self.central = BleCentral(world, self, near)
        self._uuid = None

    def switch(self, on):
        """The radio; what it takes to start blocks the VM."""
        if on == self.is_on:
            return
        if on and self._options["broken"]:
            raise OSError(116)
        if on:
            if self._world.ledger is not None:
                self._world.ledger.set("ble", "idle")
            self._world.stall("ble_start")
        self.is_on = on
        self._world.observe({"ble": "on" if on else "off"})
        if not on:
            self._cut()
            self.values, self.services = {}, []
        self.charge()

    def heard_by(self, handler):
        """Who hears of what happens, from an interrupt."""
        self._handler = handler

    def lends(self, uuid):
        """What makes the UUID that a result is lent."""
        self._uuid = uuid

    def uuid(self, text):
        """The UUID of a result, until the next one."""
        return self._uuid(text)

    def new_address(self):
        """The port makes one each time that it is told to have a random one."""
        self._must_be_on()
        self._air.new_address()

    def register(self, service, characteristics):
        """Handles of the values of (uuid, flags); what was there before is gone."""
        self._must_be_on()
        if self._payload is not None or self.connections or self.central.connections:
            # Services do not change under who uses them.
            raise OSError(16)
        self.services = [
            (_FIRST_HANDLE + 3 * i, uuid, flags) for i, (uuid, flags) in enumerate(characteristics)
        ]
        self.values = {handle: b"" for handle, _uuid, _flags in self.services}
        self._air.registered(service, self.services)
        return tuple([handle for handle, _uuid, _flags in self.services])

    def write(self, handle, value):
        """The badge sets a value."""
        self._must_be_on()
        self.values[handle] = value
        self._air.changed(handle, value)

    def advertise(self, payload):
        """Begin to, with another payload too; None: end it."""
        self._must_be_on()
        most = _MOST_CONNECTIONS - len(self.central.connections)
        if payload is not None and len(self.connections) >= most:
            raise OSError(12)
        self._payload = payload
        self._air.advertise(payload)
        self.charge()

    def hang_up(self, connection):
        """The badge ends a connection."""
        self._must_be_on()
        if connection not in self.connections:
            raise OSError(128)
        self._air.hang_up(connection)
        self.gone(connection)

    def came(self, connection):
        """Somebody has connected, which ends the advertisement."""
        self.connections.add(connection)
        self._payload = None
        self._air.advertise(None)
        self.charge()
        self._interrupt(CONNECTED, (connection, 1, bytes(6)))

    def gone(self, connection):
        """A connection is over."""
        if connection in self.connections:
            self.connections.remove(connection)
            self.charge()
            self._interrupt(DISCONNECTED, (connection, 1, bytes(6)))

    def written(self, connection, handle, value):
        """Somebody has written a value."""
        if self.is_on and handle in self.values:
            self.values[handle] = value
            self._interrupt(WRITTEN, (connection, handle))

    def sleep_begins(self):
        """Light sleep stops the controller."""
        if self.is_on:
            self._world.observe({"sleep": "cuts BLE off"})
            self._cut()

    def _cut(self):
        self._payload = None
        self._air.advertise(None)
        for connection in sorted(self.connections):
            self._air.hang_up(connection)
        self.connections = set()
        self.central.off()

    def interrupt(self, event, lent, clean):
        """Call the handler in its turn with what `lent()` gives; `clean()` takes that back."""

        def call(_):
            if self._handler is not None and self.is_on:
                self._handler(event, lent())
                clean()

        if self._handler is not None:
            self._world.soft_irq(call, None)

    def _interrupt(self, event, data):
        self.interrupt(event, lambda: data, _nothing)

    def _must_be_on(self):
        if not self.is_on:
            raise OSError(19)

    def charge(self):
        """What the radio draws has changed."""
        if self._world.ledger is not None:
            state = "off"
            if self.is_on:
                central = self.central
                state = "idle" if self._payload is None else "call"
                if self.connections or central.connections:
                    state = "connected"
                if central.is_scanning or central.is_connecting:
                    # A connect listens until it hears whom it is for.
                    state = "scan"
            self._world.ledger.set("ble", state)


def _nothing():
    """Lent for good."""

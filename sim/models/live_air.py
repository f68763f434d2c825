"""The air of live mode: a real BLE host stack behind a socket on this machine, in lines of JSON.

What is sent: `register`, `value`, `advertise`, `address`, `hang_up`, and by a central `scan`,
`connect`, `cancel`, `leave`, `ask`. What comes: `came`, `gone`, `written`, and to a central
`heard`, `joined`, `not_joined`, `left`, `answered`.
"""

import json
from binascii import hexlify, unhexlify

import usocket as socket


class LiveAir:
    """`radio` is the BleModel."""

    def __init__(self, world, radio, port):
        self._world = world
        self._radio = radio
        self._rest = b""
        self._sock = socket.socket()
        self._sock.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
        self._sock.setblocking(False)
        world.watch_fd(self._sock, self._hear)

    def registered(self, service, characteristics):
        """The badge has these to offer."""
        rows = [(handle, uuid, flags) for handle, uuid, flags in characteristics]
        self._say(do="register", service=service, characteristics=rows)

    def new_address(self):
        """Another address, from the next advertisement on."""
        self._say(do="address")

    def changed(self, handle, value):
        """The badge has set a value."""
        self._say(do="value", handle=handle, hex=hexlify(value).decode())

    def advertise(self, payload):
        """The badge calls, or no longer."""
        self._say(do="advertise", hex=hexlify(payload or b"").decode())

    def hang_up(self, connection):
        """The badge ends a connection."""
        self._say(do="hang_up", connection=connection)

    def scan(self, is_on):
        """The badge listens, or no longer."""
        self._say(do="scan", is_on=is_on)

    def connect(self, address_type, address):
        """The badge wants to come to somebody."""
        self._say(do="connect", kind=address_type, address=hexlify(address).decode())

    def cancel(self):
        """It does not come."""
        self._say(do="cancel")

    def leave(self, connection):
        """The badge ends a connection that it began."""
        self._say(do="leave", connection=connection)

    def ask(self, connection, event, what):
        """What the badge asks of a peer."""
        if "value" in what:
            what["value"] = hexlify(what["value"]).decode()
        self._say(do="ask", connection=connection, event=event, what=what)

    def _say(self, **what):
        data = json.dumps(what) + "\n"
        try:
            sent = self._sock.send(data.encode())
        except OSError:
            sent = 0
        if sent != len(data):
            self._lose()

    def _hear(self):
        try:
            data = self._sock.recv(4096)
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        self._rest += data
        while b"\n" in self._rest:
            line, self._rest = self._rest.split(b"\n", 1)
            self._take(json.loads(line))

    def _take(self, what):
        radio, connection, do = self._radio, what.get("connection"), what["do"]
        central = radio.central
        if do == "came":
            radio.came(connection)
        elif do == "gone":
            radio.gone(connection)
        elif do == "written":
            radio.written(connection, what["handle"], unhexlify(what["hex"]))
        elif do == "heard":
            address, data = unhexlify(what["address"]), unhexlify(what["hex"])
            central.heard(what["kind"], address, what["dbm"], data)
        elif do == "joined":
            central.joined(connection, what["kind"], unhexlify(what["address"]))
        elif do == "not_joined":
            central.not_joined()
        elif do == "left":
            central.left(connection)
        else:
            rows = what["rows"]
            if what["is_value"]:
                rows = [(handle, unhexlify(value)) for handle, value in rows]
            central.answered(connection, what["status"], rows)

    def _lose(self):
        # Whoever made the air has ended it: the badge hears nobody any more.
        self._world.unwatch_fd(self._sock)
        self._world.observe({"ble": "no air"})

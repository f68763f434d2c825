"""The chip's BLE as a central: scanning, one connection after another, GATT of who was found.

As MicroPython's port for it behaves (modbluetooth_nimble.c), and never more kindly:

* `gap_scan` with the port's own interval and window hears for a hundredth of the time;
* what an interrupt is handed lies in memory that is another's at once: it is overwritten here as
  soon as the handler has returned, the UUID of a result too;
* a connect ends a scan that runs; one connect at a time (EALREADY), no scan beside it (EBUSY);
* a read brings no more than the MTU has room for, cut off and without a word, and a write loses
  what is longer; an MTU is never exchanged unasked, and once a connection (EALREADY);
* whatever is asked of who has gone is ENOTCONN, and what was under way ends with a status, or,
  where `loses_events` of the options says so, with nothing at all;
* events come by the queue of the VM, of which a ninth is dropped (sim/world/world.py). The port
  for the ESP32 calls the handler itself, so it is kinder.

Not modelled: active scans, notifications, long reads, pairing, parameters of a connection.
"""

SCAN_RESULT, SCAN_DONE = 5, 6
JOINED, LEFT = 7, 8
SERVICE_RESULT, SERVICE_DONE = 9, 10
CHARACTERISTIC_RESULT, CHARACTERISTIC_DONE = 11, 12
READ_RESULT, READ_DONE, WRITE_DONE = 15, 16, 17
MTU_EXCHANGED = 21
NOBODY = 0xFFFF
_CONNECTABLE = 0
_LEAST_MTU = 23
_ENODEV, _EBUSY, _ENOMEM, _EINVAL, _ENOTCONN, _EALREADY, _EROLE = 19, 16, 12, 22, 128, 120, -18
# What ends a request whose connection is lost (BLE_HS_ENOTCONN).
_GONE = 7
_MOST_CONNECTIONS = 4


class BleCentral:
    """`radio` is the BleModel, `air` who is near (near_caller.py or live_air.py)."""

    def __init__(self, world, radio, air):
        self._world = world
        self._radio = radio
        self._air = air
        self._mtu = _LEAST_MTU
        self.is_scanning = self.is_connecting = False
        self._window = (1_280_000, 11_250)
        self._ends = None
        # Connection: MTU, and events that end with `left` when it goes in the middle.
        self._peers = {}
        self._asked = {}
        # What handlers are lent.
        self._address = bytearray(6)
        self._data = bytearray(256)

    @property
    def connections(self):
        """Those that this side has begun."""
        return sorted(self._peers)

    def prefer_mtu(self, mtu):
        """The most that an exchange may bring."""
        self._mtu = mtu

    def scan(self, duration_ms, interval_us, window_us):
        """Listen; None as duration: no longer. 0: until told otherwise."""
        self._must_be_on()
        if duration_ms is None:
            if self.is_scanning:
                self._end_scan()
            return
        if self.is_scanning:
            raise OSError(_EALREADY)
        if self.is_connecting:
            raise OSError(_EBUSY)
        if not 2_500 <= window_us <= interval_us <= 40_960_000:
            raise OSError(_EINVAL)
        self.is_scanning = True
        self._window = (interval_us, window_us)
        self._ends = self._world.after(duration_ms * 1000, self._end_scan) if duration_ms else None
        self._air.scan(True)
        self._radio.charge()

    def heard(self, address_type, address, rssi_dbm, data):
        """An advertisement is in the air; whether it is heard depends on the window."""
        interval_us, window_us = self._window
        if not self.is_scanning or self._world.now_us % interval_us >= window_us:
            return

        def lent():
            self._address[:] = address
            self._data[: len(data)] = data
            view = memoryview(self._data)[: len(data)]
            return (address_type, memoryview(self._address), _CONNECTABLE, rssi_dbm, view)

        self._interrupt(SCAN_RESULT, lent)

    def connect(self, address_type, address, within_ms):
        """Begin to; what comes of it an interrupt tells."""
        self._must_be_on()
        if self.is_scanning:
            self._end_scan()
        if self.is_connecting:
            raise OSError(_EALREADY)
        if len(self._peers) + len(self._radio.connections) >= _MOST_CONNECTIONS:
            raise OSError(_ENOMEM)
        if address_type not in (0, 1):
            raise OSError(_EROLE)
        self.is_connecting = True
        self._ends = self._world.after(within_ms * 1000, self.not_joined)
        self._air.connect(address_type, address)
        self._radio.charge()

    def cancel(self):
        """Give a connect up."""
        self._must_be_on()
        if self.is_connecting:
            self.not_joined()

    def joined(self, connection, address_type, address):
        """The peer is there."""
        if not self.is_connecting:
            self._air.leave(connection)
            return
        self._world.cancel(self._ends)
        self.is_connecting = False
        self._peers[connection] = _LEAST_MTU
        self._radio.charge()
        self._told_of(JOINED, connection, address_type, address)

    def not_joined(self):
        """Nobody answered, or it was given up."""
        if not self.is_connecting:
            return
        self._world.cancel(self._ends)
        self.is_connecting = False
        self._air.cancel()
        self._radio.charge()
        self._told_of(LEFT, NOBODY, 0xFF, bytes(6))

    def leave(self, connection):
        """End a connection from this side; False when there is none."""
        self._must_be_on()
        if connection not in self._peers:
            return False
        self._air.leave(connection)
        self.left(connection)
        return True

    def left(self, connection):
        """It is over, whoever ended it; a request under way ends with it."""
        if self._peers.pop(connection, None) is None:
            return
        self._radio.charge()
        asked = self._asked.pop(connection, None)
        if asked is not None and not self._radio.loses_events:
            event, handle = asked
            is_of_value = event in (READ_DONE, WRITE_DONE)
            done = (connection, handle, _GONE) if is_of_value else (connection, _GONE)
            if event != MTU_EXCHANGED:
                self._interrupt(event, lambda: done)
        self._told_of(LEFT, connection, 0, bytes(6))

    def ask(self, connection, event, **what):
        """Ask the peer for something that `event` is the end of."""
        self._must_be_on()
        if connection not in self._peers:
            raise OSError(_ENOTCONN)
        if connection in self._asked:
            raise OSError(_EBUSY)
        if event == MTU_EXCHANGED and self._peers[connection] != _LEAST_MTU:
            raise OSError(_EALREADY)
        if event == WRITE_DONE:
            what["value"] = what["value"][: self._peers[connection] - 3]
        if event == MTU_EXCHANGED:
            what["mtu"] = self._mtu
        if what.pop("is_silent", False):
            self._air.ask(connection, event, what)
            return
        self._asked[connection] = event, what.get("handle", 0)
        self._air.ask(connection, event, what)

    def answered(self, connection, status, rows=()):
        """What the peer said to what was asked: rows of results, and the status at the end."""
        asked = self._asked.pop(connection, None)
        if asked is None or connection not in self._peers:
            return
        event, handle = asked
        if event == MTU_EXCHANGED:
            if not status:
                mtu = self._peers[connection] = min(self._mtu, rows[0])
                self._interrupt(event, lambda: (connection, mtu))
            return
        for row in rows:
            self._result(connection, event, row)
        done = (connection, status)
        if event in (READ_DONE, WRITE_DONE):
            # Of a request that failed the port has no handle.
            done = (connection, handle if not status else NOBODY, status)
        self._interrupt(event, lambda: done)

    def off(self):
        """The controller is cut off, and nobody is told."""
        self._world.cancel(self._ends)
        if self.is_scanning:
            self._air.scan(False)
        if self.is_connecting:
            self._air.cancel()
        for connection in sorted(self._peers):
            self._air.leave(connection)
        self.is_scanning = self.is_connecting = False
        self._peers, self._asked = {}, {}
        self._mtu = _LEAST_MTU

    def _result(self, connection, event, row):
        if event == SERVICE_DONE:
            start, end, uuid = row
            self._interrupt(
                SERVICE_RESULT, lambda: (connection, start, end, self._radio.uuid(uuid))
            )
        elif event == CHARACTERISTIC_DONE:
            end, handle, flags, uuid = row
            self._interrupt(
                CHARACTERISTIC_RESULT,
                lambda: (connection, end, handle, flags, self._radio.uuid(uuid)),
            )
        else:
            handle, value = row
            value = value[: self._peers[connection] - 1]

            def lent():
                self._data[: len(value)] = value
                return (connection, handle, memoryview(self._data)[: len(value)])

            self._interrupt(READ_RESULT, lent)

    def _end_scan(self):
        self._world.cancel(self._ends)
        self.is_scanning = False
        self._air.scan(False)
        self._radio.charge()
        self._interrupt(SCAN_DONE, tuple)

    def _told_of(self, event, connection, address_type, address):
        def lent():
            self._address[:] = address
            return (connection, address_type, memoryview(self._address))

        self._interrupt(event, lent)

    def _interrupt(self, event, lent):
        def clean():
            for i in range(6):
                self._address[i] = 0xA5
            for i in range(len(self._data)):
                self._data[i] = 0xA5

        self._radio.interrupt(event, lent, clean)

    def _must_be_on(self):
        if not self._radio.is_on:
            raise OSError(_ENODEV)

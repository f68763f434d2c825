"""The chip's own BLE as a central: to one peripheral, its two values, and away again.

On stock MicroPython (extmod/nimble of 1.27). Every wait has an end, for a peer may go at any step,
and events can be lost.
"""

from time import ticks_diff, ticks_ms

import bluetooth

from badge.core.codec import beacon
from badge.core.portable import const
from badge.link.ble.controller import MTU, BleError
from badge.link.ble.scanner import Scanner

_JOINED, _LEFT = const(7), const(8)
_SERVICE, _SERVICE_DONE = const(9), const(10)
_CHARACTERISTIC, _CHARACTERISTIC_DONE = const(11), const(12)
_READ, _READ_DONE, _WRITE_DONE = const(15), const(16), const(17)
_MTU_EXCHANGED = const(21)
_EVENTS = const(22)
_NOBODY = const(0xFFFF)
_CONNECT_MS = const(2_000)
_STEP_MS = const(2_500)
_WITH_RESPONSE = const(1)


class Central:
    """`heard()` is called from interrupts; `await wait(ms)` waits for it or for the time.

    `ears` is its Scanner, by which the radio goes on and off.
    """

    def __init__(self, controller, heard, wait):
        self._controller = controller
        self._ble = controller.ble
        self._wait = wait
        self.ears = Scanner(controller, heard, self._told)
        self._uuids = (bluetooth.UUID(beacon.FRAME), bluetooth.UUID(beacon.STATUS))
        self._value = bytearray(beacon.VALUE_MAX)
        # By the number of an event: that it came, and its status. Written by the interrupt.
        self._came = bytearray(_EVENTS)
        self._status = bytearray(_EVENTS)
        self._forget()

    def _forget(self):
        self._connection = _NOBODY
        self._is_gone = False
        self._first = self._last = self._size = 0
        self._mtu = 0
        self._handles = [0, 0]

    async def join(self, address_type, address):
        """Connect and find what a badge that calls has; BleError when it is none or has gone."""
        self._forget()
        ble = self._ble
        await self._ask(_JOINED, lambda: ble.gap_connect(address_type, address, _CONNECT_MS))
        connection = self._connection
        # Without it a frame would be cut to 22 bytes.
        await self._ask(_MTU_EXCHANGED, lambda: ble.gattc_exchange_mtu(connection))
        if self._mtu < beacon.VALUE_MAX + 1:
            raise BleError("it has no room for a frame", "ble.gone")
        service = bluetooth.UUID(beacon.SERVICE)
        await self._ask(_SERVICE_DONE, lambda: ble.gattc_discover_services(connection, service))
        first, last = self._first, self._last
        if not last:
            raise BleError("it does not have the service", "ble.gone")
        await self._ask(
            _CHARACTERISTIC_DONE,
            lambda: ble.gattc_discover_characteristics(connection, first, last),
        )
        if not all(self._handles):
            raise BleError("it does not have both values", "ble.gone")

    async def frame(self):
        """What it offers to be fetched, veiled; b"" for nothing."""
        self._size = -1
        ble, handle = self._ble, self._handles[0]
        await self._ask(_READ_DONE, lambda: ble.gattc_read(self._connection, handle))
        if self._size < 0:
            raise BleError("what it offers is no frame", "ble.gone")
        return bytes(self._value[: self._size])

    async def answer(self, status):
        """Write what the receiver answered, veiled."""
        ble, handle = self._ble, self._handles[1]
        await self._ask(
            _WRITE_DONE, lambda: ble.gattc_write(self._connection, handle, status, _WITH_RESPONSE)
        )

    def part(self):
        """End the connection, or the try to have one; whatever fails about that is over too."""
        try:
            if self._connection == _NOBODY:
                self._ble.gap_connect(None)
            else:
                self._ble.gap_disconnect(self._connection)
        except OSError:
            # The radio goes off next, and takes it along.
            pass

    async def _ask(self, event, call):
        self._came[event] = self._status[event] = 0
        began_ms = ticks_ms()
        try:
            call()
        except OSError as error:
            raise BleError("it cannot be asked (%s)" % error, "ble.gone")
        while not self._came[event]:
            if self._is_gone or not self.ears.is_on():
                raise BleError("it has gone", "ble.gone")
            left_ms = _STEP_MS - ticks_diff(ticks_ms(), began_ms)
            if left_ms <= 0:
                raise BleError("it does not answer", "ble.slow")
            await self._wait(left_ms)
        if self._status[event]:
            raise BleError("it refuses (%d)" % self._status[event], "ble.gone")

    def _told(self, event, data):
        # Interrupts: no more than is needed to know that it came.
        if event < _JOINED:
            # The end of a scan says nothing.
            return
        if event == _JOINED:
            self._connection = data[0]
        elif event == _LEFT:
            if data[0] in (self._connection, _NOBODY):
                self._is_gone = True
            return
        elif event >= _EVENTS or data[0] != self._connection:
            return
        elif event == _SERVICE:
            self._first, self._last = data[1], data[2]
        elif event == _CHARACTERISTIC:
            for i in (0, 1):
                if data[4] == self._uuids[i]:
                    self._handles[i] = data[2]
        elif event == _READ:
            self._copy(data[2])
        elif event == _MTU_EXCHANGED:
            self._mtu = min(data[1], MTU)
        else:
            self._status[event] = data[-1] & 255
        self._came[event] = 1

    def _copy(self, value):
        if len(value) <= beacon.VALUE_MAX:
            self._size = len(value)
            for i in range(self._size):
                self._value[i] = value[i]

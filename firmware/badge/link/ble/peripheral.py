"""The chip's own BLE as a peripheral: one beacon, one frame to fetch, one place to write a status.

What is offered is veiled by the key.
"""

import os
from time import ticks_diff

import bluetooth

from badge.core.codec import beacon, veil
from badge.core.portable import const
from badge.link.ble.controller import RANDOM_ADDRESS, BleError

_CENTRAL_CONNECT = const(1)
_CENTRAL_DISCONNECT = const(2)
_GATTS_WRITE = const(3)
_READ = const(0x02)
_WRITE = const(0x08)
_EVERY_US = const(100_000)
# The port has four connections; who holds one for nothing must not keep the others away.
_MOST = const(3)
_STAY_MS = const(20_000)
_HANDLES = const(8)


class Peripheral:
    """`heard` is called from interrupts when somebody came, went or wrote."""

    def __init__(self, controller, key, heard):
        self._controller = controller
        self._key = key
        self._heard = heard
        self._ble = controller.ble
        self._frame = self._status = None
        self._call = None
        self._payload = b""
        # Who is connected, by the number of the connection; written by the interrupt.
        self._joined = bytearray(_HANDLES)
        self._since_ms = [0] * _HANDLES
        self._seen = bytearray(_HANDLES)
        self._wrote = bytearray(1)
        # Somebody came, and may have gone before it was looked at: the calling has stopped.
        self._came = bytearray(1)

    def start(self):
        """The radio on and the service there, under an address of its own; blocks for a while."""
        ble = self._ble
        # An alarm waits: whoever listens meanwhile has to end.
        self._controller.start(self, self._irq, is_first=True)
        try:
            service = (
                bluetooth.UUID(beacon.SERVICE),
                (
                    (bluetooth.UUID(beacon.FRAME), _READ),
                    (bluetooth.UUID(beacon.STATUS), _WRITE),
                ),
            )
            ((self._frame, self._status),) = ble.gatts_register_services((service,))
            for handle in (self._frame, self._status):
                ble.gatts_set_buffer(handle, beacon.VALUE_MAX)
        except (OSError, RuntimeError, ValueError, MemoryError) as error:
            self.stop()
            raise BleError("it cannot be switched on (%s)" % error)

    def stop(self):
        """The radio off; whatever fails about that is not worth an exception."""
        self._call = None
        for i in range(_HANDLES):
            self._joined[i] = self._seen[i] = 0
        return self._controller.stop(self)

    def is_alone(self):
        """Whether nobody is connected, so that what is offered may change under no reader."""
        return not any(self._joined)

    def offer(self, call, frame):
        """Have this to fetch, b"" for nothing, and the beacon call for it."""
        try:
            value = veil.veil(self._key, veil.FRAME, _nonce(), frame) if frame else b""
            self._ble.gatts_write(self._frame, value)
            if call != self._call:
                self._call = call
                self._payload = beacon.advertisement(self._key, _nonce(), call)
                self._advertise()
        except OSError as error:
            raise BleError("it does not offer (%s)" % error)

    def roll(self):
        """Another address and another beacon for the same call, so that nobody can follow it."""
        if self._call is None or not self.is_alone():
            return
        try:
            self._ble.gap_advertise(None)
            self._ble.config(addr_mode=RANDOM_ADDRESS)
            self._payload = beacon.advertisement(self._key, _nonce(), self._call)
            self._advertise()
        except OSError as error:
            raise BleError("it does not change its address (%s)" % error)

    def look(self, now_ms):
        """Who came or went: call on while there is room, and end who stays too long."""
        is_new = False
        if self._came[0]:
            # One who comes between the two lines finds it calling again.
            self._came[0] = 0
            is_new = True
        for i in range(_HANDLES):
            if self._joined[i] and not self._seen[i]:
                self._since_ms[i] = now_ms
            is_new |= self._joined[i] != self._seen[i]
            self._seen[i] = self._joined[i]
            if self._seen[i] and ticks_diff(now_ms, self._since_ms[i]) >= _STAY_MS:
                # Once in so long, should it not go.
                self._since_ms[i] = now_ms
                self._end(i)
        # The controller stops calling whenever somebody connects.
        if is_new and self._call is not None and sum(self._joined) < _MOST:
            try:
                self._advertise()
            except OSError as error:
                raise BleError("it does not call on (%s)" % error)

    def taken(self):
        """The status written last, veiled, or None."""
        if not self._wrote[0]:
            return None
        self._wrote[0] = 0
        try:
            return bytes(self._ble.gatts_read(self._status))
        except OSError as error:
            raise BleError("it does not tell what was written (%s)" % error)

    def _advertise(self):
        self._ble.gap_advertise(_EVERY_US, self._payload)

    def _end(self, connection):
        try:
            self._ble.gap_disconnect(connection)
        except OSError:
            # It went by itself.
            self._joined[connection] = 0

    def _irq(self, event, data):
        if event == _GATTS_WRITE:
            self._wrote[0] = 1
        elif event in (_CENTRAL_CONNECT, _CENTRAL_DISCONNECT):
            connection = data[0]
            if connection < _HANDLES:
                self._joined[connection] = event == _CENTRAL_CONNECT
                self._came[0] |= event == _CENTRAL_CONNECT
        self._heard()


def _nonce():
    return os.urandom(veil.NONCE_SIZE)

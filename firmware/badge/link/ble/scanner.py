"""Listens for what is advertised nearby, passively: who is heard does not notice.

What an interrupt is lent is copied into room that is there already; more than that is dropped.
"""

from badge.core.portable import const
from badge.link.ble.controller import BleError

_SCAN_RESULT = const(5)
# Looked at every 50 ms: so many a second are heard that it need not be more.
_ROOM = const(24)
_DATA = const(31)
_TYPE, _DBM, _SIZE, _ADDRESS, _PAYLOAD = const(0), const(1), const(2), const(3), const(9)
_SLOT = const(40)
# The whole time: the port's own choice listens for a hundredth of it.
_WINDOW_US = const(50_000)


class Scanner:
    """`heard()` is called from interrupts; `also(event, data)` gets those that are no results."""

    def __init__(self, controller, heard, also=None):
        self._controller = controller
        self._heard = heard
        self._also = also
        self._slots = bytearray(_ROOM * _SLOT)
        # How many were written and read, and how many had no room, modulo 256.
        self._written = self._read = self.dropped = 0

    def start(self):
        """The radio on; False when it is another's now. It blocks for a while."""
        self._written = self._read = 0
        return self._controller.start(self, self._irq, is_first=False)

    def is_on(self):
        """Whether the radio is still this one's."""
        return self._controller.is_of(self)

    def stop(self):
        """The radio off, if it is this one's; False when it does not go off."""
        return self._controller.stop(self)

    def listen(self, duration_ms):
        """Begin to, for so long."""
        try:
            self._controller.ble.gap_scan(duration_ms, _WINDOW_US, _WINDOW_US)
        except OSError as error:
            raise BleError("it does not listen (%s)" % error)

    def take(self):
        """Return (address type, address, dBm, payload) of each that was heard since the last."""
        found = []
        while self._read != self._written:
            at = self._read % _ROOM * _SLOT
            slot = self._slots
            dbm = slot[at + _DBM]
            found.append(
                (
                    slot[at + _TYPE],
                    bytes(slot[at + _ADDRESS : at + _PAYLOAD]),
                    dbm - 256 if dbm > 127 else dbm,
                    bytes(slot[at + _PAYLOAD : at + _PAYLOAD + slot[at + _SIZE]]),
                )
            )
            self._read = (self._read + 1) % (2 * _ROOM)
        return found

    def _irq(self, event, data):
        if event == _SCAN_RESULT:
            self._copy(data[0], data[1], data[3], data[4])
        elif self._also is not None:
            self._also(event, data)
        self._heard()

    def _copy(self, address_type, address, dbm, payload):
        size = len(payload)
        if (self._written - self._read) % (2 * _ROOM) == _ROOM or size > _DATA:
            self.dropped = (self.dropped + 1) & 255
            return
        at = self._written % _ROOM * _SLOT
        slot = self._slots
        slot[at + _TYPE] = address_type
        slot[at + _DBM] = dbm & 255
        slot[at + _SIZE] = size
        for i in range(6):
            slot[at + _ADDRESS + i] = address[i]
        for i in range(size):
            slot[at + _PAYLOAD + i] = payload[i]
        self._written = (self._written + 1) % (2 * _ROOM)

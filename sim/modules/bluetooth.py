"""Stand-in for `bluetooth` as on the ESP32-S3 port: peripheral and central; the rest it refuses.

What each can do and cannot stands with its model: sim/models/ble.py and ble_central.py.
"""

from binascii import unhexlify

from sim.models import ble_central
from sim.world import current

FLAG_READ = 0x02
FLAG_WRITE_NO_RESPONSE = 0x04
FLAG_WRITE = 0x08
FLAG_NOTIFY = 0x10
FLAG_INDICATE = 0x20

_NAME_MAX = 31
_ADDRESS_MODES = (0, 1, 2, 3)
_RANDOM = 1


class UUID:
    """Of 128 bits, from its text or from another."""

    def __init__(self, value):
        if isinstance(value, UUID):
            value = value.text
        if not isinstance(value, str) or len(value) != 36:
            raise ValueError("invalid UUID")
        self.text = value.lower()
        unhexlify(self.text.replace("-", ""))

    def become(self, text):
        self.text = text
        return self

    def __eq__(self, other):
        return self.text == other.text

    def __hash__(self):
        return hash(self.text)


class BLE:
    """The radio; its model is of the board, however often this is made."""

    def __init__(self):
        self._model = current.board.ble
        if self._model is None:
            raise OSError(19)
        self._lent = UUID("00000000-0000-0000-0000-000000000000")
        self._model.lends(self._lend)

    def _lend(self, text):
        # The port has one for all results, and the next one overwrites it.
        return self._lent.become(text)

    def active(self, on=None):
        if on is not None:
            self._model.switch(bool(on))
        return self._model.is_on

    def config(self, *names, **values):
        if names:
            raise NotImplementedError("nothing is told of %r" % (names,))
        if not self._model.is_on and "gap_name" in values:
            raise OSError(19)
        for name, value in values.items():
            if name == "addr_mode":
                if value not in _ADDRESS_MODES:
                    raise ValueError("invalid address mode")
                if value != _RANDOM:
                    raise NotImplementedError("the model has random addresses only")
                self._model.new_address()
            elif name == "gap_name":
                if len(value) > _NAME_MAX:
                    raise OSError(22)
            elif name == "mtu":
                if not 23 <= value <= 517:
                    raise OSError(22)
                self._model.central.prefer_mtu(value)
            else:
                raise ValueError("unknown config param")

    def irq(self, handler):
        self._model.heard_by(handler)

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        if interval_us is None:
            self._model.advertise(None)
            return
        if adv_data is None or resp_data is not None or not connectable:
            raise NotImplementedError("only whole connectable advertisements")
        if len(adv_data) > 31:
            raise OSError(22)
        self._model.advertise(bytes(adv_data))

    def gap_scan(self, duration_ms, interval_us=1_280_000, window_us=11_250, active=False):
        if active:
            raise NotImplementedError("the model asks nobody for more")
        self._model.central.scan(duration_ms, interval_us, window_us)

    def gap_connect(
        self, addr_type, addr=None, scan_duration_ms=2_000, min_interval_us=0, max_interval_us=0
    ):
        if min_interval_us or max_interval_us:
            raise NotImplementedError("the model has the port's own intervals only")
        if addr_type is None:
            self._model.central.cancel()
            return
        if len(addr) != 6:
            raise ValueError("invalid addr")
        self._model.central.connect(addr_type, bytes(addr), scan_duration_ms)

    def gap_disconnect(self, conn_handle):
        if conn_handle in self._model.central.connections:
            return self._model.central.leave(conn_handle)
        try:
            self._model.hang_up(conn_handle)
        except OSError:
            if not self._model.is_on:
                raise
            return False
        return True

    def gatts_register_services(self, services):
        if len(services) != 1:
            raise NotImplementedError("the model has one service")
        ((uuid, characteristics),) = services
        rows = [(one[0].text, one[1]) for one in characteristics]
        return (self._model.register(uuid.text, rows),)

    def gatts_set_buffer(self, handle, length, append=False):
        if append:
            raise NotImplementedError("the model overwrites")
        self._value(handle)

    def gatts_read(self, handle):
        return self._value(handle)

    def gatts_write(self, handle, data, send_update=False):
        if send_update:
            raise NotImplementedError("the model notifies nobody")
        self._value(handle)
        self._model.write(handle, bytes(data))

    def gattc_exchange_mtu(self, conn_handle):
        self._model.central.ask(conn_handle, ble_central.MTU_EXCHANGED)

    def gattc_discover_services(self, conn_handle, uuid=None):
        text = None if uuid is None else uuid.text
        self._model.central.ask(conn_handle, ble_central.SERVICE_DONE, uuid=text)

    def gattc_discover_characteristics(self, conn_handle, start_handle, end_handle, uuid=None):
        text = None if uuid is None else uuid.text
        self._model.central.ask(
            conn_handle,
            ble_central.CHARACTERISTIC_DONE,
            start=start_handle,
            end=end_handle,
            uuid=text,
        )

    def gattc_read(self, conn_handle, value_handle):
        self._model.central.ask(conn_handle, ble_central.READ_DONE, handle=value_handle)

    def gattc_write(self, conn_handle, value_handle, data, mode=0):
        if mode not in (0, 1):
            raise OSError(22)
        self._model.central.ask(
            conn_handle,
            ble_central.WRITE_DONE,
            handle=value_handle,
            value=bytes(data),
            is_silent=mode == 0,
        )

    def _value(self, handle):
        if not self._model.is_on:
            raise OSError(19)
        if handle not in self._model.values:
            raise OSError(22)
        return self._model.values[handle]

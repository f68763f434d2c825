"""Stand-in for `bluetooth` as on the ESP32-S3 port: a peripheral; the rest it refuses."""

from binascii import unhexlify

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
    """Of 128 bits, from its text."""

    def __init__(self, value):
        if not isinstance(value, str) or len(value) != 36:
            raise ValueError("invalid UUID")
        self.text = value.lower()
        unhexlify(self.text.replace("-", ""))

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

    def gap_disconnect(self, conn_handle):
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

    def _value(self, handle):
        if not self._model.is_on:
            raise OSError(19)
        if handle not in self._model.values:
            raise OSError(22)
        return self._model.values[handle]

"""The chip's BLE controller, on for one at a time: who calls for help takes it from who listens.

On stock MicroPython (extmod/nimble of 1.27). No pairing: what passes authenticates itself.
"""

import bluetooth

from badge.core.portable import const

# A new address with no meaning, made by the port each time that this is set.
RANDOM_ADDRESS = const(1)
MTU = const(247)


class BleError(Exception):
    """`code`: ble.dead, the radio does not do what it is told; ble.gone, ble.slow: a peer."""

    def __init__(self, text, code="ble.dead"):
        super().__init__("%s: %s" % (code, text))
        self.code = code


class Controller:
    """`ble` is the port's own."""

    def __init__(self):
        self.ble = bluetooth.BLE()
        self._user = None

    def start(self, user, irq, *, is_first):
        """Have it on for `user`, whose `irq` is called; False when it is another's now.

        Who `is_first` gets it in any case. It blocks for a while; BleError when it fails.
        """
        if self._user is not None and self._user is not user:
            if not is_first:
                return False
            # Nothing of who had it may be left, or go on.
            self._off()
        self._user = user
        ble = self.ble
        try:
            ble.active(True)
            ble.config(addr_mode=RANDOM_ADDRESS)
            # What the port calls itself otherwise can be read by whoever connects.
            ble.config(gap_name="")
            ble.config(mtu=MTU)
            ble.irq(irq)
        except (OSError, RuntimeError, ValueError, MemoryError) as error:
            self.stop(user)
            raise BleError("it cannot be switched on (%s)" % error)
        return True

    def is_of(self, user):
        """Whether it is on for this user."""
        return self._user is user

    def stop(self, user):
        """Off, unless it is another's; False when it does not go off, which no exception is worth.

        It blocks for a while.
        """
        if self._user is not user:
            return True
        self._user = None
        return self._off()

    def _off(self):
        try:
            self.ble.active(False)
        except (OSError, RuntimeError):
            return False
        return True

"""The registers of an accelerometer on I2C: a transfer that fails is tried again at once."""

from badge.core.portable import const
from badge.drivers.chip_errors import ImuError

TRIES = const(2)


class ImuRegisters:
    """One chip at `addr`, of which register `who` holds `identity`; `name` is what it should be.

    `faults` counts the transfers that failed.
    """

    def __init__(self, i2c, addr, who, identity, name):
        self.i2c = i2c
        self.addr = addr
        self.faults = 0
        self._who = who
        self._identity = identity
        self._name = name
        self._one = bytearray(1)

    def identify(self):
        """ImuError unless the right chip answers."""
        try:
            is_ours = self.holds(self._who, self._identity)
        except ImuError as error:
            raise ImuError("imu.absent", "no accelerometer answers on the bus: %s" % error)
        if not is_ours:
            self.faults += 1
            raise ImuError(
                "imu.identity", "the chip says 0x%02x, not %s" % (self._one[0], self._name)
            )

    def holds(self, register, value):
        """Whether a register has this value, at the second look at the latest."""
        for _ in range(TRIES):
            self.read(register, self._one)
            if self._one[0] == value:
                return True
        return False

    def read(self, register, buf):
        """Fill `buf` from registers that may be read twice."""
        # Not one function for both: a method that is passed on is allocated.
        for tried in range(TRIES):
            try:
                self.i2c.readfrom_mem_into(self.addr, register, buf)
            except OSError as error:
                self._failed(error, tried)
            else:
                return

    def write(self, register, value):
        """Set one register."""
        data = bytes((value,))
        for tried in range(TRIES):
            try:
                self.i2c.writeto_mem(self.addr, register, data)
            except OSError as error:
                self._failed(error, tried)
            else:
                return

    def count_fault(self):
        """A transfer that went past this class has failed."""
        self.faults += 1

    def _failed(self, error, tried):
        """Let the transfer be tried again, once; raises ImuError when there is no use in it."""
        self.count_fault()
        if tried + 1 == TRIES:
            raise ImuError("imu.bus", "a transfer of the accelerometer failed: %s" % error)

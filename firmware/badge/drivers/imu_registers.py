"""The registers of the LSM6DSOX on I2C (DS12814): a transfer that fails is tried again at once."""

from time import sleep_us

from badge.core.portable import const
from badge.drivers.chip_errors import ImuError

_WHO_AM_I = const(0x0F)
_CTRL3_C = const(0x12)

_IDENTITY = const(0x6C)
_SW_RESET = const(0x01)
# A software reset takes 50 us.
_RESET_POLL_US = const(100)
_RESET_POLLS = const(50)
TRIES = const(2)


class ImuRegisters:
    """One chip at `addr`; `faults` counts the transfers that failed."""

    def __init__(self, i2c, addr):
        self.i2c = i2c
        self.addr = addr
        self.faults = 0
        self._one = bytearray(1)

    def identify(self):
        """ImuError unless an LSM6DSOX answers."""
        try:
            is_ours = self.holds(_WHO_AM_I, _IDENTITY)
        except ImuError as error:
            raise ImuError("imu.absent", "no accelerometer answers on the bus: %s" % error)
        if not is_ours:
            self.faults += 1
            raise ImuError("imu.identity", "the chip says 0x%02x, not LSM6DSOX" % self._one[0])

    def reset(self):
        """Software reset: all registers as at power-up."""
        self.write(_CTRL3_C, _SW_RESET)
        for _ in range(_RESET_POLLS):
            sleep_us(_RESET_POLL_US)
            self.read(_CTRL3_C, self._one)
            if not self._one[0] & _SW_RESET:
                return
        raise ImuError("imu.bus", "the accelerometer does not come out of its reset")

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

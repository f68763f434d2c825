"""I2C: buses with their devices and faults, and the two masters of the ESP32 port.

The hardware's driver (ports/esp32/machine_i2c.c of v1.27.0) gives a transfer 100 ms for each byte
and one more, which is 22.6 s for 32 words of a FIFO. The controller may end it after 52 ms without
an edge; the model does not count on that. The master in software (extmod/machine_i2c.c) waits
`timeout` turns of a little more than a microsecond for each edge of the clock.
"""

import errno

from micropython import const

from sim.world import current

# A fault that ends by the clock.
_ALL = 1 << 30
_PORT_US_PER_BYTE = const(100_000)
# A turn of its loop waits 1 us, calls and looks.
_SOFT_US_PERCENT = const(120)
# Of each half of a bit, beside esp_rom_delay_us(1): for the pins. Reckoned, not measured.
_SOFT_NS_PER_HALF = const(300)


def hardware_ns_per_byte(hz):
    """Nine bits at the bus rate."""
    return 9_000_000_000 // hz


def software_ns_per_byte(hz):
    """Nine bits and what begins them, in whole microseconds a half and the time for the pins."""
    half_us = max(1, 500_000 // hz)
    return 20 * (1000 * half_us + _SOFT_NS_PER_HALF)


class Bus:
    """An I2C bus: devices by address, and the faults that a scenario has planned."""

    def __init__(self, world, scl, sda):
        self.scl = scl
        self.sda = sda
        self.devices = {}
        # Empty on a healthy bus: a transfer looks no further then.
        self.faults = []
        self._world = world

    def break_for(self, kind, for_ms, address=None):
        """Every transfer fails for a time (with that device only when it has an address)."""
        fault = BusFault(kind, address, 1, _ALL)
        self.faults.append(fault)
        self._world.observe({"i2c": kind, "for_ms": for_ms})
        self._world.after(int(for_ms * 1000), lambda: self._heal(fault))

    def break_nth(self, kind, nth, times, address=None):
        """The n-th transfer from now fails, and those after it until it were `times`."""
        self.faults.append(BusFault(kind, address, nth, times))

    def strikes(self, address):
        """The kind of fault that this transfer meets, or None; counts the transfer."""
        met = None
        for fault in list(self.faults):
            kind = fault.meet(address)
            if fault.left == 0:
                self._heal(fault)
            if kind is not None and met is None:
                met = kind
        return met

    def _heal(self, fault):
        self.faults.remove(fault)
        if not self.faults:
            self._world.observe({"i2c": "healed"})


class BusFault:
    """One fault of a bus: `left` transfers fail, from the n-th on.

    nak: nobody answers; stuck: the clock is held low; torn: the same from the middle of the
    transfer on; low: the data line is held low, so that zeros are heard and taken for answers;
    cut: the device lets go half-way and nobody notices, so that the rest reads as ones. Nothing is
    written by any of them.
    """

    def __init__(self, kind, address, nth, times):
        self.left = times
        self._kind = kind
        self._address = address
        self._before = nth - 1

    def meet(self, address):
        """The kind when this transfer fails, else None."""
        if self._address not in (None, address):
            return None
        if self._before:
            self._before -= 1
            return None
        self.left -= 1
        return self._kind


class Master:
    """A bus master, whose transfers block the VM; `edge_us` is its time-out, None in hardware."""

    def __init__(self, bus, ns_per_byte, edge_us):
        self._bus = bus
        self._ns_per_byte = ns_per_byte
        self._edge_us = edge_us

    def scan(self):
        """The addresses that answer."""
        if self._bus is None or self._bus.faults:
            return []
        return sorted(self._bus.devices)

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8):
        """Fill `buf` from a device's registers."""
        bus = self._bus
        device = None if bus is None or bus.faults else bus.devices.get(addr)
        (device or self._select(addr, len(buf))).read_into(memaddr, buf)
        # As take(), on the path of each sample.
        current.world.busy_us((len(buf) + 3) * self._ns_per_byte // 1000)

    def readfrom_mem(self, addr, memaddr, nbytes, *, addrsize=8):
        """So many bytes of a device's registers."""
        buf = bytearray(nbytes)
        self.readfrom_mem_into(addr, memaddr, buf)
        return bytes(buf)

    def writeto_mem(self, addr, memaddr, buf, *, addrsize=8):
        """Set a device's registers."""
        device = self._select(addr, len(buf))
        self.take(len(buf) + 2)
        device.write(memaddr, buf)

    def _select(self, addr, n):
        """The device that answers, healthy or not; OSError when the transfer ends before that."""
        bus = self._bus
        device = None
        if bus is not None:
            device = bus.devices.get(addr)
            kind = bus.strikes(addr) if bus.faults else None
            if kind in ("stuck", "torn"):
                return _Held(self, device if kind == "torn" else None, n)
            if kind == "low":
                # The hardware hears its own start fail; the software hears answers.
                return _Held(self, None, n) if self._edge_us is None else _Grounded()
            if kind == "nak":
                device = None
            elif kind == "cut" and device is not None:
                device = _LettingGo(device)
        if device is None:
            self.take(2)
            raise OSError(errno.ENODEV)
        return device

    def wait_in_vain(self, n):
        """The clock does not come up in a transfer of n bytes: the master gives up at last."""
        if self._edge_us is None:
            current.world.busy_us((2 + n) * _PORT_US_PER_BYTE)
        else:
            current.world.busy_us(self._edge_us * _SOFT_US_PERCENT // 100)
        raise OSError(errno.ETIMEDOUT)

    def take(self, nbytes):
        """Be busy for so many bytes."""
        current.world.busy_us(nbytes * self._ns_per_byte // 1000)


class _Held:
    """Whoever holds the clock low, from the begin, or when `device` has given half of it."""

    def __init__(self, master, device, n):
        self._master = master
        self._device = device
        self._n = n

    def read_into(self, register, buf):
        heard = len(buf) // 2
        if self._device is not None and heard:
            self._device.read_into(register, memoryview(buf)[:heard])
            self._master.take(heard + 3)
        self._master.wait_in_vain(self._n)

    def write(self, register, data):
        self._master.wait_in_vain(self._n)


class _Grounded:
    """A data line that is held low: every bit is a zero, and that is an answer too."""

    def read_into(self, register, buf):
        for i in range(len(buf)):
            buf[i] = 0

    def write(self, register, data):
        pass


class _LettingGo:
    """A device that dies in the middle of a transfer: the master hears ones, and no complaint."""

    def __init__(self, device):
        self._device = device

    def read_into(self, register, buf):
        heard = len(buf) // 2
        if heard:
            self._device.read_into(register, memoryview(buf)[:heard])
        for i in range(heard, len(buf)):
            buf[i] = 0xFF

    def write(self, register, data):
        pass

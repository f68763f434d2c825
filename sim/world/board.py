"""The electrical side of the badge: buses, serial ports and the chip's own state."""

from sim.halt import RESET
from sim.world.line import Line
from sim.world.registers import Registers
from sim.world.sleep import LightSleep
from sim.world.watchdogs import RtcWatchdog, TaskWatchdog

# A fault that ends by the clock.
_ALL = 1 << 30


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

    nak: nobody answers; stuck: a slave holds the clock low, transfers time out; cut: the device
    lets go half-way and nobody notices, so that the rest reads as ones and nothing is written.
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


class Rtc:
    """UTC of the chip: 2000-01-01 at power-on, kept over a reset."""

    def __init__(self, world, offset_us):
        self._world = world
        self.offset_us = offset_us

    def utc_us(self):
        """Microseconds since 2000-01-01."""
        return self._world.now_us + self.offset_us

    def set_utc_us(self, utc_us):
        """Set the time."""
        self.offset_us = utc_us - self._world.now_us


class Board:
    """Everything the stand-in `machine` reaches: made once a start, filled by the wiring."""

    def __init__(self, world, reset_cause, rtc_offset_us, unique_id, reset_reason=1):
        self.world = world
        # What the port tells, and what the chip knows (RTC_CNTL_RESET_STATE).
        self.reset_cause = reset_cause
        self.reset_reason = reset_reason
        self.unique_id = unique_id
        self.rtc = Rtc(world, rtc_offset_us)
        self.watchdog = TaskWatchdog(world)
        self.rtc_watchdog = RtcWatchdog(world)
        self.buses = []
        self.uarts = {}
        self.ports = []
        self.pwm_listeners = {}
        self.pwm_duties = {}
        # The pins of those that go on in light sleep.
        self.pwm_kept = set()
        self.light_sleep = LightSleep(world, self)
        self.registers = Registers(self)
        self.freq_hz = 240_000_000
        self.lines = {}

    def line(self, number):
        """The wire at a GPIO number."""
        if number not in self.lines:
            self.lines[number] = Line(self.world, number)
        return self.lines[number]

    def add_bus(self, scl, sda):
        """The bus on these pins, made when it is new."""
        return self.bus(scl, sda) or self._new_bus(scl, sda)

    def bus(self, scl, sda):
        """The bus on these pins, or None where nothing is wired."""
        for bus in self.buses:
            if bus.scl == scl and bus.sda == sda:
                return bus
        return None

    def reset(self, cause):
        """The chip resets by its own wish."""
        self.world.observe({"reset": cause})
        self.world.halt(RESET, cause)

    def _new_bus(self, scl, sda):
        bus = Bus(self.world, scl, sda)
        self.buses.append(bus)
        return bus

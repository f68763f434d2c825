"""The electrical side of the badge: lines, buses, serial ports and the chip's own state."""

from sim.halt import RESET, WATCHDOG
from sim.world.sleep import LightSleep

_HIGH_Z = None
# A fault that ends by the clock.
_ALL = 1 << 30


class Line:
    """One wire: the chip may drive it, the outside may drive it, both can listen."""

    def __init__(self, world, number):
        self.number = number
        self._world = world
        self._chip = _HIGH_Z
        self._outside = _HIGH_Z
        self._pull = 0
        # What the wire reads: an output's level, else what drives it, else the pull.
        self.level = 0
        # The level of a short circuit, which no driver is a match for.
        self._stuck = None
        self._irq = None
        self._triggers = 0
        self._listeners = []
        self.pin = None
        # After a sleep that this pin could end it belongs to the RTC, until it is set up again.
        self.rtc = False

    def drive(self, level):
        """The outside drives the wire (None lets it go); edges reach the chip's interrupt."""
        if level != self._outside:
            self._outside = level
            self._change()

    def output(self, level):
        """The chip drives the wire (None makes it an input)."""
        if level != self._chip:
            self._chip = level
            self._change()

    def pull(self, level):
        """The chip's pull resistor: 0, 1, or None for the weak default low; it makes no edge."""
        self._pull = level or 0
        self.level = self._read()

    def stick(self, level):
        """A short circuit holds the wire at a level; None: it is over."""
        self._stuck = level
        self._change()

    def listen(self, callback):
        """Call `callback(level)` on each change of level."""
        self._listeners.append(callback)

    @property
    def has_irq(self):
        """Whether an interrupt is set on this wire."""
        return self._irq is not None

    def irq(self, handler, triggers):
        """The chip's soft interrupt on this wire; None switches it off."""
        self._irq = handler
        self._triggers = triggers

    def _read(self):
        if self._stuck is not None:
            return self._stuck
        if self._chip is not _HIGH_Z:
            return self._chip
        return self._pull if self._outside is _HIGH_Z else self._outside

    def _change(self):
        after = self._read()
        if self.level == after:
            return
        self.level = after
        for listener in self._listeners:
            listener(after)
        if self.rtc or self._world.asleep:
            return
        if self._irq is not None and self._triggers & (1 if after else 2):
            self._world.soft_irq(self._irq, self.pin)


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


class Watchdog:
    """The task watchdog: once started it cannot be stopped, only fed."""

    def __init__(self, world):
        self._world = world
        self._deadline_us = None
        self._timeout_us = 0

    @property
    def deadline_us(self):
        """World time at which it bites, or None when it was never started."""
        return self._deadline_us

    def resume(self, deadline_us):
        """It has outlived a soft reset."""
        if deadline_us is not None:
            self._deadline_us = deadline_us
            self._arm()

    def start(self, timeout_ms):
        """Start, or change the timeout of a running one."""
        running = self._deadline_us is not None
        self._timeout_us = timeout_ms * 1000
        self.feed()
        if not running:
            self._arm()

    def feed(self):
        """Put the deadline off by the timeout."""
        self._deadline_us = self._world.now_us + self._timeout_us
        if self._world.at_prompt is not None:
            self._world.observe({"watchdog_ms": self._timeout_us // 1000})

    def _arm(self):
        # One event that looks at the deadline when it comes: feeding costs no event.
        self._world.at(self._deadline_us, self._look)

    def _look(self):
        if self._world.now_us < self._deadline_us:
            self._arm()
            return
        self._world.observe({"reset": "watchdog"})
        self._world.halt(WATCHDOG, "the watchdog was not fed")


class Board:
    """Everything the stand-in `machine` reaches: made once a start, filled by the wiring."""

    def __init__(self, world, reset_cause, rtc_offset_us, unique_id):
        self.world = world
        self.reset_cause = reset_cause
        self.unique_id = unique_id
        self.rtc = Rtc(world, rtc_offset_us)
        self.watchdog = Watchdog(world)
        self.buses = []
        self.uarts = {}
        self.ports = []
        self.pwm_listeners = {}
        self.pwm_duties = {}
        self.light_sleep = LightSleep(world, self)
        self.freq_hz = 240_000_000
        self._lines = {}

    def line(self, number):
        """The wire at a GPIO number."""
        if number not in self._lines:
            self._lines[number] = Line(self.world, number)
        return self._lines[number]

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

"""The electrical side of the badge: buses, serial ports and the chip's own state."""

from sim.halt import RESET
from sim.world.i2c import Bus
from sim.world.line import Line
from sim.world.registers import Registers
from sim.world.sleep import LightSleep
from sim.world.watchdogs import RtcWatchdog, TaskWatchdog


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
        # What a pin's voltage comes from, by its number: read_uv().
        self.analog = {}
        # The model of the station (models/wlan.py), or None.
        self.wlan = None
        # The model of BLE (models/ble.py), or None.
        self.ble = None
        self.ports = []
        self.pwm_listeners = {}
        self.pwm_duties = {}
        # The pins of those that go on in light sleep.
        self.pwm_kept = set()
        self.light_sleep = LightSleep(world, self)
        self.registers = Registers(self)
        self.freq_hz = 240_000_000
        self.lines = {}
        # Outputs that float in light sleep: kept by the wires, since each sleep asks.
        self.exposed = {}

    def line(self, number):
        """The wire at a GPIO number."""
        if number not in self.lines:
            self.lines[number] = Line(self.world, number, self.exposed)
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

    def has_wlan(self, model):
        """The chip's radio, which light sleep concerns too."""
        self.wlan = model
        self.ports.append(model)

    def has_ble(self, model):
        """The other one, which light sleep concerns too."""
        self.ble = model
        self.ports.append(model)

    def set_freq(self, hz):
        """The clock of the processor; it changes nothing here."""
        self.freq_hz = hz

    def reset(self, cause):
        """The chip resets by its own wish."""
        self.world.observe({"reset": cause})
        self.world.halt(RESET, cause)

    def _new_bus(self, scl, sda):
        bus = Bus(self.world, scl, sda)
        self.buses.append(bus)
        return bus

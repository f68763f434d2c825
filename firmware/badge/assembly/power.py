"""Puts the badge's power together: the power chip, the modem's rail, and sleep between events."""

from asyncio import core  # type: ignore[attr-defined]  # MicroPython has it
from time import ticks_ms

import esp32

from badge.assembly import chips
from badge.core.alarm import kinds
from badge.core.battery import Battery
from badge.core.power_policy import PowerPolicy
from badge.core.wearer.gestures import BUTTON_NAMES
from badge.tasks.power import wake_pins
from badge.tasks.power.power_task import Hearers, PowerTask
from badge.tasks.power.sleeper import Sleeper
from badge.tasks.power.stay_awake import StayAwake
from badge.tasks.power.wake_pins import WakePin, WakePins


def build(base):
    """The PowerTask; the modem's rail is on when this returns."""
    common, ports = base.common, base.ports
    gauge, irq_pin = chips.gauge(base.board)
    task = PowerTask(
        gauge,
        irq_pin,
        Battery(common.config.battery_hours),
        PowerPolicy(),
        Hearers(common.feel, ports.battery_ends, ports.shift_left_min, ports.charger_changed),
        common.log,
    )
    task.start()
    return task


def report_end(keeper):
    """Return what hears of the last of the battery: a technical message to the receiver."""

    def report(now_ms, percent):
        keeper.technical(kinds.BATTERY, now_ms, percent)

    return report


def sleep_when_idle(parts):
    """From now on the event loop sleeps when nothing keeps it awake."""
    board, common = parts.base.board, parts.base.common
    config, log = common.config, common.log
    if not config.light_sleep:
        return
    if board.SOS == "pmu_key":
        # Its line would wake when low, and has an interrupt: not both on one pin (sleeper.py).
        log.event("sleep.off", why=repr("the key is on the power chip"))
        return
    if board.SOS_ACTIVE_LEVEL != 1:
        # ext1 wakes on any high level but only on all low ones: a squeeze would be slept through.
        log.event("sleep.off", why=repr("buttons are active low"))
        return
    buttons = [pin for pin in (board.sos_left_pin(), board.sos_right_pin()) if pin is not None]
    int1 = board.imu_int1()
    pins = _wake_pins(parts, buttons, int1)
    parts.wearer.answers.add(lambda: "sleep" if pins.is_line_stuck(ticks_ms()) else "")
    stay = StayAwake(parts.power, parts.feeling.is_on, parts.radio, pins)

    def woken(now_ms):
        parts.buttons.look(now_ms)
        pins.serve(now_ms)

    def reclaim():
        # Not by way of the board: this runs after every sleep.
        for pin in buttons:
            pin.init(pin.IN, pin.PULL_DOWN)
        int1.init(int1.IN)

    Sleeper(core, parts.base.chip.sleep, stay.awake_ms, reclaim, woken).install()
    log.event("sleep.on", modem=config.modem_sleep)


def _wake_pins(parts, buttons, int1):
    board, radio = parts.base.board, parts.radio
    high = [
        WakePin(name, pin, 1, wake_pins.STUCK_BUTTON_MS, _nothing)
        for name, pin in zip(BUTTON_NAMES, buttons)
    ]
    stuck_ms = wake_pins.STUCK_INT_MS
    high.append(WakePin("int1", int1, 1, stuck_ms, parts.body.motion.look_now))
    low = []
    if board.PMU == "axp2101":
        low.append(WakePin("pmu", board.pmu_int(), 0, stuck_ms, parts.power.look_now))
    if radio is not None:
        bearer = radio.bearer
        if bearer.ring_pin is not None:
            ring_ms = wake_pins.STUCK_RI_MS
            low.append(WakePin("ri", bearer.ring_pin, 0, ring_ms, bearer.missed))
    return WakePins(high, low, _arm_high, _arm_low, parts.base.common.log)


def _arm_high(pins):
    esp32.wake_on_ext1(pins, esp32.WAKEUP_ANY_HIGH)


def _arm_low(pins):
    esp32.wake_on_gpio(pins, esp32.WAKEUP_ALL_LOW)


def _nothing():
    """The button task has looked already."""

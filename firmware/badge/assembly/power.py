"""Puts the badge's power together: the power chip, the modem's rail, and sleep between events."""

from asyncio import core  # type: ignore[attr-defined]  # MicroPython has it
from time import ticks_ms

import esp32
import machine

from badge.core.alarm import kinds
from badge.core.battery import Battery
from badge.core.portable import const
from badge.core.power_policy import PowerPolicy
from badge.core.wearer.gestures import BUTTON_NAMES
from badge.drivers.axp2101 import Axp2101, Supply
from badge.tasks.power.power_task import Around, PowerTask
from badge.tasks.power.sleeper import Sleeper
from badge.tasks.power.wake_pins import WakePin, WakePins

# USB may be connected, or nobody can tell: look again so often.
_USB_LOOK_MS = const(250)
_OUTPUT_LOOK_MS = const(20)
# Longer than any gesture; a button that sticks is then polled, as while the badge is awake.
_STUCK_BUTTON_MS = const(15_000)
# The modem holds RI for 120 ms; without supply its pin may rest low for ever.
_STUCK_RI_MS = const(2_000)
_STUCK_INT_MS = const(5_000)


def build(base):
    """The PowerTask; the modem's rail is on when this returns."""
    board, common, ports = base.board, base.common, base.ports
    supply = Supply(board.CHARGE_MA, board.CHARGE_MV, board.PMU_RAILS)
    task = PowerTask(
        Axp2101(board.pmu_i2c(), supply, board.PMU_ADDR),
        board.pmu_int(),
        Battery(common.config.battery_hours),
        PowerPolicy(),
        Around(common.feel, ports.battery_ends, ports.shift_left_min, ports.charger_changed),
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
    """From now on the event loop sleeps when nothing keeps it awake; the Sleeper, or None."""
    board, chip, common = parts.base.board, parts.base.chip, parts.base.common
    task, radio = parts.power, parts.radio
    config, log = common.config, common.log
    is_feeling = parts.feeling.is_on
    if not config.light_sleep:
        return None
    if board.SOS_ACTIVE_LEVEL != 1:
        # ext1 wakes on any high level but only on all low ones: a squeeze would be slept through.
        log.event("sleep.off", why="buttons are active low")
        return None
    left, right, int1 = board.sos_left_pin(), board.sos_right_pin(), board.imu_int1()
    pins = _wake_pins(parts, (left, right), int1)
    parts.wearer.answers.add(lambda: "sleep" if pins.is_line_stuck(ticks_ms()) else "")

    def awake_ms(now_ms):
        if task.vbus is not False:
            return _USB_LOOK_MS
        if is_feeling():
            return _OUTPUT_LOOK_MS
        if radio is not None:
            stay_ms = _radio_awake_ms(radio, now_ms)
            if stay_ms:
                return stay_ms
        stay_ms = pins.awake_ms(now_ms)
        if not stay_ms and radio is not None:
            radio.modem.rest(now_ms)
        return stay_ms

    def woken(now_ms):
        parts.buttons.look(now_ms)
        pins.serve(now_ms)

    def reclaim():
        # Not by way of the board: this runs after every sleep.
        left.init(left.IN, left.PULL_DOWN)
        right.init(right.IN, right.PULL_DOWN)
        int1.init(int1.IN)

    def sleep(sleep_ms):
        chip.before_sleep()
        try:
            machine.lightsleep(sleep_ms)
        finally:
            # Whoever stops the badge here is an engineer, whom this watchdog must not bite.
            chip.after_sleep()

    sleeper = Sleeper(core, sleep, awake_ms, reclaim, woken)
    sleeper.install()
    log.event("sleep.on", modem=config.modem_sleep)
    return sleeper


def _radio_awake_ms(radio, now_ms):
    if not radio.uart.txdone():
        return _OUTPUT_LOOK_MS
    if radio.link.is_open and not radio.modem.rings:
        # What the receiver says would go unheard.
        return _USB_LOOK_MS
    return radio.at.awake_ms(now_ms)


def _wake_pins(parts, buttons, int1):
    board, radio = parts.base.board, parts.radio
    high = [
        WakePin(name, pin, 1, _STUCK_BUTTON_MS, _nothing)
        for name, pin in zip(BUTTON_NAMES, buttons)
    ]
    high.append(WakePin("int1", int1, 1, _STUCK_INT_MS, parts.body.motion.look_now))
    low = [WakePin("pmu", board.pmu_int(), 0, _STUCK_INT_MS, parts.power.look_now)]
    if radio is not None:
        low.append(WakePin("ri", board.modem_ri(), 0, _STUCK_RI_MS, radio.at.missed))
    return WakePins(high, low, _arm_high, _arm_low, parts.base.common.log)


def _arm_high(pins):
    esp32.wake_on_ext1(pins, esp32.WAKEUP_ANY_HIGH)


def _arm_low(pins):
    esp32.wake_on_gpio(pins, esp32.WAKEUP_ALL_LOW)


def _nothing():
    """The button task has looked already."""

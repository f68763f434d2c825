"""Puts together what the wearer feels and asks: feedback, timers, shift, "am I protected?"."""

import os
from time import ticks_ms

from badge.core import power_policy
from badge.core.alarm.amber import Amber
from badge.core.alarm.check_in import CheckIn
from badge.core.link_watch import LinkWatch
from badge.core.portable import const
from badge.core.wearer import feedback
from badge.core.wearer.protection import Protection
from badge.core.wearer.shift import Shift
from badge.drivers.buzzer import Buzzer
from badge.drivers.haptic_motor import HapticMotor
from badge.drivers.lsm6dsox import ImuError
from badge.drivers.modem.at import AtError
from badge.drivers.status_led import StatusLed
from badge.storage.shift_file import ShiftFile
from badge.tasks.wearer.feedback_task import FeedbackTask
from badge.tasks.wearer.shift_check import ShiftTest
from badge.tasks.wearer.shift_task import ShiftTask
from badge.tasks.wearer.timers_task import TimersTask

_VITAL_MS = const(5_000)
_CHORE_MS = const(30_000)
_SENSOR_TEST_MS = const(5_000)
# The datasheet's least (DS12814), and a wearer who moves can spoil one try.
_MOVED_MG = const(50)
_SENSOR_TRIES = const(3)


def start_feedback(board, config, supervisor, log):
    """The FeedbackTask, running; where the profile allows no sound or light, no pin is set up."""
    buzzer = led = None
    if feedback.has_sound(config):
        pwm = board.buzzer_pwm()
        buzzer = None if pwm is None else Buzzer(pwm, config.sound_percent)
    if feedback.has_light(config):
        pin = board.status_led_pin()
        led = None if pin is None else StatusLed(pin, board.STATUS_LED_ACTIVE_LEVEL)
    motor = HapticMotor(board.haptic_pwm())
    feeling = FeedbackTask(motor, buzzer, led, feedback.plan(config), log)
    supervisor.start("feedback", feeling.run, _CHORE_MS)
    return feeling


def start(board, config, supervisor, keeper, clock, gate, feel, log, *, is_new_use):
    """Start shift and timers; returns (ShiftTask, TimersTask, Protection).

    `is_new_use`: this start begins a shift, in place of going on with the one before a reset.
    """
    now_ms = ticks_ms()
    answers = Protection()
    clockwork = Shift(config, now_ms)
    shift = ShiftTask(
        clockwork,
        ShiftTest(clockwork, answers, keeper, feel, log),
        LinkWatch(config, now_ms),
        answers,
        ShiftFile(board.DATA_DIR + "shift"),
        keeper,
        gate,
        feel,
        log,
    )
    shift.begin(is_new_use)
    answers.add(lambda: "flash" if keeper.flash_fails() else "")
    check_in = CheckIn(config, lambda: os.urandom(1)[0])
    timers = TimersTask(check_in, Amber(config), keeper, clock, shift.is_on, feel, log)
    supervisor.start("shift", shift.run, _CHORE_MS)
    supervisor.start("timers", timers.run, _VITAL_MS)
    return shift, timers, answers


def use_radio(shift, radio):
    """The test of a shift goes out over `radio`, (at, modem, link)."""

    async def signal():
        try:
            cell = await radio[1].signal()
        except AtError:
            return None
        return None if cell is None else cell[0]

    shift.link_is_up = shift.test.link_is_up = lambda: radio[2].is_up
    shift.test.signal = signal


def use_motion(shift, motion):
    """The accelerometer tests itself when a shift is tested."""

    async def test():
        for _ in range(_SENSOR_TRIES):
            try:
                moved_mg = await motion.self_test(_SENSOR_TEST_MS)
            except ImuError:
                return "motion"
            if min(moved_mg) >= _MOVED_MG:
                return ""
        return "motion"

    shift.test.sensors = test


def use_watch(shift, answers, power, motion, watch):
    """Shift, charger and reserve silence man-down; gaps and silence count in the answer."""
    watch.is_off = lambda: not shift.is_on()
    watch.is_on_reserve = lambda: power.sos_only
    watch.is_on_charger = lambda: power.on_charger
    shift.rests_on_charger = watch.rests_on_charger
    answers.add(motion.reason)
    answers.add(watch.reason)
    answers.add(watch.lanyard_reason)


def use_power(shift, answers, power):
    """The battery counts in the answer, and warns by the end of the shift.

    Check-ins go on: their deadline at the receiver is what a badge leaves behind that goes dark.
    """

    def reason():
        if power.percent is None:
            return "battery.unknown"
        if power.level == power_policy.LAST:
            return "battery.empty"
        if power.level == power_policy.RESERVE:
            return "battery.reserve"
        short = power.level == power_policy.WATCH and not power.status()["lasts"]
        return "battery.low" if short or power.level == power_policy.SAVING else ""

    answers.add(reason)
    power.shift_left_min = shift.left_min
    power.on_charger_change = shift.charger
    if power.vbus:
        shift.charger(power.vbus, ticks_ms())
    shift.test.saves_power = lambda: power.sos_only

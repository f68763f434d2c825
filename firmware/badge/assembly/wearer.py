"""Puts together what the wearer feels and asks: feedback, timers, shift, "am I protected?"."""

import os
from time import ticks_ms

from badge.assembly.parts import Wearer
from badge.core import power_policy
from badge.core.alarm.amber import Amber
from badge.core.alarm.check_in import CheckIn
from badge.core.link_watch import LinkWatch
from badge.core.portable import const
from badge.core.wearer import feedback
from badge.core.wearer.protection import Protection
from badge.drivers.buzzer import Buzzer
from badge.drivers.haptic_motor import HapticMotor
from badge.drivers.lsm6dsox import ImuError
from badge.drivers.modem.at import AtError
from badge.drivers.status_led import StatusLed
from badge.storage.shift_file import ShiftFile
from badge.tasks.wearer.feedback_task import FeedbackTask
from badge.tasks.wearer.shift_check import Checked, ShiftCheck
from badge.tasks.wearer.shift_task import Link, ShiftTask
from badge.tasks.wearer.timers_task import TimersTask

_SENSOR_TEST_MS = const(5_000)
# The datasheet's least (DS12814), and a wearer who moves can spoil one try.
_MOVED_MG = const(50)
_SENSOR_TRIES = const(3)


def build_feedback(board, config, log):
    """The FeedbackTask; where the profile allows no sound or light, no pin is set up."""
    buzzer = led = None
    if feedback.has_sound(config):
        pwm = board.buzzer_pwm()
        buzzer = None if pwm is None else Buzzer(pwm, config.sound_percent)
    if feedback.has_light(config):
        pin = board.status_led_pin()
        led = None if pin is None else StatusLed(pin, board.STATUS_LED_ACTIVE_LEVEL)
    motor = HapticMotor(board.haptic_pwm())
    return FeedbackTask(motor, buzzer, led, feedback.plan(config), log)


def build(base, clockwork, buttons, keeper, body, power, *, radio):
    """The Wearer; the shift is begun by its `begin`. `clockwork` is the Shift."""
    common, now_ms = base.common, ticks_ms()
    answers = Protection()
    is_up = None if radio is None else lambda: radio.link.is_up
    checked = Checked(
        link_is_up=is_up,
        signal=lambda: _signal_of(radio),
        sensors=lambda: _fault_of(body.motion),
        saves_power=lambda: power.sos_only,
        is_pressed=buttons.is_pressed,
    )
    shift = ShiftTask(
        common,
        clockwork,
        ShiftCheck(clockwork, checked, answers, keeper, common.feel, common.log),
        Link(is_up, LinkWatch(common.config, now_ms)),
        ShiftFile(base.directory + "shift"),
        keeper,
        answers=answers,
        rests_on_charger=body.watch.rests_on_charger,
    )
    check_in = CheckIn(common.config, lambda: os.urandom(1)[0])
    timers = TimersTask(common, check_in, Amber(common.config), keeper, shift.is_on)
    return Wearer(answers, shift, timers)


def battery_reason(power):
    """Return what says why the battery speaks against "protected"; "" when it does not.

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

    return reason


async def _signal_of(radio):
    """The signal in dBm, or None."""
    if radio is None:
        return None
    try:
        cell = await radio.modem.signal()
    except AtError:
        return None
    return None if cell is None else cell[0]


async def _fault_of(motion):
    """The accelerometer tests itself: a reason of protection.py, or ""."""
    for _ in range(_SENSOR_TRIES):
        try:
            moved_mg = await motion.self_test(_SENSOR_TEST_MS)
        except ImuError:
            return "motion"
        if min(moved_mg) >= _MOVED_MG:
            return ""
    return "motion"

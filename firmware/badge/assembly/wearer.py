"""Puts together what the wearer feels and asks: feedback, timers, shift, "am I protected?"."""

import os
from time import ticks_ms

from badge.assembly import chips
from badge.assembly.parts import Wearer
from badge.core.alarm.amber import Amber
from badge.core.alarm.check_in import CheckIn
from badge.core.link_watch import LinkWatch
from badge.core.wearer import feedback
from badge.core.wearer.protection import Protection
from badge.drivers.buzzer import Buzzer
from badge.drivers.status_led import StatusLed
from badge.storage.shift_file import ShiftFile
from badge.tasks.wearer.feedback_task import FeedbackTask
from badge.tasks.wearer.shift_check import Checked, ShiftCheck
from badge.tasks.wearer.shift_task import Link, ShiftTask
from badge.tasks.wearer.timers_task import TimersTask


def build_feedback(board, config, log):
    """The FeedbackTask; where the profile allows no sound or light, no pin is set up."""
    buzzer = led = None
    if feedback.has_sound(config):
        pwm = board.buzzer_pwm()
        buzzer = None if pwm is None else Buzzer(pwm, config.sound_percent)
    if feedback.has_light(config):
        pin = board.status_led_pin()
        led = None if pin is None else StatusLed(pin, board.STATUS_LED_ACTIVE_LEVEL)
    return FeedbackTask(chips.motor(board), buzzer, led, feedback.plan(config), log)


def build(base, clockwork, buttons, keeper, body, power, *, radio, has_identity):
    """The Wearer; the shift is begun by its `begin`. `clockwork` is the Shift."""
    common, now_ms = base.common, ticks_ms()
    answers = Protection()
    is_up = None if radio is None else lambda: radio.link.is_up
    lacks_permit = _never if radio is None else lambda: radio.link.inbox.lacks_permit
    checked = Checked(
        link_is_up=is_up,
        bearer=None if radio is None else radio.bearer,
        test_motion=body.motion.self_test,
        saves_power=lambda: power.sos_only,
        is_pressed=buttons.is_pressed,
        passed=_sms_test(common.config, radio),
    )
    shift = ShiftTask(
        common,
        clockwork,
        ShiftCheck(clockwork, checked, answers, keeper, common.feel, common.log),
        Link(
            is_up or (_never if has_identity else None),
            LinkWatch(common.config, now_ms),
            lacks_permit,
            _none_to_ask if radio is None else radio.link.prove,
            _never if radio is None else lambda: radio.link.is_locating,
        ),
        ShiftFile(base.directory + "shift"),
        keeper,
        answers=answers,
        rests_on_charger=body.watch.rests_on_charger,
    )
    check_in = CheckIn(common.config, lambda: os.urandom(1)[0])
    timers = TimersTask(common, check_in, Amber(common.config), keeper, shift.is_on)
    return Wearer(answers, shift, timers)


def _sms_test(config, radio):
    if config.sms_shift_test and radio is not None and radio.sms is not None:
        return radio.sms.begin_test
    return _nothing


def _nothing():
    """Nothing else is tested."""


def _never():
    return False


def _none_to_ask(_then):
    return False

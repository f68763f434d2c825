"""Puts together the two buttons: how presses are recognised, and who hears what they mean."""

from badge.core.portable import const
from badge.core.wearer.gestures import Gestures
from badge.tasks.wearer.buttons_task import Buttons, ButtonsTask, Hearers
from badge.tasks.wearer.meanings import Meanings

# A collection that nobody asked for (50 ms) and a FIFO burst (5 ms) are not announced to the gate.
_UNSEEN_STALL_MS = const(80)


def recogniser(config):
    """The recogniser of the configured gestures; the gate asks it whether a press is under way."""
    return Gestures(
        config.sos_gesture, config.sos_hold_ms, config.sos_debounce_ms, _UNSEEN_STALL_MS
    )


def build(base, gestures, keeper, wearer):
    """The ButtonsTask."""
    board, common, shift = base.board, base.common, wearer.shift
    hearers = Hearers(
        context=shift.check.context,
        on_meaning=Meanings(keeper, shift, wearer.timers, common.feel).carry_out,
        on_release=shift.check.released,
        on_tried=shift.tried,
    )
    pins = Buttons((board.sos_left_pin(), board.sos_right_pin()), board.SOS_ACTIVE_LEVEL)
    return ButtonsTask(pins, gestures, common.config.sos_gesture, hearers, common.gate, common.log)

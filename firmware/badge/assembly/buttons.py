"""Puts together the two buttons: how presses are recognised, and what is done for them."""

from badge.assembly import chips
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


def build(base, gestures, keeper, trial, power):
    """The ButtonsTask; a press counts from here. `trial` is the ButtonTrial of the shift."""
    board, common, ports = base.board, base.common, base.ports

    def context(now_ms):
        ports.press_began()
        return trial.context(keeper.context(now_ms))

    hearers = Hearers(
        context=context,
        on_meaning=ports.gesture_meant,
        on_release=ports.button_released,
        on_tried=ports.buttons_tried,
    )
    pins, key = chips.buttons(board, power)
    pins = Buttons(pins, board.SOS_ACTIVE_LEVEL, key)
    return ButtonsTask(pins, gestures, common.config.sos_gesture, hearers, common.gate, common.log)


def meanings(parts):
    """The Meanings: what hears of each gesture."""
    wearer = parts.wearer
    return Meanings(parts.alarms.keeper, wearer.shift, wearer.timers, parts.base.common.feel)

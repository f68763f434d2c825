"""Puts together what the wearer touches: the two buttons and the lanyard's contact."""

from badge.core.portable import const
from badge.core.wearer.gestures import Gestures
from badge.tasks.wearer.buttons_task import ButtonsTask
from badge.tasks.wearer.lanyard_task import LanyardTask
from badge.tasks.wearer.meanings import Meanings

# A collection that nobody asked for (50 ms) and a FIFO burst (5 ms) are not announced to the gate.
_UNSEEN_STALL_MS = const(80)
_VITAL_MS = const(5_000)
_CHORE_MS = const(30_000)


def recogniser(config):
    """The recogniser of the configured gestures; the gate asks it whether a press is under way."""
    return Gestures(
        config.sos_gesture, config.sos_hold_ms, config.sos_debounce_ms, _UNSEEN_STALL_MS
    )


def start(board, config, gestures, supervisor, gate, keeper, log):
    """The ButtonsTask, running; `use` tells it what to do before it has its first turn."""
    buttons = ButtonsTask(
        (board.sos_left_pin(), board.sos_right_pin()),
        board.SOS_ACTIVE_LEVEL,
        gestures,
        config.sos_gesture,
        gate,
        keeper.context,
        log,
    )
    gate.look = buttons.look
    supervisor.start("buttons", buttons.run, _VITAL_MS, vital=True)
    return buttons


def use(buttons, keeper, shift, timers, answers, feel):
    """From now on the presses mean something; a stuck button counts in "am I protected?"."""
    buttons.on_meaning = Meanings(keeper, shift, timers, feel).carry_out
    buttons.context = shift.test.context
    buttons.on_release = shift.test.released
    buttons.on_tried = shift.tried
    shift.test.is_pressed = buttons.is_pressed
    answers.add(buttons.fault)


def watch_lanyard(board, supervisor, on_change):
    """`on_change(is_attached, now_ms)` hears of the lanyard, first of how it is at the start."""
    lanyard = LanyardTask(board.rip_pin(), board.RIP_CLOSED_LEVEL, on_change)
    supervisor.start("lanyard", lanyard.run, _CHORE_MS)

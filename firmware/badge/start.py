"""Chooses the application slot before anything of the application runs.

A fixed copy of this module and of what it imports lies in the folder `loader`, beside the slots,
so that no update can break the choice.
"""

import sys
from time import sleep_ms, ticks_diff, ticks_ms

from badge.core import slots
from badge.core.portable import const
from badge.core.wearer import haptics
from badge.storage.slot_store import SlotStore

LOADER = "/loader"
# Twice an SOS squeeze: a wearer who calls for help while the badge starts lets go before.
_HELD_MS = const(3_000)
_STEP_MS = const(20)


def choose(board, power_on):
    """Put the slot to run first on sys.path; False for safe mode, which has been announced."""
    store = SlotStore(board.DATA_DIR)
    record = store.load()
    index = slots.NOBODY
    if record.installed():
        if power_on and record.doubtful() and _held(board):
            return _safe_mode(board, "the right button is held")
        before = slots.encode(record)
        index = record.start(not power_on)
        if slots.encode(record) != before:
            _save(store, record)
        if index == slots.NOBODY:
            return _safe_mode(board, "neither slot works")
    _enter(store, index)
    return True


def _enter(store, index):
    if LOADER in sys.path:
        sys.path.remove(LOADER)
    if index != slots.NOBODY:
        sys.path.insert(0, store.folder(index))
    elif not str(sys.modules["badge"].__path__).startswith(LOADER):
        return
    # What the loader imported would otherwise be taken for the application's.
    for name in list(sys.modules):
        if name == "badge" or name.startswith("badge."):
            del sys.modules[name]


def _save(store, record):
    try:
        store.save(record)
    except OSError as error:
        # Flash that cannot be written must not disarm the badge.
        print("# %s slots.not_stored why=%r" % (ticks_ms(), str(error)))


def _held(board):
    """The right button alone: both together are a call for help, which the application takes."""
    left = board.sos_left_pin()
    right = board.sos_right_pin()
    pressed = board.SOS_ACTIVE_LEVEL
    if right is None:
        # The only button calls for help.
        return False
    began_ms = ticks_ms()
    while right.value() == pressed and left.value() != pressed:
        if ticks_diff(ticks_ms(), began_ms) >= _HELD_MS:
            return True
        sleep_ms(_STEP_MS)
    return False


def _safe_mode(board, why):
    """Say and let feel that this badge is not armed; the watchdog ends it after its period."""
    motor = board.haptic_pwm()
    for on_ms, off_ms, strength_percent in haptics.pattern("NOT_DELIVERED", 100):
        motor.duty_u16(65535 * strength_percent // 100)
        sleep_ms(on_ms)
        motor.duty_u16(0)
        sleep_ms(off_ms)
    # Felt first: a host that does not read holds up each byte.
    print("# %s safe_mode why=%r" % (ticks_ms(), why))
    return False

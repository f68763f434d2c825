"""Starts the badge. The watchdog runs before anything that could hang or fail."""

import sys

import machine
import micropython

watchdog = machine.WDT(timeout=30_000)
# Ctrl-C interrupts nothing, neither a squeeze nor the pattern that tells the wearer of it: it is a
# byte that the application's console takes (badge/stop.py).
micropython.kbd_intr(-1)
# What chooses the slot has a folder of its own, which no update touches (docs/update.md).
sys.path.insert(0, "/loader")

try:
    from badge.boards.active import Board
    from badge.start import choose

    if choose(Board(), machine.reset_cause() == machine.PWRON_RESET):
        # From the chosen slot now; in safe mode an engineer finds the prompt for 30 s.
        from badge.app import run
        from badge.boards.active import Board

        run(Board(), watchdog)
        machine.reset()
except KeyboardInterrupt:
    # Somebody on USB wants the prompt; a watchdog arms the badge again (badge/stop.py).
    raise
except Exception as error:  # noqa: BLE001  a badge that fails starts again
    try:
        # For the journal of the start that works again (badge/storage/crash_note.py).
        with open("/crash", "w") as file:
            sys.print_exception(error, file)
    except OSError:
        # Flash that fails must not keep the badge from starting.
        pass
    # After the note: a host that does not read holds up each byte, and the watchdog ends that.
    sys.print_exception(error)
    machine.reset()

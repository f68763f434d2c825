"""MicroPython's own prompt on the badge's USB port (scenario["usb"]): live mode on a terminal.

The interpreter's prompt is C and knows no world, so what goes on without it (the watchdog) is told
to whoever started the simulator, as an observation.
"""

import os
import sys

from sim.world import current

# How a start ends when Ctrl-D ends MicroPython (with exit code 0): the chip restarts it.
SOFT = -1


def observer(scenario, host):
    """Where observations go: a descriptor of their own when the console is the badge's USB."""
    usb = scenario["usb"]
    return host.open(usb["observe_fd"], "w") if usb else None


def control_stream(scenario, host):
    """Where control verbs come from; None for stdin."""
    usb = scenario["usb"]
    return host.open(usb["control_fd"], "r") if usb else None


def wanted_at_once(scenario):
    """True when the host was in the raw REPL at a soft reset: main.py is then not run."""
    usb = scenario["usb"]
    return bool(usb and usb["raw"])


def main_in_flash():
    """The main.py in the badge's flash, or nothing on a chip that was only just flashed."""
    try:
        with open("/main.py") as file:
            return file.read()
    except OSError:
        return ""


def leave_only_the_flash():
    """The firmware is what the badge's own flash has; the simulator keeps what it has imported."""
    sys.path[:] = ["/sim/modules", ".frozen", "", "/lib"]
    for name in list(sys.modules):
        if name.split(".")[0] == "badge":
            del sys.modules[name]


def enter(world, keep):
    """Leave Python for the prompt; `keep(code)` saves what outlives the coming reset."""
    for name in ("sys", "select", "gc"):
        sys.modules.pop(name, None)
    deadline_us = current.board.watchdog.deadline_us
    left_ms = None if deadline_us is None else max(0, deadline_us - world.read_us()) // 1000
    world.observe(
        {
            "prompt": True,
            "watchdog_ms": left_ms,
            "rtc_offset_us": current.board.rtc.offset_us,
        }
    )

    def leave(code):
        keep(code)
        sys.atexit(None)
        sys.exit(code)

    world.enter_prompt(leave)
    # Read when the script has ended; as `-i` it would show the prompt after sys.exit() too.
    os.putenv("MICROPYINSPECT", "1")
    sys.atexit(lambda: keep(SOFT))

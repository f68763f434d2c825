"""What systemd is told of the receiver: that it is ready, and that it lives."""

import contextlib
import os
import socket
from typing import Final

_MICROS: Final = 1_000_000


def notify(*lines: str) -> None:
    """Tell the service manager, if there is one, as sd_notify(3) has it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # An abstract socket is written with an @.
    name = "\0" + address[1:] if address.startswith("@") else address
    # Who has gone need not be told.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto("\n".join(lines).encode(), name)


def watchdog_s() -> float | None:
    """How often the service manager wants to hear of this process; None when it does not."""
    micros = os.environ.get("WATCHDOG_USEC", "")
    owner = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not micros.isdecimal() or int(micros) == 0 or owner != str(os.getpid()):
        return None
    return int(micros) / _MICROS

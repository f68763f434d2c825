"""Finding a badge again after it has restarted."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from nabij.usb.device import Device, DeviceError, open_device

# Start of the chip, and USB that is enumerated anew.
RESTART_S: Final = 30.0
_POLL_S: Final = 0.5


def visits(address: str | None, timeout_s: float = RESTART_S) -> Iterator[Device]:
    """Open the badge again and again for `timeout_s`; DeviceError then, or when it stays silent.

    The port is let go between visits, for a chip that restarts takes its USB away.
    """
    deadline_s = time.monotonic() + timeout_s
    silent_from_s = time.monotonic()
    while time.monotonic() < deadline_s:
        try:
            device = open_device(address)
        except DeviceError:
            if time.monotonic() > silent_from_s + RESTART_S:
                raise
        else:
            with device:
                yield device
            silent_from_s = time.monotonic()
        time.sleep(_POLL_S)
    raise DeviceError("The badge did not get that far in time: try again.")


def wait_until(
    address: str | None, ready: Callable[[Device], bool], timeout_s: float = RESTART_S
) -> None:
    """Visit the badge until `ready` says so; DeviceError when that does not come about in time."""
    for device in visits(address, timeout_s):
        try:
            if ready(device):
                return
        except DeviceError:
            # It was just about to restart.
            continue

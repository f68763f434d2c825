"""Settings of a badge on a cable that ask for what its board has no part for."""

from nabij.hardware import board_settings, boards
from nabij.usb.device import Device
from nabij.usb.errors import BadgeRefusal
from nabij.usb.settings import read_settings


def in_vain_on(device: Device) -> tuple[str, str] | None:
    """What to know of them and what to do; None where there are none, or nobody can tell."""
    name = str(device.info.get("board"))
    if name not in boards.all_ids():
        return None
    try:
        given = read_settings(device).given
    except BadgeRefusal:
        # Firmware that does not tell.
        return None
    names = board_settings.in_vain(boards.load(name), given)
    if not names:
        return None
    off = " ".join(f"{one}=default" for one in names if one in given)
    todo = f"take back what was set: nabij config set {off}" if off else "its profile has it so"
    return board_settings.sentence(names, name).rstrip("."), todo

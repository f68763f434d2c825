"""What the start before this one died of, left in flash by main.py for the event journal."""

from badge.storage import files

_NAME = "crash"
_TEXT_MAX = 150


def take(directory):
    """The end of the traceback in one line, once; None when there is none. OSError of flash."""
    data = files.read(directory + _NAME)
    if data is None:
        return None
    files.remove(directory + _NAME)
    text = "".join([chr(byte) if byte < 128 else "?" for byte in data])
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return "; ".join(lines[-2:])[-_TEXT_MAX:]

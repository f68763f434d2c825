"""The boot number rises at each start, so that (badge, boot, sequence) names one alarm ever."""

import os
import struct
from binascii import crc32

_NAME = "boot"
_RECORD = "<II"
_U32_MAX = 0xFFFFFFFF
# More starts than the flash lives through, so that a jump lands above every number used before.
_JUMP = 1 << 16


class BootCounterError(OSError):
    """The new boot number could not be stored; `code` is boot.store and `boot` is still usable."""

    code = "boot.store"

    def __init__(self, text, boot):
        super().__init__("boot.store: " + text)
        self.boot = boot


def next_boot(dir_path, highest_seen=0):
    """Return this start's number, stored before it is returned; give the journal's highest boot.

    When the stored number is lost (a new or re-formatted badge, a damaged file) the count goes on
    at a random number above `highest_seen`, because the lost one may have been any above it.
    """
    path = dir_path.rstrip("/") + "/" + _NAME
    stored = _read(path)
    if stored is None:
        boot = highest_seen + _JUMP + random_boot()
        if boot > _U32_MAX:
            boot = random_boot()
    else:
        boot = max(stored, highest_seen) + 1
    try:
        _write(path, boot)
    except OSError as error:
        # The next start could take this number again if it simply counted on.
        raise BootCounterError(str(error), highest_seen + _JUMP + random_boot()) from error
    return boot


def random_boot():
    """Return a random number in 1..2^28."""
    (number,) = struct.unpack("<I", os.urandom(4))
    return (number >> 4) + 1


def _read(path):
    try:
        with open(path, "rb") as file:
            data = file.read(9)
    except OSError:
        return None
    if len(data) != 8:
        return None
    boot, crc = struct.unpack(_RECORD, data)
    if crc != crc32(data[:4]) or not 0 < boot < _U32_MAX:
        return None
    return boot


def _write(path, boot):
    number = struct.pack("<I", boot)
    with open(path + ".new", "wb") as file:
        file.write(number + struct.pack("<I", crc32(number)))
    os.rename(path + ".new", path)

"""How far the shift is, so that a reset neither ends it nor makes it longer."""

import struct
from binascii import crc32
from collections import namedtuple

from badge.storage import files

# Version, on, age_s, tested_ago_s, test passed, what button_trial.py stores; then the CRC.
_RECORD = "<BBIIBB"
_VERSION = 2
# Before buttons were tried.
_RECORD_1 = "<BBIIB"
_NEVER = 0xFFFFFFFF
_UNKNOWN = 0xFF


# on: it was going on. tested_ago_s: None when it never was. passed: whether it did, or None.
# tried: which buttons were, a bit each.
ShiftRecord = namedtuple("ShiftRecord", ("on", "age_s", "tested_ago_s", "passed", "tried"))


class ShiftFile:
    """One small record, replaced as a whole; OSError when flash fails."""

    def __init__(self, path):
        self._path = path

    def load(self):
        """The ShiftRecord, or None without a sound one."""
        data = files.read(self._path)
        if not data or data[0] not in (1, _VERSION):
            return None
        record = _RECORD_1 if data[0] == 1 else _RECORD
        size = struct.calcsize(record)
        if len(data) != size + 4:
            return None
        (crc,) = struct.unpack("<I", data[size:])
        if crc != crc32(data[:size]) & 0xFFFFFFFF:
            return None
        on, age_s, tested_ago_s, passed, *tried = struct.unpack(record, data[:size])[1:]
        return ShiftRecord(
            bool(on),
            age_s,
            None if tested_ago_s == _NEVER else tested_ago_s,
            None if passed == _UNKNOWN else bool(passed),
            tried[0] if tried else 0,
        )

    def save(self, record):
        """Durable when this returns."""
        on, age_s, tested_ago_s, passed, tried = record
        known = (
            _NEVER if tested_ago_s is None else tested_ago_s,
            _UNKNOWN if passed is None else int(passed),
        )
        data = struct.pack(_RECORD, _VERSION, int(on), age_s, *known, tried)
        files.replace(self._path, data + struct.pack("<I", crc32(data) & 0xFFFFFFFF))

"""How far the shift is, so that a reset neither ends it nor makes it longer."""

import struct
from binascii import crc32

from badge.storage import files

# Version, on, age_s, tested_ago_s, test passed; then the CRC.
_RECORD = "<BBIIB"
_VERSION = 1
_NEVER = 0xFFFFFFFF
_UNKNOWN = 0xFF


class ShiftFile:
    """One small record, replaced as a whole; OSError when flash fails."""

    def __init__(self, path):
        self._path = path

    def load(self):
        """(on, age_s, tested_ago_s or None, passed or None), or None without a sound record."""
        data = files.read(self._path)
        size = struct.calcsize(_RECORD)
        if data is None or len(data) != size + 4:
            return None
        if struct.unpack("<I", data[size:])[0] != crc32(data[:size]) & 0xFFFFFFFF:
            return None
        version, on, age_s, tested_ago_s, passed = struct.unpack(_RECORD, data[:size])
        if version != _VERSION:
            return None
        return (
            bool(on),
            age_s,
            None if tested_ago_s == _NEVER else tested_ago_s,
            None if passed == _UNKNOWN else bool(passed),
        )

    def save(self, on, age_s, tested_ago_s, passed):
        """Durable when this returns."""
        data = struct.pack(
            _RECORD,
            _VERSION,
            int(on),
            age_s,
            _NEVER if tested_ago_s is None else tested_ago_s,
            _UNKNOWN if passed is None else int(passed),
        )
        files.replace(self._path, data + struct.pack("<I", crc32(data) & 0xFFFFFFFF))

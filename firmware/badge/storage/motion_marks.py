"""Which motion windows wait to be sent: an empty file `<boot>-<seq>.due` beside each of them."""

import binascii
import struct

from badge.core.portable import const
from badge.storage import files

_MARK = ".due"
_READ = const(512)
_CRC_SIZE = const(4)


class MotionMarks:
    """In the folder of a MotionFiles; whoever calls has announced what writes. Raises OSError."""

    def __init__(self, directory):
        self._directory = directory + "/"

    def waiting(self):
        """The keys (boot, seq) of those that wait, the oldest first."""
        keys = [name[: -len(_MARK)].split("-") for name in self._names() if name.endswith(_MARK)]
        # Whatever else lies there.
        keys = [key for key in keys if len(key) == 2 and key[0].isdigit() and key[1].isdigit()]
        return sorted([(int(boot), int(seq)) for boot, seq in keys])

    def has(self, key):
        """Whether the window of that alarm is there, whole."""
        return "%d-%d.nbm" % key in self._names()

    def mark(self, key):
        """It waits from now on, also after a restart."""
        with open(self._path(key, _MARK), "wb"):
            pass

    def clear(self, key):
        """It does not wait any more."""
        files.remove(self._path(key, _MARK))

    def size(self, key):
        """Its length in bytes; None where it is not there or not as it was written."""
        try:
            with open(self._path(key, ".nbm"), "rb") as file:
                return _checked(file)
        except OSError:
            return None

    def read(self, key, offset, most):
        """At most so many of its bytes."""
        with open(self._path(key, ".nbm"), "rb") as file:
            file.seek(offset)
            return file.read(most)

    def _names(self):
        return files.names(self._directory[:-1])

    def _path(self, key, suffix):
        return "%s%d-%d%s" % (self._directory, key[0], key[1], suffix)


def _checked(file):
    size, crc, last = 0, 0, b""
    while True:
        part = file.read(_READ)
        if not part:
            break
        size += len(part)
        part = last + part
        crc = binascii.crc32(part[:-_CRC_SIZE], crc)
        last = part[-_CRC_SIZE:]
    return size if size > _CRC_SIZE and last == struct.pack("<I", crc) else None

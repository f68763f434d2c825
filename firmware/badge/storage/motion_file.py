"""Keeps the seconds of motion around an alarm in flash, for a later upload.

File: magic "NBM2", u16 rate_hz, u32 samples, 32 bytes with the badge's id, samples x 3 int16 mg
little-endian, u32 crc32 of all that precedes it. A file without its crc was cut short and is
removed at the next start.
"""

import binascii
import errno
import os
import struct
from array import array
from collections import namedtuple

from badge.core.portable import const

_CHUNK_SAMPLES = const(64)
_HEADER = "<4sHI32s"

# The ring samples [start, stop) around the alarm (boot, seq).
Window = namedtuple("Window", ("boot", "seq", "start", "stop"))


class MotionFiles:
    """A bounded set of `<boot>-<seq>.nbm` files; the oldest alarm's window gives way.

    `badge` is whose motion it is, "" before there is an identity.
    """

    def __init__(self, directory, badge, keep=4):
        self._directory = directory
        self._badge = badge.encode()
        self._keep = keep
        self._chunk = array("H", bytes(6 * _CHUNK_SAMPLES))

    async def save(self, ring, window, rate_hz, gate):
        """Write the ring samples of a Window; returns the samples written, fewer if overwritten.

        Raises OSError when the disk is full; the cut file is then removed.
        """
        path = "%s/%d-%d.nbm" % (self._directory, window.boot, window.seq)
        start, stop = max(window.start, ring.oldest), window.stop
        await _announced(gate, self._make_room)
        try:
            file = await _announced(gate, open, path + ".part", "wb")
            try:
                await self._write(file, ring, start, stop, rate_hz, gate)
            finally:
                await _announced(gate, file.close)
            await _announced(gate, os.rename, path + ".part", path)
        except OSError:
            await _announced(gate, self._remove, path + ".part")
            raise
        return stop - start

    def names(self):
        """The finished windows, oldest alarm first."""
        return [name for name in self._listing() if name.endswith(".nbm")]

    def tidy(self):
        """Make the folder at first use, and remove windows that a reset cut short."""
        try:
            os.mkdir(self._directory)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise
        for name in self._listing():
            if name.endswith(".part"):
                self._remove(self._directory + "/" + name)

    async def _write(self, file, ring, start, stop, rate_hz, gate):
        block = struct.pack(_HEADER, b"NBM2", rate_hz, stop - start, self._badge)
        crc = binascii.crc32(block)
        file.write(block)
        at = start
        view = memoryview(self._chunk)
        while at < stop:
            n = min(_CHUNK_SAMPLES, stop - at)
            await gate.wait_open()
            got = ring.copy_last(self._chunk, n, at + n)
            if got < n:
                raise OSError("the ring overtook the window")
            block = bytes(view[: 3 * n])
            crc = binascii.crc32(block, crc)
            gate.begin()
            file.write(block)
            gate.end()
            at += n
        await gate.wait_open()
        gate.begin()
        file.write(struct.pack("<I", crc))
        file.flush()
        gate.end()

    def _make_room(self):
        names = self.names()
        while len(names) >= self._keep:
            self._remove(self._directory + "/" + names.pop(0))

    def _listing(self):
        return sorted(os.listdir(self._directory), key=_age_key)

    def _remove(self, path):
        try:
            os.remove(path)
        except OSError:
            pass


async def _announced(gate, work, *args):
    """Do flash work that can erase (littlefs compacts its metadata when it likes to)."""
    await gate.wait_open()
    gate.begin()
    try:
        return work(*args)
    finally:
        gate.end()


def _age_key(name):
    boot, _, rest = name.partition("-")
    seq = rest.partition(".")[0]
    return (int(boot), int(seq)) if boot.isdigit() and seq.isdigit() else (0, 0)

"""Keeps the seconds of motion around an alarm in flash, for a later upload.

File: magic "NBM3", u16 length of the head, the head as CBOR, the samples as of
core/codec/motion_code.py, u32 crc32 of all that precedes it; little-endian. A file without its crc
was cut short and is removed at the next start. The head: 0 rate_hz, 1 samples, 2 badge, 3 boot,
4 seq, 5 kind, 6 the sample of the event, 7 that at which the alarm was opened, 8 samples that
nobody measured, 9 crc32 of the detector's parameters, 10 version of the firmware, 11 board,
12 where it is worn, 13 the chip's axes that x, y and z are, 14 what a step is in micro-g, 15 how
often upright had been learned before the first sample, and x, y and z of it as in the detector's
state. 8 and 15 are left out where they are not known.
"""

import binascii
import errno
import os
import struct
from array import array
from collections import namedtuple

from badge.core.codec import cbor
from badge.core.codec.motion_code import CHUNK, Encoder
from badge.core.portable import const

_STEP_UG = const(1000)
_SUFFIX = ".nbm"

# Ring samples [start, stop) around the alarm (boot, seq) of a kind: the sample `event` raised it,
# and it was opened at `opened`. `stretch` is the Stretch that begins at start, or None.
Window = namedtuple(
    "Window", ("boot", "seq", "kind", "start", "stop", "event", "opened", "stretch")
)
# Whose motion it is ("" before there is an identity), and what judged it.
About = namedtuple("About", ("badge", "version", "board", "placement", "axes", "params_crc"))


class MotionFiles:
    """A bounded set of `<boot>-<seq>.nbm` files; the oldest alarm's window gives way."""

    def __init__(self, directory, about, keep=4):
        self._directory = directory
        self._about = about
        self._keep = keep
        self._chunk = array("H", bytes(6 * CHUNK))

    async def save(self, ring, window, rate_hz, gate):
        """Write the ring samples of a Window; returns the samples written, fewer if overwritten.

        Raises OSError when the disk is full; the cut file is then removed.
        """
        path = self.path(window.boot, window.seq)
        start, stop = max(window.start, ring.oldest), window.stop
        await _announced(gate, self._make_room)
        try:
            file = await _announced(gate, open, path + ".part", "wb")
            try:
                head = self._head(window, start, rate_hz, ring)
                await self._write(file, ring, (start, stop), head, gate)
            finally:
                await _announced(gate, file.close)
            await _announced(gate, os.rename, path + ".part", path)
        except OSError:
            await _announced(gate, self._remove, path + ".part")
            raise
        return stop - start

    def path(self, boot, seq):
        """Where the window of that alarm is, or would be."""
        return "%s/%d-%d%s" % (self._directory, boot, seq, _SUFFIX)

    def names(self):
        """The finished windows, oldest alarm first."""
        return [name for name in self._listing() if name.endswith(_SUFFIX)]

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

    async def _write(self, file, ring, span, head, gate):
        data = cbor.encode(head)
        block = b"NBM3" + struct.pack("<H", len(data)) + data
        crc = binascii.crc32(block)
        file.write(block)
        encoder = Encoder()
        out = memoryview(encoder.out)
        at, stop = span
        while at < stop:
            n = min(CHUNK, stop - at)
            await gate.wait_open()
            got = ring.copy_last(self._chunk, n, at + n)
            if got < n:
                raise OSError("the ring overtook the window")
            block = bytes(out[: encoder.chunk(self._chunk, n)])
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

    def _head(self, window, start, rate_hz, ring):
        about, stretch = self._about, window.stretch
        head = {
            0: rate_hz,
            1: window.stop - start,
            2: about.badge,
            3: window.boot,
            4: window.seq,
            5: window.kind,
            6: max(0, window.event - start),
            7: max(0, window.opened - start),
            9: about.params_crc,
            10: about.version,
            11: about.board,
            12: about.placement,
            13: about.axes,
            14: _STEP_UG,
        }
        # One that begins elsewhere than its stretch says nothing of upright.
        if stretch is not None and stretch.at == start:
            head[8] = ring.filled + ring.lost - stretch.made_up
            head[15] = list(stretch.upright)
        return head

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

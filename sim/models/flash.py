"""NOR flash as a block device: counts, wears by the rules, and loses power when told to.

Usable on its own under MicroPython: `vfs.VfsLfs2(FlashModel(64))`.
"""

_PAGE = 256
_EIO = 5
_SYNC, _COUNT, _SIZE, _ERASE = 3, 4, 5, 6


class PowerCut(BaseException):
    """The power went in the middle of a flash operation; nothing works until power_on()."""


class FlashModel:
    """`blocks` of `block_size` bytes, all 0xFF; `charge(name)` is told what blocks the VM."""

    def __init__(self, blocks, block_size=4096, charge=None, store=None):
        self.blocks = blocks
        self.block_size = block_size
        self.image = bytearray(b"\xff" * (blocks * block_size))
        self._view = memoryview(self.image)
        # Once: under heap pressure an erase must not fail for want of what a chip does not need.
        self._blank = b"\xff" * block_size
        self.erases = 0
        self.programs = 0
        self.violations = 0
        self._charge = charge
        self._observe = None
        self._store = store
        self._countdown = None
        self._torn = False
        self._dead = False
        # By kind of operation: [how many first succeed, how many then fail].
        self._failing = {}

    def watch(self, observe):
        """Count from 0, and tell `observe(fact)` of each operation."""
        self._observe = observe
        self.erases = self.programs = 0

    @property
    def operations(self):
        """Erases and programs so far: what cut_after() counts."""
        return self.erases + self.programs

    def cut_after(self, n, torn=False):
        """Cut the power at the n-th erase or program from now: undone, or half done (`torn`)."""
        self._countdown = n
        self._torn = torn

    def fail(self, kind, nth=1, times=1):
        """The n-th read, write or erase from now fails with EIO, `times` in all; harmless else."""
        self._failing[kind] = [nth - 1, times]

    def mend(self, kind):
        """Operations of this kind work again."""
        self._failing.pop(kind, None)

    def power_on(self):
        """Power is back and no cut is planned; the image is as the cut left it."""
        self._countdown = None
        self._dead = False

    def readblocks(self, block, buf, offset=0):
        """Fill `buf` from a block: 0, or a negative errno; part of the block device protocol."""
        if self._dead:
            self._alive()
        if self._failing and self._fails("read"):
            return -_EIO
        start = block * self.block_size + offset
        buf[:] = self._view[start : start + len(buf)]
        return 0

    def writeblocks(self, block, buf, offset=None):
        """Program bits from 1 to 0; without an offset the blocks are erased first."""
        self._alive()
        if offset is None:
            for one in range(len(buf) // self.block_size):
                if self._failing and self._fails("erase"):
                    return -_EIO
                self._erase(block + one)
            offset = 0
        if self._failing and self._fails("write"):
            return -_EIO
        self._program(block, buf, offset)
        return 0

    def ioctl(self, request, argument):
        """Block count 4, block size 5, erase 6; anything else is done."""
        if request == _COUNT:
            return self.blocks
        if request == _SIZE:
            return self.block_size
        if request == _ERASE:
            self._alive()
            if self._failing and self._fails("erase"):
                return -_EIO
            self._erase(argument)
        return 0

    def _erase(self, block):
        start = block * self.block_size
        if self._cut_now():
            # Half an erase: the front is blank, the rest still as it was.
            self._cut(start, self._blank[: self.block_size // 2])
        self.erases += 1
        self._put(start, self._blank)
        self._done("flash_erase", 1, {"flash": "erase", "block": block})

    def _program(self, block, buf, offset):
        start = block * self.block_size + offset
        merged = self._merged(start, buf)
        if self._cut_now():
            self._cut(start, merged[: len(merged) // 2])
        self.programs += 1
        self._put(start, merged)
        pages = (offset % _PAGE + len(buf) + _PAGE - 1) // _PAGE
        seen = {"flash": "program", "block": block, "at": offset, "bytes": len(buf)}
        self._done("flash_page_program", pages, seen)

    def _merged(self, start, buf):
        before = self.image[start : start + len(buf)]
        if before == b"\xff" * len(buf):
            return bytes(buf)
        # A bit that is 0 stays 0 until the block is erased.
        merged = bytes([old & new for old, new in zip(before, buf)])
        if merged != bytes(buf):
            self.violations += 1
        return merged

    def _done(self, charge_name, times, seen):
        if self._charge is not None:
            for _ in range(times):
                self._charge(charge_name)
        if self._observe is not None:
            self._observe(seen)

    def _fails(self, kind):
        plan = self._failing.get(kind)
        if plan is None:
            return False
        if plan[0]:
            plan[0] -= 1
            return False
        plan[1] -= 1
        if not plan[1]:
            del self._failing[kind]
        if self._observe is not None:
            self._observe({"flash": "error", "in": kind})
        return True

    def _cut_now(self):
        if self._countdown is None:
            return False
        self._countdown -= 1
        return self._countdown <= 0

    def _cut(self, start, half):
        if self._torn:
            self._put(start, half)
        self._dead = True
        raise PowerCut("power cut at flash operation %d" % (self.operations + 1))

    def _alive(self):
        if self._dead:
            raise PowerCut("the power is off")

    def _put(self, start, data):
        self.image[start : start + len(data)] = data
        if self._store is not None:
            self._store(start, data)

"""Runs under MicroPython: a badge's flash that loses power at each of its operations in turn."""

import gc

import vfs

from sim.models.flash import FlashModel, PowerCut

BLOCKS = 24
ROOT = "/flash/"


class Flash(FlashModel):
    """Once `abandoned`, lets the finalisers of files left open by a cut come to nothing."""

    abandoned = False

    def readblocks(self, block, buf, offset=0):
        return -5 if self.abandoned else super().readblocks(block, buf, offset)

    def writeblocks(self, block, buf, offset=None):
        return -5 if self.abandoned else super().writeblocks(block, buf, offset)

    def ioctl(self, request, argument):
        return -5 if self.abandoned else super().ioctl(request, argument)


def powered(flash, work):
    """Mount the flash, work, and unmount it, also when the power goes."""
    gc.collect()
    vfs.mount(vfs.VfsLfs2(flash), ROOT[:-1])
    try:
        return work()
    finally:
        vfs.umount(ROOT[:-1])


def cut_each(how, only, prepare, starts, check, make_witness):
    """Cut at each step ("whole" or "torn"), or at step `only`, and say how many there were.

    `prepare()` fills a fresh flash. `starts(witness)` gives functions, each a start of the badge,
    run in turn until the cut. `check(flash, witness)` judges what the cut, or the end, left.
    """
    step = int(only) if only else 1
    ended = False
    while not ended:
        try:
            ended = _cut_at(step, how == "torn", prepare, starts, check, make_witness())
            ended = ended or only is not None
        except Exception:
            print("FAILED: run it alone with NABIJ_CUT_STEP=%s:%d" % (how, step))
            raise
        step += 1
    print("%s: %d cuts" % (how, step - 2))


def _cut_at(step, torn, prepare, starts, check, witness):
    flash = Flash(BLOCKS)
    vfs.VfsLfs2.mkfs(flash)
    powered(flash, prepare)
    flash.cut_after(step, torn)
    try:
        for start in starts(witness):
            powered(flash, start)
    except PowerCut:
        flash.abandoned = True
        left = Flash(BLOCKS)
        left.image[:] = flash.image
        check(left, witness)
        return False
    flash.power_on()
    assert flash.violations == 0
    check(flash, witness)
    return True

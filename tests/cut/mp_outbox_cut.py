"""Runs under MicroPython: the badge's flash loses power at each of its operations in turn.

Arguments: "whole" or "torn" (the operation that is cut is not done, or half done), then optionally
one step number to try alone.
"""

import gc
import sys

import vfs

from badge.core.alarm import kinds, life
from badge.core.alarm.book import AlarmBook, worth_keeping
from badge.core.codec.journal import REC_ALARM, Record
from badge.storage.boot_counter import next_boot
from badge.storage.journal_file import AlarmJournal
from sim.models.flash import FlashModel, PowerCut

BLOCKS = 16
# Small segments, so that a short run compacts several times.
SEGMENT_BYTES = 768


class Flash(FlashModel):
    """Once `abandoned`, lets the finalisers of files left open by a cut come to nothing."""

    abandoned = False

    def readblocks(self, block, buf, offset=0):
        return -5 if self.abandoned else super().readblocks(block, buf, offset)

    def writeblocks(self, block, buf, offset=None):
        return -5 if self.abandoned else super().writeblocks(block, buf, offset)

    def ioctl(self, request, argument):
        return -5 if self.abandoned else super().ioctl(request, argument)


class Witness:
    """Stands outside the badge and remembers what its calls promised before the power went."""

    def __init__(self):
        self.boots = []
        self.durable = []
        self.under_way = None


class Badge:
    """The parts of the badge that touch flash, from start to power-off."""

    def __init__(self, witness):
        self.witness = witness
        self.journal = AlarmJournal("/flash/alarms", SEGMENT_BYTES)
        records, self.errors = self.journal.replay()
        self.boot = next_boot("/flash", self.journal.highest_boot)
        witness.boots.append(self.boot)
        self.kept = records
        self.book = AlarmBook(self.boot)
        for alarm, actions in self.book.resume(records, 0):
            self.store(alarm, actions)

    def store(self, alarm, actions):
        if life.STORE not in actions:
            return
        record = Record(REC_ALARM, alarm.boot, alarm.seq, alarm.pack(0))
        self.witness.under_way = record
        self.journal.append(*record)
        self.witness.durable.append(record)
        self.witness.under_way = None

    def step(self, alarm, event):
        self.store(alarm, self.book.handle(alarm, event, 0))

    def use(self):
        """A shift; it leaves one alarm delivered and one not, and closes or cancels the others."""
        self.journal.prime()
        for last in (life.EV_RECEIPT, life.EV_TAKEN, life.EV_CLOSE):
            alarm = self.raise_one()
            self.journal.prime()
            self.step(alarm, life.EV_SENT)
            self.step(alarm, last)
            self.journal.prime()
        self.step(self.book.alarms[-1], life.EV_CLOSE)
        for way in (
            (life.EV_CLEAR,),
            (life.EV_PRE_ALARM_OVER, life.EV_HELP_COMING, life.EV_CLOSE),
        ):
            alarm, actions = self.book.condition(kinds.MAN_DOWN, 0, None, 4200, 77)
            self.store(alarm, actions)
            for event in way:
                self.step(alarm, event)
        self.wear()
        self.journal.compact()
        self.raise_one()

    def wear(self):
        """An amber that turns red, one that is ended, a forced cancel, a false alarm, a report."""
        for last in (life.EV_EXPIRED, life.EV_END):
            alarm, actions = self.book.deadline(kinds.AMBER, 300, 0)
            self.store(alarm, actions)
            self.store(alarm, self.book.extend(alarm, 600, 0))
            self.step(alarm, last)
            self.step(alarm, life.EV_RECEIPT)
        alarm, actions = self.book.condition(kinds.RIP, 0)
        self.store(alarm, actions)
        self.step(alarm, life.EV_DURESS)
        self.step(alarm, life.EV_RECEIPT)
        alarm = self.raise_one()
        self.step(alarm, life.EV_TAKEN)
        self.step(alarm, life.EV_FALSE_ALARM)
        self.step(alarm, life.EV_CLOSE)
        alarm, actions = self.book.report(kinds.BATTERY, 0, battery_percent=3)
        self.store(alarm, actions)
        self.step(alarm, life.EV_RECEIPT)

    def raise_one(self):
        """A squeeze that nobody answers."""
        alarm, actions = self.book.squeeze(0)
        self.store(alarm, actions)
        return alarm


def powered(flash, work):
    """Mount the flash, work, and unmount it, also when the power goes."""
    gc.collect()
    vfs.mount(vfs.VfsLfs2(flash), "/flash")
    try:
        return work()
    finally:
        vfs.umount("/flash")


def shifts(flash, witness):
    """Two starts of the badge; the second resumes what the first left open."""
    for _ in range(2):
        powered(flash, lambda: Badge(witness).use())


def check_after_cut(image, witness):
    """What must hold on the bytes that a cut left behind, at the next start."""
    flash = Flash(BLOCKS)
    flash.image[:] = image

    def restart():
        badge = Badge(Witness())
        assert badge.errors == [], badge.errors
        kept = sorted(badge.kept)
        durable = sorted(worth_keeping(witness.durable))
        under_way = [witness.under_way] if witness.under_way else []
        maybe = sorted(worth_keeping(witness.durable + under_way))
        assert kept in (durable, maybe), (kept, durable, maybe)
        used = [record[1] for record in witness.durable] + witness.boots
        assert badge.boot > max(used or [0]), (badge.boot, used)
        # Counted on, not started anew: at most one number went to the start that was cut.
        assert not used or badge.boot <= max(used) + 2, (badge.boot, used)
        badge.raise_one()
        badge.journal.compact()
        badge.raise_one()
        return worth_keeping(badge.witness.durable)

    added = powered(flash, restart)
    again = powered(flash, lambda: AlarmJournal("/flash/alarms", SEGMENT_BYTES).replay())
    assert again[1] == [], again[1]
    for record in added:
        assert record in again[0], (record, again[0])


def cut_at(step, torn):
    """Run with a cut at one flash operation and check; True when the run ended before the cut."""
    flash = Flash(BLOCKS)
    vfs.VfsLfs2.mkfs(flash)
    flash.cut_after(step, torn)
    witness = Witness()
    try:
        shifts(flash, witness)
    except PowerCut:
        flash.abandoned = True
        check_after_cut(flash.image, witness)
        return False
    assert flash.violations == 0
    check_after_cut(flash.image, witness)
    return True


def main(how, only=None):
    """Cut at each step, or at one, and say how many there were."""
    torn = how == "torn"
    step = int(only) if only else 1
    ended = False
    while not ended:
        try:
            ended = cut_at(step, torn) or only is not None
        except Exception:
            print("FAILED: run it alone with NABIJ_CUT_STEP=%s:%d" % (how, step))
            raise
        step += 1
    print("%s: %d cuts" % (how, step - 2))


main(*sys.argv[1:])

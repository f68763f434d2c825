"""Which of two application slots the badge runs: the policy, over a record of 64 bytes.

An update goes to the slot that does not run, and is on trial until it has proven itself; a trial
that fails falls back to the slot that was good. A badge of which neither slot is good pauses in
safe mode for one watchdog period and tries again, for ever: it never gives up its wearer.
"""

import struct
from binascii import crc32

NAMES = ("a", "b")
NOBODY = 255
EMPTY, TRIAL, GOOD, WORN, FAILED = range(5)
STATE_NAMES = ("empty", "on trial", "good", "crashing", "failed its trial")
TRIAL_STARTS = 3
# Crashes in a row, each before the badge ran steadily, after which a good slot is doubted.
CRASHES = 8
VERSION_MAX = 16

_MAGIC = b"NS1\0"
_HEAD = "<4sBBBBI"
_SLOT = "<BBI16s"
_SIZE = struct.calcsize(_HEAD) + 2 * struct.calcsize(_SLOT) + 4


class SlotError(Exception):
    """An update that may not be; `code` is one of the slots.* codes."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class Slot:
    """One slot: what is in it, and how far it is trusted."""

    def __init__(self, state=EMPTY, tries=0, build=0, version=""):
        self.state = state
        # The starts that its trial has left.
        self.tries = tries
        self.build = build
        self.version = version


class Slots:
    """The record. After a call that returns True or a slot, store it before acting on it."""

    def __init__(self):
        self.slots = (Slot(), Slot())
        self.active = NOBODY
        self.crashes = 0
        self.paused = False
        # The highest build that has proven itself here: nothing older is taken.
        self.floor = 0

    def installed(self):
        """True when either slot has something in it; else the application lies outside both."""
        return any(slot.state != EMPTY for slot in self.slots)

    def doubtful(self):
        """True when the last start did not prove itself, so that a person may ask for a pause."""
        if self.active == NOBODY or self.crashes > 0:
            return self.crashes > 0
        slot = self.slots[self.active]
        return slot.state in (WORN, FAILED) or (slot.state == TRIAL and slot.tries < TRIAL_STARTS)

    def start(self, crashed):
        """The slot to run now (0 or 1), or NOBODY for safe mode; `crashed`: not a power-on."""
        if self.active == NOBODY:
            return self._fall_back(0) if self.installed() else NOBODY
        slot = self.slots[self.active]
        if slot.state == TRIAL:
            # Whoever switches a fresh badge off and on again has seen nothing fail.
            is_spared = not crashed and self.slots[1 - self.active].state != GOOD
            if slot.tries > 0 or is_spared:
                if not is_spared or slot.tries == TRIAL_STARTS:
                    slot.tries -= 1
                return self.active
            slot.state = FAILED
        elif slot.state == GOOD:
            self.crashes += 1 if crashed else 0
            if self.crashes < CRASHES:
                return self.active
            slot.state = WORN
        return self._fall_back(self.active)

    def spare(self, running):
        """Slot `running` restarts because somebody asked: a fresh badge gets its start back.

        Returns True when the record changed. Chips tell no such restart from that of a crash.
        """
        if running == NOBODY or running != self.active:
            return False
        slot, other = self.slots[running], self.slots[1 - running]
        if slot.state != TRIAL or other.state == GOOD or slot.tries >= TRIAL_STARTS:
            return False
        slot.tries += 1
        return True

    def steady(self, running, proven):
        """Slot `running` works: all tasks alive for long, and `proven` also in its link.

        Returns True when the record changed. Where a good slot waits to be fallen back to, only
        the link proves a trial: firmware that runs but cannot send is no use to the wearer.
        """
        # A committed update waits for its start while the old slot still runs.
        if running == NOBODY or running != self.active:
            return False
        slot, other = self.slots[running], self.slots[1 - running]
        before = slot.state, self.crashes, self.paused, self.floor
        self.crashes = 0
        self.paused = False
        if proven or other.state != GOOD:
            slot.state = GOOD
        if slot.state == GOOD:
            self.floor = max(self.floor, slot.build)
        return before != (slot.state, self.crashes, self.paused, self.floor)

    def target(self, build):
        """The slot that an update to `build` goes to; SlotError says why it may not be."""
        if build < self.floor:
            raise SlotError("slots.older", "build %d is older than %d" % (build, self.floor))
        if self.active == NOBODY:
            return 0
        running, other = self.slots[self.active], self.slots[1 - self.active]
        if running.state == TRIAL or (running.state != GOOD and other.state == GOOD):
            raise SlotError("slots.trial", "the firmware that is to run next is on trial")
        return 1 - self.active

    def open(self, build):
        """Give up what is in the target slot, so that it can be written; returns it."""
        target = self.target(build)
        slot = self.slots[target]
        slot.state, slot.tries, slot.build, slot.version = EMPTY, 0, 0, ""
        return target

    def commit(self, target, build, version):
        """The files of `target` are all there and checked: it runs next, on trial."""
        if target != self.target(build):
            raise SlotError("slots.moved", "slot %s is not the one to write" % NAMES[target])
        slot = self.slots[target]
        if slot.state != EMPTY:
            raise SlotError("slots.moved", "slot %s was not opened" % NAMES[target])
        slot.state, slot.tries, slot.build, slot.version = TRIAL, TRIAL_STARTS, build, version
        self.active = target
        self.crashes = 0
        self.paused = False

    def _fall_back(self, active):
        """The other slot if it was good; else by turns a pause and another try."""
        other = 1 - active
        if self.slots[other].state == GOOD:
            self.active = other
            self.crashes = 0
            return other
        self.paused = not self.paused
        if self.paused:
            return NOBODY
        for state in (WORN, TRIAL, FAILED):
            for index in (other, active):
                if self.slots[index].state == state:
                    self.active = index
                    return index
        return NOBODY


def found(builds):
    """A record for a badge that lost its own: `builds` has the build in each slot, or None."""
    record = Slots()
    order = sorted((build, index) for index, build in enumerate(builds) if build is not None)
    for build, index in order:
        slot = record.slots[index]
        slot.state, slot.tries, slot.build = GOOD, 0, build
    if order:
        # Which of them had proven itself is lost too: the newer one has to do it again.
        record.floor, _ = order[0]
        _, record.active = order[-1]
        newest = record.slots[record.active]
        newest.state, newest.tries = TRIAL, TRIAL_STARTS
    return record


def encode(record):
    """The record as bytes, with a checksum."""
    counts = (record.active, record.crashes, int(record.paused), 0, record.floor)
    data = struct.pack(_HEAD, _MAGIC, *counts)
    for slot in record.slots:
        data += struct.pack(_SLOT, slot.state, slot.tries, slot.build, slot.version.encode())
    return data + struct.pack("<I", crc32(data))


def decode(data):
    """The record in `data`, or None when it is damaged."""
    if len(data) != _SIZE:
        return None
    (crc,) = struct.unpack("<I", data[-4:])
    if crc != crc32(data[:-4]):
        return None
    magic, active, crashes, paused, _, floor = struct.unpack_from(_HEAD, data)
    if magic != _MAGIC or active not in (0, 1, NOBODY):
        return None
    record = Slots()
    record.active, record.crashes, record.paused, record.floor = active, crashes, paused > 0, floor
    at = struct.calcsize(_HEAD)
    for slot in record.slots:
        slot.state, slot.tries, slot.build, name = struct.unpack_from(_SLOT, data, at)
        slot.version = name.rstrip(b"\0").decode()
        at += struct.calcsize(_SLOT)
        if slot.state > FAILED:
            return None
    return record


def first(build, version):
    """The record of a badge that was just flashed: `build` in slot a, on trial."""
    record = Slots()
    record.commit(0, build, version)
    return record

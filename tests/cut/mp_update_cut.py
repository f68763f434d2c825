"""Runs under MicroPython: power cuts while updates are fed, committed, tried and dropped.

Arguments: "whole" or "torn" (the operation that is cut is not done, or half done), then optionally
one step number to try alone.
"""

import hashlib
import sys

from badge.core import slots
from badge.core.codec import manifest
from badge.storage.slot_files import SlotFiles
from badge.storage.slot_store import MANIFEST, SlotStore
from badge.tasks.usb.updater import Updater
from tests.cut import mp_power
from tests.cut.mp_power import ROOT, cut_each, powered

KEY = b"k" * 32
MPY = 2822
CHUNK = 512


class Gate:
    async def wait_open(self):
        pass

    def begin(self):
        pass

    def end(self):
        pass


class Log:
    def event(self, what, **fields):
        pass

    failure = event


class Witness:
    """What stood firm when the power went: the newest build that was proven, and those sent."""

    def __init__(self):
        self.proven = 1
        self.committed = 1
        self.sending = None


def result(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits for something")


def files_of(build):
    """Small files, one over several blocks and an empty one; they differ from build to build."""
    return {
        "badge/__init__.mpy": b"",
        "badge/app.mpy": b"app %d " % build * 40,
        "badge/core/detector/detect.mpy": b"kernel %d " % build * 600,
        "badge/core/%d.mpy" % build: b"only here",
    }


def frame_of(build):
    entries = [
        (path, len(data), hashlib.sha256(data).digest())
        for path, data in sorted(files_of(build).items())
    ]
    return manifest.sign(manifest.Manifest("%d.0" % build, build, MPY, entries), KEY)


def boot(crashed):
    """What badge/start.py does: returns (store, record, build that runs), all of it whole."""
    store = SlotStore(ROOT)
    record = store.load()
    index = record.start(crashed)
    store.save(record)
    assert index != slots.NOBODY, "safe mode"
    sys.path[0] = store.folder(index)
    build = record.slots[index].build
    for path, data in files_of(build).items():
        with open(store.folder(index) + "/" + path, "rb") as file:
            assert file.read() == data, (path, build)
    with open(store.folder(index) + "/" + MANIFEST, "rb") as file:
        assert manifest.verify(file.read(), KEY).build == build
    return store, record, build


def updater():
    return Updater(ROOT, KEY, MPY, lambda: (), Gate(), Log(), reserve_bytes=0)


def send(build, witness):
    """Send an update from wherever an earlier attempt stopped; returns the bytes it took."""
    update = updater()
    witness.sending = build
    result(update.offer(frame_of(build)))
    sent = 0
    while True:
        wanted = result(update.missing())
        if wanted is None:
            break
        path, offset, _size = wanted
        chunk = files_of(build)[path][offset : offset + CHUNK]
        result(update.feed(path, offset, chunk))
        sent += len(chunk)
    witness.committed = build
    result(update.commit())
    witness.sending = None
    return sent


def total_bytes(build):
    return sum(len(data) for data in files_of(build).values())


def whole_bytes(folder, build):
    there = 0
    for path, data in files_of(build).items():
        try:
            with open(folder + "/" + path, "rb") as file:
                there += len(data) if file.read() == data else 0
        except OSError:
            continue
    return there


def prove(store, record, build, witness):
    running = store.running()
    if record.steady(running, True):
        store.save(record)
    witness.proven = build


def prepare():
    """A badge as it was flashed, once it has proven itself."""
    store = SlotStore(ROOT)
    wanted = manifest.read(frame_of(1))
    files = SlotFiles(store.folder(0), wanted)
    list(files.clear())
    for path, data in files_of(1).items():
        list(files.feed(path, 0, data))
    list(files.seal(frame_of(1)))
    record = slots.first(1, "1.0")
    record.start(False)
    record.steady(0, True)
    store.save(record)


def starts(witness):
    """Update to 2, prove it, update to 3, which fails its trial."""

    def update_to(build):
        def start():
            boot(False)
            send(build, witness)

        return start

    def prove_2():
        store, record, build = boot(False)
        assert build == 2, build
        prove(store, record, build, witness)

    def crash():
        boot(True)

    def fallen_back():
        _store, _record, build = boot(True)
        assert build == 2, build

    plan = [update_to(2), prove_2, update_to(3)]
    plan.extend([crash] * slots.TRIAL_STARTS)
    plan.append(fallen_back)
    return plan


def check(flash, witness):
    """Exactly one slot is the badge's next start, it is whole, and the update can be completed."""

    def bootable():
        record = SlotStore(ROOT).load()
        assert record.active in (0, 1)
        on_trial = [slot for slot in record.slots if slot.state == slots.TRIAL]
        assert len(on_trial) <= 1
        for index, slot in enumerate(record.slots):
            if slot.state != slots.EMPTY:
                folder = SlotStore(ROOT).folder(index)
                assert whole_bytes(folder, slot.build) == total_bytes(slot.build), slot.build
        # A trial never costs the firmware that is known to work.
        assert any(slot.state == slots.GOOD for slot in record.slots)
        store, record, build = boot(True)
        assert build in (witness.proven, witness.committed), (build, witness.proven)
        prove(store, record, build, witness)
        return build

    def complete():
        store, _record, build = boot(False)
        wanted = witness.sending if witness.sending not in (None, build) else build + 1
        total = total_bytes(wanted)
        there = whole_bytes(store.folder(1 - store.running()), wanted)
        # What had arrived whole is not sent again.
        assert send(wanted, Witness()) <= total - there

    def resumed():
        _store, _record, before = boot(False)
        store, record, build = boot(False)
        assert build == before
        prove(store, record, build, Witness())
        assert record.floor == build

    for start in (bootable, complete, resumed):
        powered(flash, start)


sys.path.insert(0, "")
# Two slots with a folder in a folder each, of two blocks a folder.
mp_power.BLOCKS = 48
cut_each(
    sys.argv[1],
    sys.argv[2] if len(sys.argv) > 2 else None,
    prepare,
    starts,
    check,
    Witness,
)

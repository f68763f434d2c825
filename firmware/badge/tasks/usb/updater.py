"""Takes an update into the slot that does not run; knows nothing of what carries it.

offer() a signed manifest, feed() what missing() names until that is None, commit(). It goes on
where it stopped, also after a reset: offer the same manifest again.
"""

from badge.core import slots
from badge.core.codec import manifest
from badge.core.portable import const
from badge.storage import files, slot_files
from badge.storage.slot_store import SlotStore

# Kept free for alarms, motion and settings, which must never find the flash full.
RESERVE_BYTES = 131_072
_STEADY_MS = const(60_000)


class UpdateError(Exception):
    """An update that is not taken; `code` is one of update.*, slots.*, slot.* and manifest.*."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class Updater:
    """One update at a time; `mpy` is sys.implementation._mpy, `key` the badge's or None."""

    def __init__(
        self, directory, key, mpy, open_alarms, gate, log, *, reserve_bytes=RESERVE_BYTES
    ):
        self._directory = directory
        self._key = key
        self._mpy = mpy
        self._open_alarms = open_alarms
        self._gate = gate
        self._log = log
        self._reserve_bytes = reserve_bytes
        self._store = SlotStore(directory)
        self._record = self._store.load()
        self._running = self._store.running()
        self._offer = None
        self._frame = None
        self._target = None
        self._files = None

    def start(self, supervisor, is_proven):
        """Have the running slot found good: `is_proven()` once its link was up, or needs none."""
        slot = self._slot()
        if slot is None:
            return
        index = slots.NAMES[self._running]
        state = slots.STATE_NAMES[slot.state].replace(" ", "_")
        self._log.event("slots", running=index, state=state, build=slot.build)

        async def steady():
            return await self._steady(is_proven())

        supervisor.when_steady(_STEADY_MS, steady)

    def is_on_trial(self):
        """Whether what runs has still to show that it works."""
        slot = self._slot()
        return slot is not None and slot.state != slots.GOOD

    def status(self):
        """The slots as plain data."""
        running = self._running
        return {
            "running": None if running == slots.NOBODY else slots.NAMES[running],
            "next": self._next(),
            "floor": self._record.floor,
            "mpy": self._mpy,
            "slots": [self._row(index) for index in (0, 1)],
        }

    async def offer(self, frame):
        """Take a signed manifest; returns (slot name, bytes in all). UpdateError if refused."""
        self._refuse_during_alarm()
        if self._key is None:
            raise UpdateError("update.unprovisioned", "the badge has no key to check updates with")
        try:
            offer = manifest.verify(frame, self._key)
            target = self._record.target(offer.build)
        except (manifest.ManifestError, slots.SlotError) as error:
            raise UpdateError(error.code, str(error))
        self._refuse_what_runs(frame)
        if frame != self._frame:
            await self._blocking(lambda: self._check(offer, target))
            await self._open(frame, offer, target)
        return slots.NAMES[target], offer.total_bytes()

    async def missing(self):
        """(path, offset, size) that is to be fed next, or None when all is there and checked."""
        self._refuse_during_alarm()
        while True:
            found = await self._blocking(self._opened().missing)
            if found != ():
                return found

    async def feed(self, path, offset, data):
        """Take the bytes of `path` at `offset`; returns the offset that comes next."""
        self._refuse_during_alarm()
        await self._step_by_step(self._opened().feed(path, offset, data))
        return offset + len(data)

    async def commit(self):
        """Check all again and have the next start run it, on trial; returns the slot's name."""
        if await self.missing() is not None:
            raise UpdateError("update.incomplete", "files of the update are missing")
        await self._step_by_step(self._files.seal(self._frame))
        try:
            self._record.commit(self._target, self._offer.build, self._offer.version)
        except slots.SlotError as error:
            raise UpdateError(error.code, str(error))
        await self._save()
        name = slots.NAMES[self._target]
        self._log.event("update.committed", slot=name, build=self._offer.build)
        self._files = self._offer = self._frame = None
        return name

    async def spare_start(self):
        """The badge restarts because somebody asked: that is no failed start of a fresh one."""
        if self._record.spare(self._running):
            try:
                await self._save()
            except UpdateError as error:
                self._log.failure("slots.not_stored", error)

    async def _open(self, frame, offer, target):
        self._files = self._frame = None
        # Nothing of the slot may be lost before the record says that it is not to be run.
        if self._record.slots[target].state != slots.EMPTY:
            self._record.open(offer.build)
            await self._save()
        files = slot_files.SlotFiles(self._store.folder(target), offer)
        await self._step_by_step(files.clear())
        self._files, self._frame, self._offer, self._target = files, frame, offer, target
        self._log.event("update.offered", slot=slots.NAMES[target], build=offer.build)

    def _check(self, offer, target):
        if offer.mpy != self._mpy:
            why = "it is compiled for %d, this badge runs %d" % (offer.mpy, self._mpy)
            raise UpdateError("update.mpy", why)
        block, _, free = files.room(self._directory)
        # Every file takes whole blocks; what the slot holds now makes room, or is there already.
        count, total = slot_files.held(self._store.folder(target))
        needed = self._reserve_bytes + offer.total_bytes() - total
        needed += block * (len(offer.files) - count)
        if block * free < needed:
            why = "%d bytes are free and %d are needed" % (block * free, needed)
            raise UpdateError("update.space", why)

    def _row(self, index):
        slot = self._record.slots[index]
        state = slots.STATE_NAMES[slot.state]
        holds = self._store.fingerprint(index)
        return [slots.NAMES[index], state, slot.build, slot.version, slot.tries, holds]

    def _refuse_what_runs(self, frame):
        # By what it is and not by its number: a mended build of one commit has the same number.
        slot = self._slot()
        if slot is None or slot.state != slots.GOOD:
            return
        if manifest.fingerprint(frame) == self._store.fingerprint(self._running):
            raise UpdateError("slots.same", "this badge runs it already")

    def _slot(self):
        return None if self._running == slots.NOBODY else self._record.slots[self._running]

    def _next(self):
        active = self._record.active
        return None if active == slots.NOBODY else slots.NAMES[active]

    def _opened(self):
        if self._files is None:
            raise UpdateError("update.no_offer", "no manifest was offered since the last start")
        return self._files

    def _refuse_during_alarm(self):
        if self._open_alarms():
            raise UpdateError("update.alarm", "an alarm is open on this badge")

    async def _save(self):
        try:
            await self._blocking(lambda: self._store.save(self._record))
        except UpdateError:
            # What is not stored must not be believed either.
            self._record = self._store.load()
            raise

    async def _steady(self, proven):
        if self._record.steady(self._running, proven):
            try:
                await self._save()
            except UpdateError as error:
                self._log.failure("slots.not_stored", error)
        slot = self._slot()
        if slot.state != slots.GOOD:
            return False
        self._log.event("slots.good", slot=slots.NAMES[self._running], build=slot.build)
        return True

    async def _step_by_step(self, steps):
        while await self._blocking(lambda: next(steps, None)) is not None:
            self._refuse_during_alarm()

    async def _blocking(self, work):
        """A bounded piece of flash work, kept out of a squeeze."""
        await self._gate.wait_open()
        self._gate.begin()
        try:
            return work()
        except slot_files.SlotFilesError as error:
            raise UpdateError(error.code, error.why)
        except OSError as error:
            raise UpdateError("update.flash", "flash failed with error %s" % error.errno)
        finally:
            self._gate.end()

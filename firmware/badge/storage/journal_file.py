"""The alarm journal on flash: one write makes an alarm durable, whatever the power does next."""

import os

from badge.core.alarm.book import worth_keeping
from badge.core.codec import journal
from badge.core.codec.journal import JournalError

# Segments are `alarms.<n>` with n rising; two exist only while one replaces the other.
_PREFIX = "alarms."
_BAD = "alarms.bad"
_REGULAR = 0x8000
_NO_SPACE = 28
# littlefs keeps files up to 128 bytes in the directory's own metadata, where an append can
# cause an erase that `prime` cannot foresee; a segment starts out longer than that.
_START_BYTES = 256


class AlarmJournal:
    """Records of alarms in `dir_path`. Codes of JournalError: journal.full, .io, .shape.

    `append` is durable on return. `prime` and `compact` do the slow flash work in advance, at a
    time that the caller chooses. `max_bytes` is at most the flash's block size, so that no append
    crosses a block.
    """

    def __init__(self, dir_path, max_bytes=4096):
        self._dir = dir_path.rstrip("/") + "/"
        self._max_bytes = max_bytes
        self._number = None
        self._used = 0
        self._file = None
        self.primed = False
        self.highest_boot = 0

    def replay(self):
        """Return (records of the alarms to resume, sentences about what was wrong); never raises.

        A segment with anything unreadable is moved to alarms.bad once its good records are safe.
        """
        errors = []
        kept = []
        try:
            self._make_dir()
            records, bad = self._read_all(errors)
            kept = worth_keeping(records)
            numbers = self._numbers()
            if len(numbers) == 1 and not bad:
                self._number = numbers[0]
                self._used = os.stat(self._path(self._number))[6]
            else:
                self._rewrite(kept, bad)
        except OSError as error:
            errors.append("The journal could not be put in order: %s." % error)
        return kept, errors

    def append(self, record_type, boot, seq, payload):
        """Make one record durable: one write and one sync, without an erase when primed."""
        record = journal.encode(record_type, boot, seq, payload)
        if self._number is None or self._used + len(record) > self._max_bytes:
            self.compact()
            if self._used + len(record) > self._max_bytes:
                raise JournalError("journal.full", "the alarms that are open fill the journal")
        self._write(record, True)

    def prime(self):
        """Let littlefs erase and fill the next block now: the next append then only programs."""
        if self.primed:
            return
        if self.compact_due():
            self.compact()
        # Unsynced: until the next append nothing of this is part of the file.
        self._write(b"\0", False)

    def compact_due(self):
        """True when more than half of the segment is used, or there is no sound segment."""
        return self._number is None or self._used > self._max_bytes // 2

    def compact(self):
        """Write what is worth keeping to a new segment, then remove the old ones."""
        self.close()
        try:
            self._make_dir()
            records, bad = self._read_all([])
            self._rewrite(worth_keeping(records), bad)
        except OSError as error:
            raise self._failed(error) from error

    def close(self):
        """Release the file; what was appended stays."""
        file, self._file = self._file, None
        self.primed = False
        if file is not None:
            file.close()

    def _write(self, data, sync):
        try:
            if self._file is None:
                self._file = open(self._path(self._number), "ab")
            self._file.write(data)
            if sync:
                self._file.flush()
        except OSError as error:
            raise self._failed(error) from error
        self._used += len(data)
        self.primed = not sync

    def _failed(self, error):
        # littlefs does not say how much of a failed write it holds: the next call starts afresh.
        self._number = None
        self.primed = False
        file, self._file = self._file, None
        try:
            if file is not None:
                file.close()
        except OSError:
            pass
        if isinstance(error, JournalError):
            return error
        if error.errno == _NO_SPACE:
            return JournalError("journal.full", "no space left on flash")
        return JournalError("journal.io", "flash failed with error %s" % error.errno)

    def _make_dir(self):
        parent, _, name = self._dir[:-1].rpartition("/")
        if name and name not in os.listdir(parent or "/"):
            os.mkdir(self._dir[:-1])

    def _numbers(self):
        found = []
        for name, kind, *_ in os.ilistdir(self._dir):
            if kind == _REGULAR and name.startswith(_PREFIX) and name[7:].isdigit():
                found.append(int(name[7:]))
        return sorted(found)

    def _path(self, number):
        return "%s%s%d" % (self._dir, _PREFIX, number)

    def _read_all(self, errors):
        """Return (records of all segments, oldest first; numbers of the damaged segments)."""
        records = []
        bad = set()
        for number in self._numbers():
            path = self._path(number)
            try:
                with open(path, "rb") as file:
                    data = file.read(self._max_bytes)
                    surplus = len(file.read(1))
            except OSError as error:
                bad.add(number)
                errors.append("%s cannot be read: %s." % (path, error))
                continue
            found, damage = journal.scan(data)
            records.extend(found)
            for offset, length in damage:
                errors.append("%s: %d bytes at %d are no record." % (path, length, offset))
            if surplus:
                errors.append("%s is longer than a segment can be." % path)
            if damage or surplus:
                bad.add(number)
        for record in records:
            self.highest_boot = max(self.highest_boot, record.boot)
        return records, bad

    def _rewrite(self, kept, bad):
        numbers = self._numbers()
        number = numbers[-1] + 1 if numbers else 1
        data = bytes(_START_BYTES) + b"".join([journal.encode(*record) for record in kept])
        if len(data) > self._max_bytes:
            raise JournalError("journal.full", "the alarms that are open fill the journal")
        # littlefs shows the data at close or not at all: a cut leaves the old segments in force.
        with open(self._path(number), "wb") as file:
            file.write(data)
        for old in numbers:
            if old in bad:
                os.rename(self._path(old), self._dir + _BAD)
            else:
                os.remove(self._path(old))
        self._number = number
        self._used = len(data)

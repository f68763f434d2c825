"""Fills a slot with the files of a manifest, from wherever an earlier attempt stopped."""

import hashlib
import os

from badge.core.portable import const
from badge.storage import files
from badge.storage.slot_store import MANIFEST

_DIRECTORY = const(0x4000)
_READ_BYTES = const(512)


class SlotFilesError(OSError):
    """What was fed cannot be used; `code` is slot.path, slot.offset or slot.hash."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code
        self.why = why


class SlotFiles:
    """Takes (path, offset, bytes) until all of the manifest is there; knows no transport.

    A call, or a step of those that give steps, does one bounded piece of flash work: a squeeze can
    be let in after each. OSError when flash fails.
    """

    def __init__(self, folder, wanted):
        self._folder = folder
        self._wanted = wanted
        self._sizes = {path: size for path, size, _digest in wanted.files}
        self._checked = 0
        self._path = None
        self._file = None
        self._length = 0

    def clear(self):
        """Make the slot unusable and remove what the manifest does not list, a name a step."""
        self.close()
        _make_folder(self._folder)
        # First: a slot with a manifest is taken for a whole one.
        files.remove(self._folder + "/" + MANIFEST)
        yield MANIFEST
        for entry in self._others(self._folder, ""):
            yield entry

    def missing(self):
        """(path, offset, size) to feed next; None when all files are there with the right hash.

        Checks at most one file a call, and answers () when there is more to check.
        """
        if self._checked == len(self._wanted.files):
            return None
        path, size, digest = self._wanted.files[self._checked]
        length = self._length if path == self._path else _length(self._full(path))
        if length < size:
            return path, length, size
        self.close()
        if length == size and _digest(self._full(path)) == digest:
            self._checked += 1
            return None if self._checked == len(self._wanted.files) else ()
        # Sent wrongly, or the power went in the middle of it.
        files.remove(self._full(path))
        return path, 0, size

    def feed(self, path, offset, data):
        """Append `data` to the file `path`, which must be `offset` bytes long by now; in steps."""
        if path not in self._sizes:
            raise SlotFilesError("slot.path", "%s is not in the manifest" % path)
        if path != self._path or self._file is None:
            self.close()
            yield path
            parts = path.split("/")
            for depth in range(1, len(parts)):
                if _make_folder(self._full("/".join(parts[:depth]))):
                    yield path
            self._file = open(self._full(path), "ab")
            self._path = path
            self._length = _length(self._full(path))
            yield path
        if offset != self._length or offset + len(data) > self._sizes[path]:
            raise SlotFilesError("slot.offset", "%s goes on at byte %d" % (path, self._length))
        self._file.write(data)
        self._length += len(data)
        yield path
        if self._length == self._sizes[path]:
            self._file.close()
            self._file = None

    def seal(self, frame):
        """All files are there: check every hash again on flash, and store the manifest."""
        self.close()
        for path, _size, digest in self._wanted.files:
            if _digest(self._full(path)) != digest:
                self._checked = 0
                raise SlotFilesError("slot.hash", "%s is not as the manifest says" % path)
            yield path
        files.replace(self._full(MANIFEST), frame)

    def close(self):
        """Write out what was fed; the transfer may go on later."""
        file, self._file = self._file, None
        self._path = None
        if file is not None:
            file.close()

    def _full(self, path):
        return self._folder + "/" + path

    def _others(self, folder, prefix):
        """Remove files that are not wanted, and folders that are not either."""
        for entry, kind, *_ in list(os.ilistdir(folder)):
            name, path = folder + "/" + entry, prefix + entry
            if kind == _DIRECTORY:
                for step in self._others(name, path + "/"):
                    yield step
                if not any(wanted.startswith(path + "/") for wanted in self._sizes):
                    os.rmdir(name)
                    yield path
            elif path not in self._sizes:
                os.remove(name)
                yield path


def held(folder):
    """(files, bytes in all) below a folder; (0, 0) when there is none."""
    count = total = 0
    try:
        entries = list(os.ilistdir(folder))
    except OSError:
        return 0, 0
    for name, kind, *_ in entries:
        path = folder + "/" + name
        files, size = held(path) if kind == _DIRECTORY else (1, _length(path))
        count, total = count + files, total + size
    return count, total


def _make_folder(path):
    """True when it had to be made."""
    try:
        os.mkdir(path)
    except OSError:
        # It is there already; if not, opening a file in it says so.
        return False
    return True


def _length(path):
    try:
        return os.stat(path)[6]
    except OSError:
        return 0


def _digest(path):
    digest = hashlib.sha256()
    buffer = bytearray(_READ_BYTES)
    view = memoryview(buffer)
    try:
        with open(path, "rb") as file:
            while True:
                n = file.readinto(buffer)
                if not n:
                    return digest.digest()
                digest.update(view[:n])
    except OSError:
        return None

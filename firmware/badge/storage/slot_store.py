"""The record of the two application slots on flash, and what the folders of the slots hold."""

import sys

from badge.core import slots
from badge.core.codec import manifest
from badge.storage import files

_NAME = "slots"
MANIFEST = "manifest"


class SlotStore:
    """The file `slots` below `directory`/; a lost one is made anew from what the slots hold."""

    def __init__(self, directory):
        self._directory = directory
        self._path = directory + _NAME

    def load(self):
        """The record; one without anything installed when the badge has no slots."""
        data = _bytes(self._path)
        record = slots.decode(data) if data is not None else None
        if record is not None:
            return record
        return slots.found([self._build_in(index) for index in (0, 1)])

    def save(self, record):
        """Store the record; a power cut leaves the old one or the new one. OSError if it fails."""
        files.replace(self._path, slots.encode(record))

    def folder(self, index):
        """The folder of slot 0 or 1."""
        return self._directory + slots.NAMES[index]

    def running(self):
        """The slot that this application was started from, or NOBODY."""
        for index in (0, 1):
            if sys.path[0] == self.folder(index):
                return index
        return slots.NOBODY

    def fingerprint(self, index):
        """What slot 0 or 1 holds, as manifest.fingerprint says it; None when it is not whole."""
        return self._read(index, manifest.fingerprint)

    def _build_in(self, index):
        return self._read(index, lambda frame: manifest.read(frame).build)

    def _read(self, index, what):
        # A slot gets its manifest last, so one that has it is whole.
        frame = _bytes(self.folder(index) + "/" + MANIFEST)
        if frame is None:
            return None
        try:
            return what(frame)
        except manifest.ManifestError:
            return None


def _bytes(path):
    try:
        return files.read(path)
    except OSError:
        # Flash that fails must not keep the other slot from being found.
        return None

"""Gives the badge another identity: staged in a folder, put in force by one rename.

Whatever the power does, the badge has the old identity as a whole or the new one as a whole.
"""

import binascii
import hashlib
import json
import os

from badge.core.portable import const
from badge.core.settings.config import Config, ConfigError
from badge.storage import files, identity
from badge.storage.identity import IdentityError

_STAGE = identity.PREFIX + "new"
# What was felt under one identity is nobody's under the next (badge/storage/motion_file.py).
_MOTION = "motion"
_FILE_MAX = const(4096)


class Provisioning:
    """Takes in the files of an identity below `directory`/. OSError is flash that fails."""

    def __init__(self, directory):
        self._directory = directory
        self._stage = directory + _STAGE

    def settle(self):
        """At the start: finish what a cut of power interrupted, and remove what is of no use."""
        files.remove_folder(self._stage)
        folders = identity.folders(self._directory)
        while folders and not _is_sound(folders[0]):
            # It was checked before its rename, so flash went bad: the one before it may serve.
            folders.pop(0)
        if not folders:
            return
        settings = files.read(folders[0] + "config.json")
        if settings is not None:
            # An identity that was put in force since the last start.
            files.remove_folder(self._directory + _MOTION)
            # No rename from folder to folder: cut in between, littlefs hides a neighbour of the
            # file until something is written (tests/cut/mp_provision_cut.py met it).
            # The checked copy of the settings of before would be taken for the ones that count.
            files.remove(self._directory + "config.safe")
            files.replace(self._directory + "config.json", settings)
            files.remove(folders[0] + "config.json")
        for folder in folders[1:]:
            files.remove_folder(folder[:-1])
        for name in identity.FILES[:-1]:
            files.remove(self._directory + name)

    def begin(self):
        """Start over with an empty stage."""
        files.remove_folder(self._stage)
        os.mkdir(self._stage)

    def put(self, name, offset, data):
        """Append to a file of the stage; IdentityError unless it has `offset` bytes so far."""
        if name not in identity.FILES or not files.is_folder(self._stage):
            raise IdentityError("identity.file", "nothing is staged as %s; begin first" % name)
        path = self._stage + "/" + name
        have = len(files.read(path) or b"")
        if offset != have or have + len(data) > _FILE_MAX:
            raise IdentityError("identity.offset", "%s has %d bytes so far" % (name, have))
        with open(path, "ab") as file:
            file.write(data)

    def commit(self, digests):
        """Put the stage in force if each file has its SHA-256 in `digests`; returns the Identity.

        IdentityError, with the old identity in force, when the stage is no identity.
        """
        if sorted(files.names(self._stage)) != sorted(identity.FILES):
            raise IdentityError("identity.incomplete", "a file is missing; send all of them")
        for name in identity.FILES:
            digest = hashlib.sha256(files.read(self._stage + "/" + name)).digest()
            if binascii.hexlify(digest).decode() != digests.get(name):
                raise IdentityError("identity.digest", "%s did not arrive whole" % name)
        new = identity.load_folder(self._stage + "/")
        _check_settings(files.read(self._stage + "/config.json"))
        folders = identity.folders(self._directory)
        number = int(folders[0][:-1].rsplit(".", 1)[1]) + 1 if folders else 1
        os.rename(self._stage, "%s%s%d" % (self._directory, identity.PREFIX, number))
        return new


def _check_settings(data):
    try:
        Config.from_dict(json.loads(data))
    except ConfigError as error:
        raise IdentityError(error.code, str(error))
    except ValueError:
        raise IdentityError("config.type", "config.json is not JSON")


def _is_sound(folder):
    try:
        identity.load_folder(folder)
    except IdentityError:
        return False
    return True

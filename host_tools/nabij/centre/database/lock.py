"""One process at a time on a state folder."""

import fcntl
import os
from pathlib import Path

from nabij.errors import NabijError, exit_code_of
from nabij.paths import make_folder


class LockedError(NabijError):
    """Another process has the lock."""


class FolderLock:
    """The lock file, held until release() or the end of the process, however it ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock; LockedError in one sentence when another process has it."""
        make_folder(path.parent)
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise NabijError(
                f"Cannot open {path} ({error.strerror}): choose a folder this user may write to.",
                exit_code_of(error),
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._descriptor, 20).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise LockedError(
                f"Another nabij{f' (process {holder})' if holder else ''} uses {path.parent}: "
                "stop it first, or choose another --state folder."
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    @classmethod
    def is_held(cls, path: Path) -> bool:
        """True when another process has the lock."""
        try:
            cls(path).release()
        except LockedError:
            return True
        except NabijError:
            # It cannot even be made.
            return False
        return False

    def release(self) -> None:
        """Give the lock up; safe to call twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

"""A copy of the database while a receiver has it: asked for by a file, made by its one owner."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from nabij.centre.database import sqlite
from nabij.centre.database.engines import DATABASE_ERRORS
from nabij.centre.database.lock import FolderLock, LockedError
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.errors import NabijError
from nabij.paths import PRIVATE, StatePaths, make_folder, read_file, write_file

LOOK_S: Final = 0.25
# A receiver looks four times a second; one of an earlier release never does.
BEGUN_S: Final = 30.0
# What nobody fetched, for its command was killed.
FORGOTTEN_S: Final = 3600.0
_WANTED: Final = ".wanted"
_PART: Final = ".part"
_DONE: Final = ".db"
_FAILED: Final = ".failed"


@contextlib.contextmanager
def copied(paths: StatePaths, begun_s: float = BEGUN_S) -> Iterator[Path]:
    """A copy of the database, which is gone after the block; made here when no receiver runs.

    NabijError when the receiver does not begin within `begun_s`, or cannot make one.
    """
    folder = paths.copy_requests
    make_folder(folder)
    name = secrets.token_hex(8)
    files = {end: folder / f"{name}{end}" for end in (_WANTED, _PART, _DONE, _FAILED)}
    try:
        _make(paths, files, begun_s)
        yield files[_DONE]
    finally:
        for file in files.values():
            file.unlink(missing_ok=True)


def _make(paths: StatePaths, files: dict[str, Path], begun_s: float) -> None:
    write_file(files[_WANTED], b"", PRIVATE)
    end_s = time.monotonic() + begun_s
    while not files[_DONE].exists():
        if files[_FAILED].exists():
            text = read_file(files[_FAILED], "the answer", "ask again")
            raise NabijError(text.decode(errors="replace"))
        if _make_without_receiver(paths, files):
            return
        if not files[_PART].exists() and time.monotonic() > end_s:
            raise NabijError(
                f"The receiver in {paths.root} did not begin a copy within {begun_s:g} s: restart "
                "it, if it is of an earlier release, or see `nabij status`."
            )
        time.sleep(LOOK_S)


def _make_without_receiver(paths: StatePaths, files: dict[str, Path]) -> bool:
    try:
        lock = FolderLock(paths.lock)
    except LockedError:
        return False
    try:
        # One that ended in the middle of it left a part.
        files[_PART].unlink(missing_ok=True)
        sqlite.copy_file(paths.database, files[_PART])
        files[_PART].replace(files[_DONE])
    except (*DATABASE_ERRORS, OSError) as error:
        raise NabijError(
            f"The database {paths.database} cannot be copied ({error}): nothing was backed up."
        ) from error
    finally:
        lock.release()
    return True


class CopyWatch:
    """Makes the copies that are asked for, on a thread of its own while alarms go on."""

    def __init__(self, paths: StatePaths, store: Store, now_s: Callable[[], float] = time.time):
        self._folder = paths.copy_requests
        self._store = store
        self._now_s = now_s

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-copies",
            LOOK_S,
            self.look,
            "Backups are not made",
            "Backups are made again.",
        )

    async def look(self) -> None:
        """Make what is asked for, and remove what nobody fetched."""
        for wanted in sorted(self._folder.glob(f"*{_WANTED}")):
            await asyncio.to_thread(self._make, wanted)
        for file in self._folder.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < self._now_s() - FORGOTTEN_S:
                    file.unlink()

    def _make(self, wanted: Path) -> None:
        part = wanted.with_suffix(_PART)
        try:
            part.unlink(missing_ok=True)
            self._store.copy(part)
            if wanted.exists():
                part.replace(wanted.with_suffix(_DONE))
        except NabijError as error:
            write_file(wanted.with_suffix(_FAILED), error.sentence.encode(), PRIVATE)
        finally:
            # Nobody waits any more for what was taken back meanwhile.
            part.unlink(missing_ok=True)
            wanted.unlink(missing_ok=True)

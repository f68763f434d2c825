"""All that a receiver needs to go on elsewhere, in one encrypted file; and back from it."""

import contextlib
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from nabij.centre.database import sqlite
from nabij.centre.database.place import Place, place_of
from nabij.centre.register.pki import Authority
from nabij.centre.upkeep.copies import copied
from nabij.centre.upkeep.sealed import Opener, Sealer, check_head, check_passphrase
from nabij.errors import NabijError, UsageError, exit_code_of
from nabij.paths import PRIVATE, StatePaths, check_output, gone_after_a_failure, make_folder

# Of the machine or of this moment. What waits at the broker, badges send again.
_LEFT_OUT: Final = ("nabij.db", "nabij.db-wal", "nabij.db-shm", "lock", "status.sock", "reserve")
_FOLDERS_LEFT_OUT: Final = ("broker", "requests")


@dataclass(frozen=True)
class Made:
    """`records` is where the records are when they are not in it, empty when they are."""

    files: int
    bytes: int
    records: str


def check_place(state: Path, output: Path, *, force: bool) -> None:
    """UsageError unless there is a receiver in `state`, and `output` may be written."""
    paths = StatePaths(state)
    if not place_of(paths).exists() or not (paths.pki / "ca.pem").exists():
        raise UsageError(f"There is no receiver in {state}: give its --state folder.")
    check_output(output)
    if output.exists() and not (force and output.is_file()):
        raise UsageError(f"{output} is there already: give another name, or --force for a file.")


def back_up(state: Path, output: Path, passphrase: str, *, force: bool = False) -> Made:
    """Write the backup, whole or not at all; beside a running receiver or without one.

    UsageError for a short passphrase, or a file that is there unless `force`.
    """
    check_passphrase(passphrase)
    check_place(state, output, force=force)
    paths = StatePaths(state)
    place = place_of(paths)
    temporary = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with contextlib.ExitStack() as stack:
            stack.callback(temporary.unlink, missing_ok=True)
            count = _write(paths, temporary, passphrase, with_records=place.is_file)
            size = temporary.stat().st_size
            temporary.replace(output)
    except OSError as error:
        raise NabijError(
            f"Cannot write {output} ({error.strerror or error}): free some space, or name another "
            "file.",
            exit_code_of(error),
        ) from error
    return Made(count, size, "" if place.is_file else place.name)


def _write(paths: StatePaths, target: Path, passphrase: str, *, with_records: bool) -> int:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    count = 0
    with os.fdopen(descriptor, "wb") as file:
        with Sealer(file, passphrase) as sealer, tarfile.open(mode="w|gz", fileobj=sealer) as tar:
            for one in _kept(paths):
                # An enrolment that is gone is in the database, which comes last for that.
                with contextlib.suppress(FileNotFoundError):
                    tar.add(one, str(one.relative_to(paths.root)), recursive=False)
                    count += 1
            if with_records:
                with copied(paths) as database:
                    tar.add(database, paths.database.name, recursive=False)
                count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


def _kept(paths: StatePaths) -> Iterator[Path]:
    for folder, folders, files in os.walk(paths.root):
        if Path(folder) == paths.root:
            folders[:] = [one for one in folders if one not in _FOLDERS_LEFT_OUT]
        folders.sort()
        for name in sorted(files):
            file = Path(folder, name)
            is_left_out = file.parent == paths.root and name in _LEFT_OUT
            # What begins with a dot is being written.
            if not is_left_out and not name.startswith(".") and file.is_file():
                yield file


def check_source(file: Path, state: Path) -> None:
    """UsageError unless `file` looks like a backup, and `state` is empty or not there."""
    if state.exists() and (not state.is_dir() or any(state.iterdir())):
        raise UsageError(
            f"{state} is not empty: move it away, or give another --state folder; a backup is "
            "restored into a new one."
        )
    with _opened(file) as source:
        check_head(source, str(file))


def restore(file: Path, state: Path, passphrase: str) -> Place:
    """Make the state folder of a backup; where its records are.

    UsageError when there is a receiver in `state`. After a failure it is as it was before.
    """
    check_source(file, state)
    target = state.resolve()
    fresh = target.with_name(f".{target.name}.restoring")
    with gone_after_a_failure(target.parent):
        make_folder(target.parent)
        try:
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(mode=0o700)
            _read(file, fresh, passphrase)
            _check(StatePaths(fresh), file)
            _keep_on_disk(fresh)
            if target.exists():
                # Whoever made it gave it to a user.
                owner = target.stat()
                target.rmdir()
                _give(fresh, owner)
            fresh.rename(target)
        except OSError as error:
            raise NabijError(
                f"Cannot restore into {state} ({error.strerror or error}): free some space, or "
                "choose a folder that this user may write to.",
                exit_code_of(error),
            ) from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return place_of(StatePaths(target))


def _read(file: Path, folder: Path, passphrase: str) -> None:
    with _opened(file) as source:
        opener = Opener(source, passphrase, str(file))
        try:
            with tarfile.open(mode="r|gz", fileobj=opener) as tar:
                for member in tar:
                    _extract(tar, member, folder)
            # Past the end of what the archive needs: whether nothing was cut off.
            while opener.read(1 << 16):
                pass
        except tarfile.TarError as error:
            raise NabijError(f"{file} is damaged ({error}): nothing was restored.") from error


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """A file of ours; tarfile's own filters came after the first Python that we run on."""
    content = tar.extractfile(member) if member.isreg() else None
    name = PurePosixPath(member.name)
    if content is None or name.is_absolute() or ".." in name.parts:
        raise NabijError("The backup has what no backup of ours has: nothing was restored.")
    target = folder / name
    make_folder(target.parent)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with content, os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(content, file)


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        raise NabijError(
            f"Cannot read the backup {file} ({error.strerror}): give a file of `nabij backup`.",
            exit_code_of(error),
        ) from error


def _check(paths: StatePaths, file: Path) -> None:
    """NabijError unless a receiver can go on with it."""
    # Those above the last of a name have the mode that this user's files have.
    for folder, _, _ in os.walk(paths.root):
        Path(folder).chmod(0o700)
    wrong = sqlite.check(paths.database) if place_of(paths).is_file else ""
    if wrong:
        raise NabijError(f"The records in {file} are damaged ({wrong}): take an older backup.")
    Authority.open(paths.pki)


def _keep_on_disk(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        for one in (place, *(os.path.join(place, name) for name in names)):  # noqa: PTH118
            descriptor = os.open(one, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)


def _give(folder: Path, owner: os.stat_result) -> None:
    if os.geteuid() != 0:
        return
    for place, _, names in os.walk(folder):
        for one in (place, *(os.path.join(place, name) for name in names)):  # noqa: PTH118
            os.chown(one, owner.st_uid, owner.st_gid)

"""Looks at a keeper from beside it: its folder, its log, its disk, whether it answers."""

import os
import secrets
import shutil
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nabij.centre.database.lock import FolderLock
from nabij.centre.keeper import ledger
from nabij.centre.keeper.ledger import Line
from nabij.centre.keeper.speech import MOST_ANSWER, NONCE_BYTES, Speech, SpeechError, user_of
from nabij.errors import NabijError, UsageError
from nabij.paths import read_file

_ANSWER_S: Final = 3.0
_LEAST_BYTES: Final = 8 << 20


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and what there is to say."""

    what: str
    good: bool
    says: str


def all_of(folder: Path, file: Path | None) -> list[Check]:
    """Each check, in an order in which they are mended; UsageError for what is no keeper's."""
    _require(folder)
    found = [_folder(folder), *_files(folder), _log(folder), _disk(folder), _runs(folder)]
    return found if file is None else [*found, _socket(folder, file)]


def read_log(folder: Path) -> list[Line]:
    """The lines of its log; BrokenLogError when they do not hold."""
    _require(folder)
    file = folder / "log.jsonl"
    what, remedy = "the keeper's log", "give the folder of `nabij keeper run`, as its user"
    content = read_file(file, what, remedy, most=ledger.MOST_BYTES)
    # A line that is being written is not there yet.
    return list(ledger.read(content[: content.rfind(b"\n") + 1]))


def _require(folder: Path) -> None:
    try:
        found = (folder / "lock").exists()
    except OSError as error:
        raise UsageError(
            f"Cannot look into {folder} ({error.strerror}): do so as the keeper's user."
        ) from error
    if not found:
        raise UsageError(f"There is no keeper in {folder}: give the folder of `nabij keeper run`.")


def _folder(folder: Path) -> Check:
    found = folder.stat()
    open_to = stat.S_IMODE(found.st_mode) & 0o077
    if open_to:
        return Check("folder", False, f"others may look into {folder}: chmod 700 {folder}")
    return Check("folder", True, f"for user {found.st_uid} alone")


def _files(folder: Path) -> list[Check]:
    owner = folder.stat().st_uid
    for file in [folder, *folder.rglob("*")]:
        about = file.lstat()
        if about.st_uid != owner:
            return [
                Check("files", False, f"{file} is of user {about.st_uid}: chown it to {owner}")
            ]
        if file.suffix == ".key" and stat.S_IMODE(about.st_mode) & 0o077:
            return [Check("files", False, f"others may read {file}: chmod 600 {file}")]
    return [Check("files", True, "all are its own")]


def _log(folder: Path) -> Check:
    try:
        lines = read_log(folder)
    except NabijError as error:
        return Check("log", False, error.sentence)
    opened = sum(line.what == ledger.OPENED for line in lines)
    return Check("log", True, f"{len(lines)} lines hold, {opened} of them opened a position")


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    if free < _LEAST_BYTES:
        return Check("disk", False, f"{free >> 20} MB are left: free some, or nothing is sealed")
    return Check("disk", True, f"{free >> 20} MB are left")


def _runs(folder: Path) -> Check:
    if FolderLock.is_held(folder / "lock"):
        return Check("process", True, "it runs")
    return Check("process", False, "it does not run: start `nabij keeper run`")


def _socket(folder: Path, file: Path) -> Check:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_ANSWER_S)
    with connection:
        try:
            connection.connect(str(file))
            user, owner = user_of(connection), folder.stat().st_uid
            if user != owner:
                return Check("socket", False, f"user {user} listens there, the keeper is {owner}")
            speech = Speech(connection, MOST_ANSWER)
            asked = {"do": "greet", "nonce": secrets.token_bytes(NONCE_BYTES).hex()}
            speech.say(asked, _ANSWER_S)
            speech.hear(_ANSWER_S)
        except OSError as error:
            return Check("socket", False, f"nobody listens at {file} ({error.strerror})")
        except SpeechError as error:
            if os.getuid() == folder.stat().st_uid and str(error) == "it is gone":
                # It answers the receiver's user alone, and hangs up on its own.
                return Check("socket", True, "it listens, and answers its receiver alone")
            return Check("socket", False, f"{error}: see what holds it up")
    return Check("socket", True, "it answers")

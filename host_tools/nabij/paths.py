"""Where a receiver keeps its things, and writing them so that a cut leaves no half file."""

import contextlib
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nabij.errors import EXIT_FAILURE, NabijError, UsageError, exit_code_of

STANDARD_OUTPUT: Final = "-"
# Of the environment: the state folder of every verb that is given none.
STATE_VARIABLE: Final = "NABIJ_STATE"
# A receiver that has just begun takes more.
_LEAST_FREE_BYTES: Final = 1 << 20
# What people and programs write by hand, as settings, keys and labels, is far smaller.
MOST_BYTES: Final = 4 << 20
# The mode of a file with a secret: for its owner only.
PRIVATE: Final = 0o600


@dataclass(frozen=True)
class StatePaths:
    """The folders and files of one receiver under its state folder."""

    root: Path

    @property
    def pki(self) -> Path:
        return self.root / "pki"

    @property
    def badges(self) -> Path:
        """One provisioning folder a badge."""
        return self.root / "badges"

    @property
    def enrolments(self) -> Path:
        """Badge records that wait for the receiver to take them into its database."""
        return self.root / "enrolments"

    def revocation(self, badge: str) -> Path:
        """A revocation that waits for the receiver to take it into its database."""
        return self.enrolments / f"{badge}.revoked"

    @property
    def requests(self) -> Path:
        """What people asked of a running receiver and it has yet to take in."""
        return self.root / "requests"

    @property
    def plan_requests(self) -> Path:
        """Plans that wait for the receiver to take them into its database, and drills."""
        return self.requests / "plans"

    @property
    def copy_requests(self) -> Path:
        """Copies of the database that were asked of a running receiver, and the copies."""
        return self.requests / "copies"

    @property
    def fleet_requests(self) -> Path:
        """Jobs for badges that wait for the receiver to take them into its database."""
        return self.requests / "fleet"

    @property
    def handover_requests(self) -> Path:
        """Alarm centres that wait for the receiver to take them into its database, and tests."""
        return self.requests / "handover"

    @property
    def file_requests(self) -> Path:
        """Files about incidents that wait for the receiver to note them in its audit."""
        return self.requests / "files"

    @property
    def workforce_requests(self) -> Path:
        """Sheets of the register that wait for the receiver to take them into its database."""
        return self.requests / "workforce"

    @property
    def privacy_requests(self) -> Path:
        """Erasures and terms that wait for the receiver to take them into its database."""
        return self.requests / "privacy"

    @property
    def location_requests(self) -> Path:
        """Consents to location outside alarms that wait for the receiver to take them in."""
        return self.requests / "location"

    @property
    def sms_requests(self) -> Path:
        """Settings of SMS that wait for the receiver to take them into its database."""
        return self.requests / "sms"

    @property
    def set_aside(self) -> Path:
        """Messages that could not be taken in."""
        return self.root / "set-aside"

    @property
    def provisioning(self) -> Path:
        """What the receiver has to know of a badge whose provisioning is not finished."""
        return self.root / "provisioning"

    @property
    def broker(self) -> Path:
        return self.root / "broker"

    @property
    def broker_session(self) -> Path:
        """The client id under which the broker keeps what the receiver has yet to take."""
        return self.broker / "receiver-session"

    @property
    def broker_users(self) -> Path:
        """The part of the broker's configuration that says which certificate may do what."""
        return self.broker / "users.conf"

    @property
    def database(self) -> Path:
        return self.root / "nabij.db"

    @property
    def status(self) -> Path:
        """The socket on which a running receiver says how it is."""
        return self.root / "status.sock"

    @property
    def database_url(self) -> Path:
        """Where the records are, when they are not in `database`."""
        return self.root / "database.url"

    @property
    def reserve(self) -> Path:
        """What is given up when the disk is full."""
        return self.root / "reserve"

    @property
    def answer_key(self) -> Path:
        """The secret that signs the links by which people answer."""
        return self.root / "answer.key"

    @property
    def lock(self) -> Path:
        return self.root / "lock"


def default_state() -> Path:
    """The state folder of who names none: NABIJ_STATE, else one of this user outside any clone."""
    named = os.environ.get(STATE_VARIABLE)
    if named:
        return Path(named)
    import platformdirs  # noqa: PLC0415 - the help of no verb waits for it

    return platformdirs.user_data_path("nabij", appauthor=False) / "receiver"


def known_state() -> Path | None:
    """The same, if there is one."""
    folder = default_state()
    return folder if folder.is_dir() else None


def make_folder(path: Path, mode: int = 0o700) -> None:
    """Make the folder and its parents; NabijError when the system refuses."""
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise NabijError(
            f"Cannot make the folder {path} ({error.strerror}): "
            "choose a folder that this user may write to.",
            exit_code_of(error),
        ) from error


@contextlib.contextmanager
def gone_after_a_failure(
    folder: Path, *, unless: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Whatever stops the block, the folder and those above it that it made are removed again.

    Of what was there before nothing is touched, nor of what others put above it meanwhile.
    `unless` it holds what is not the block's alone to remove.
    """
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        yield
    except BaseException:
        if new and not unless():
            shutil.rmtree(folder, ignore_errors=True)
        for made in new[1:]:
            with contextlib.suppress(OSError):
                made.rmdir()
        raise


def disk_of(path: Path) -> Path:
    """Where the file system that holds `path` is mounted."""
    place = path.absolute()
    while not place.is_mount() and place != place.parent:
        place = place.parent
    return place


def full_disk(path: Path, *, told: bool = False) -> str | None:
    """In a sentence, when there is no room where `path` lies, or when something `told` so."""
    disk = disk_of(path)
    if not told and shutil.disk_usage(disk).free >= _LEAST_FREE_BYTES:
        return None
    return (
        f"The disk at {disk} is full, so {path} cannot be used: "
        "free some space there, or choose another --state folder."
    )


def write_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace `path` as a whole, durable on return; never half written or with a wider mode."""
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        # On a full disk what is left of it would fill it further.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise NabijError(
            f"Cannot write {path} ({error.strerror}): "
            "free some space or choose a folder that this user may write to.",
            exit_code_of(error),
        ) from error


def require_parent(path: Path) -> None:
    """UsageError when the folder that is to hold `path` is not there: it may be mistyped."""
    if not path.parent.is_dir():
        raise UsageError(
            f"There is no folder {path.parent} for {path.name}: make it, or correct the name."
        )


def check_output(path: Path | None) -> None:
    """UsageError for a name that `write_output` cannot write to; before what takes long, then."""
    if path is None or str(path) == STANDARD_OUTPUT:
        return
    if _is_no_file(path):
        if not os.access(path, os.W_OK):
            raise UsageError(f"Cannot write {path}: name a file that this user may write.")
        return
    target = path.resolve()
    require_parent(target)
    if target.is_dir():
        raise UsageError(f"{path} is a folder: name a file.")
    place = target if target.exists() else target.parent
    if not os.access(place, os.W_OK):
        raise UsageError(f"Cannot write {path}: name a file that this user may write.")


def write_output(path: Path, data: bytes) -> None:
    """Write what a person asked for under a name of theirs; `-` is standard output.

    A link is followed, and what is no regular file (a device, a pipe) is written to and stays.
    NabijError when its folder is not there, or the system refuses.
    """
    if str(path) == STANDARD_OUTPUT:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        # Under its own name: what /dev/stdout points to, as a pipe, has none.
        if _is_no_file(path):
            with path.open("wb") as file:
                file.write(data)
            return
        target = path.resolve()
        require_parent(target)
    except OSError as error:
        raise NabijError(
            f"Cannot write {path} ({error.strerror}): name a file that this user may write.",
            exit_code_of(error),
        ) from error
    write_file(target, data)


def _is_no_file(path: Path) -> bool:
    """True for a device, a pipe or a socket, also behind links."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def read_file(
    path: Path, what: str, remedy: str, exit_code: int = EXIT_FAILURE, most: int = MOST_BYTES
) -> bytes:
    """The bytes of the file; NabijError naming `what` and the remedy when it cannot be read.

    What is larger than `most` is not what was meant: a device would never end.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise NabijError(
            f"Cannot read {what} {path} ({error.strerror}): {remedy}.", exit_code
        ) from error
    if len(data) > most:
        raise NabijError(
            f"{path} cannot be {what}: it has more than {_size(most)}; {remedy}.", exit_code
        )
    return data


def _size(size: int) -> str:
    return f"{size >> 20} MB" if size >= 1 << 20 else f"{size >> 10} kB"

"""How a person's process has something done in a receiver's database, whoever has that now.

The database has one owner. Beside a running receiver a request waits as a file in the state folder
until the receiver has committed it.
"""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from nabij.centre import beside
from nabij.centre.database import duties
from nabij.centre.database.lock import FolderLock, LockedError
from nabij.centre.database.place import place_of
from nabij.centre.database.postgresql import Use
from nabij.centre.recurring import Job, tried
from nabij.centre.store import Store, StoreError
from nabij.errors import NabijError, UsageError
from nabij.paths import PRIVATE, StatePaths, read_file, write_file

TAKE_IN_S: Final = 1.0
# A running receiver looks as often at least; one that waits for its disk may take longer.
WAIT_S: Final = 15.0
_LOOK_S: Final = 0.05
_SUFFIX: Final = ".json"
# What anybody asks for: a sheet with a year of 500 workers has 8 MB.
MOST_BYTES: Final = 64 << 20

Result = TypeVar("Result")


@dataclass(frozen=True)
class Request:
    """Something to be done once.

    `do` does it in a store; `file` and `content` are what asks a running receiver for it, after
    `check` has raised nothing; `take_in` is how whoever has the store takes in all such files.
    """

    file: Path
    content: bytes
    do: Callable[[Store], object]
    take_in: Callable[[Store], object]
    check: Callable[[sa.Connection], object] = lambda _connection: None


@dataclass(frozen=True)
class Kind:
    """Requests of one sort, each the values of a JSON file that waits in a folder.

    `do` does what the values of one say, and raises UsageError for what cannot be, and ValueError,
    TypeError or KeyError for what is no such request. `refused` begins the sentence of a refusal.
    """

    folder: Callable[[StatePaths], Path]
    do: Callable[[sa.Connection, dict[str, Any]], object]
    refused: str


def request_name() -> str:
    """A name that no other request has; names sort by time."""
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}"


def paths_of(state: Path) -> StatePaths:
    """The files of a state folder; UsageError when there is no receiver in it."""
    paths = StatePaths(state)
    if not place_of(paths).exists():
        raise UsageError(
            f"There is no receiver in {state}: give its --state folder; of one on another machine "
            f"that keeps its records on a server, copy {paths.database_url.name} there first."
        )
    return paths


def read(paths: StatePaths, work: Callable[[sa.Connection], Result]) -> Result:
    """What `work` reads of the database, whether a receiver runs or not."""
    if not place_of(paths).is_file:
        # To open a server's as a store takes longer than all there is to read.
        with contextlib.suppress(beside.OtherReleaseError):
            return beside.read_these(paths, work)
    try:
        store = Store(paths, use=Use.PASSING)
    except LockedError:
        return beside.read(paths, work)
    try:
        return store.read(work)
    finally:
        store.close()


def is_served(paths: StatePaths) -> bool:
    """Whether a receiver runs on this database now, here or on another machine."""
    if FolderLock.is_held(paths.lock):
        return True
    try:
        store = Store(paths, use=Use.PASSING)
    except LockedError:
        return True
    try:
        return store.read(lambda one: duties.is_done(one, duties.WATCHING))
    finally:
        store.close()


def ask(paths: StatePaths, request: Request, wait_s: float = WAIT_S) -> bool:
    """Have it done, here or by the receiver that has the database; True when a receiver did it.

    On the disk on return. NabijError when a running receiver has not taken it in within `wait_s`,
    and then it keeps the request. What `do` raises here, a receiver says where it runs: look
    whether it was done.
    """
    handed = False

    def attempt() -> bool | None:
        nonlocal handed
        if handed and not request.file.exists():
            return True
        try:
            store = Store(paths, use=Use.PASSING)
        except LockedError:
            _refuse_elsewhere(paths)
            if not handed:
                beside.read(paths, request.check)
                write_file(request.file, request.content, PRIVATE)
                handed = True
            return None
        try:
            request.take_in(store)
            if not handed:
                request.do(store)
        finally:
            store.close()
        return False

    done = tried(attempt, wait_s, _LOOK_S)
    if done is None:
        raise NabijError(
            f"The receiver has not taken this in within {wait_s:g} s: it keeps it and does so "
            "later, at its next start at the latest."
        )
    return done


def ask_for(
    kind: Kind,
    paths: StatePaths,
    values: dict[str, Any],
    *,
    name: str | None = None,
    wait_s: float = WAIT_S,
) -> bool:
    """As `ask`, for a request of that sort with these values, which JSON can hold."""
    request = Request(
        kind.folder(paths) / f"{name or request_name()}{_SUFFIX}",
        json.dumps(values).encode(),
        lambda store: store.write(lambda one: kind.do(one, values)),
        # What becomes of the requests of others is not this person's business.
        lambda store: take_in(kind, paths, store, lambda _sentence: None),
    )
    return ask(paths, request, wait_s)


def take_in(kind: Kind, paths: StatePaths, store: Store, say: Callable[[str], None]) -> None:
    """For whoever has the store: do what waits, oldest first; `say` gets what cannot be done.

    NabijError, after all others, for what cannot be read just now: it stays.
    """
    folder = kind.folder(paths)
    unread: NabijError | None = None
    for file in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            content = read_file(file, "the request", "remove it, and ask again", most=MOST_BYTES)
        except NabijError as error:
            unread = unread or error
            continue
        try:
            values = json.loads(content)
            store.write(partial(_do, kind, values))
        except (KeyError, OverflowError, RecursionError, TypeError, ValueError):
            say(f"{file.name} in {folder} is no request of nabij: it was removed.")
        except StoreError as error:
            if error.of_all:
                raise
            # Nothing but what it asks for is to blame: another time would be no better.
            say(f"{file.name} in {folder} asks for what no database keeps: it was removed.")
        except UsageError as error:
            say(f"{kind.refused} {error.sentence}")
        file.unlink(missing_ok=True)
    if unread is not None:
        raise unread


def intake_job(
    kind: Kind,
    paths: StatePaths,
    store: Store,
    say: Callable[[str], None],
    *,
    name: str,
    what: str,
) -> Job:
    """What has to recur at a receiver to take in requests; `what` is their name, a plural."""

    async def look() -> None:
        await asyncio.to_thread(take_in, kind, paths, store, say)

    return Job(name, TAKE_IN_S, look, f"{what} wait", f"{what} are taken in again.")


def _do(kind: Kind, values: dict[str, Any], connection: sa.Connection) -> None:
    kind.do(connection, values)


def _refuse_elsewhere(paths: StatePaths) -> None:
    """NabijError when nobody would ever look at a file in this folder."""
    if not place_of(paths).is_file and not FolderLock.is_held(paths.lock):
        raise NabijError(
            f"The receiver of {place_of(paths).name} runs on another machine and shares "
            "that with nobody: use its state folder there, or its console."
        )

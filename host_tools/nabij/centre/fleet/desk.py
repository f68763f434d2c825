"""What a person asks of a fleet, beside a running receiver or without one.

The database has one owner: beside a running receiver a request waits as a file in the state folder
until the receiver has committed it. Without one the job waits for the next start.
"""

import base64
import json
import secrets
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from nabij.centre import beside
from nabij.centre.database.lock import LockedError
from nabij.centre.database.place import place_of
from nabij.centre.database.postgresql import Use
from nabij.centre.fleet import jobs
from nabij.centre.fleet.jobs import Job, Wanted
from nabij.centre.recurring import tried
from nabij.centre.store import Store
from nabij.errors import NabijError, UsageError
from nabij.paths import PRIVATE, StatePaths, read_file, write_file

# A running receiver looks once a second; one that waits for its disk may take longer.
WAIT_S: Final = 15.0
_LOOK_S: Final = 0.1
_SUFFIX: Final = ".json"
_SHOWN: Final = 20
Result = TypeVar("Result")


def request_name() -> str:
    """A name that no other request has; names sort by time."""
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}"


def begin(state: Path, wanted: Wanted) -> Job:
    """Keep a job for a receiver to work off; UsageError that says what is wrong with it."""
    paths = _paths(state)
    check(state, wanted.badges)
    _kept(paths, _to_json(wanted), lambda one: jobs.begin(one, wanted), wanted.request)
    found = _read(paths, jobs.newest_of(wanted.request))
    if found is None:
        raise NabijError("The receiver refused the job, and says why where it runs: ask again.")
    return found


def check(state: Path, badges: Collection[str]) -> None:
    """UsageError for badges that a job cannot be for; none stands for all."""
    _read(_paths(state), lambda one: jobs.check_badges(one, badges))


def stop(state: Path, job_id: int, by: str) -> Job:
    """Begin nothing more of a job; UsageError when it is over, or there is none."""
    paths = _paths(state)
    now_ms = time.time_ns() // 1_000_000
    _read(paths, lambda one: jobs.check_running(one, job_id))
    request = {"stop": job_id, "by": by, "at_ms": now_ms}
    _kept(paths, request, lambda one: jobs.stop(one, job_id, by, now_ms), request_name())
    return job(state, job_id)


def job(state: Path, job_id: int) -> Job:
    """One job; UsageError when there is none of that id."""
    found = _read(_paths(state), lambda one: jobs.read(one, job_id))
    if found is None:
        raise UsageError(f"There is no job {job_id}: `nabij fleet status` shows those there are.")
    return found


def newest(state: Path) -> list[Job]:
    """The newest jobs, newest first."""
    return _read(_paths(state), lambda one: jobs.newest(one, _SHOWN))


def take_in(paths: StatePaths, store: Store, say: Callable[[str], None]) -> None:
    """For the receiver: take the waiting requests into the database, oldest first."""
    for file in sorted(paths.fleet_requests.glob(f"*{_SUFFIX}")):
        content = read_file(file, "the request", "ask for it again")
        try:
            values: dict[str, Any] = json.loads(content)
            store.write(lambda one, values=values: _do(one, values))  # type: ignore[misc]
        except (ValueError, TypeError, KeyError):
            say(f"{file.name} in {paths.fleet_requests} is no request of nabij: it was removed.")
        except UsageError as error:
            say(f"A job for badges was refused. {error.sentence}")
        file.unlink(missing_ok=True)


def _do(connection: sa.Connection, values: dict[str, Any]) -> None:
    if "stop" in values:
        jobs.stop(connection, int(values["stop"]), str(values["by"]), int(values["at_ms"]))
        return
    content = base64.b64decode(values["content"], validate=True)
    badges = tuple(map(str, values["badges"]))
    jobs.begin(connection, Wanted(**{**values, "content": content, "badges": badges}))


def _to_json(wanted: Wanted) -> dict[str, Any]:
    return {**wanted.__dict__, "content": base64.b64encode(wanted.content).decode()}


def _kept(
    paths: StatePaths,
    request: dict[str, Any],
    work: Callable[[sa.Connection], object],
    name: str,
) -> None:
    """Have the work done in the database, here or by the receiver that has it."""
    try:
        store = Store(paths, use=Use.PASSING)
    except LockedError:
        file = paths.fleet_requests / f"{name}{_SUFFIX}"
        write_file(file, json.dumps(request).encode(), PRIVATE)
        if not tried(lambda: not file.exists() or None, WAIT_S, _LOOK_S):
            raise NabijError(
                f"The receiver has not taken this in within {WAIT_S:g} s: it keeps it and does so "
                "later, at its next start at the latest."
            ) from None
        return
    try:
        store.write(work)
    finally:
        store.close()


def _read(paths: StatePaths, work: Callable[[sa.Connection], Result]) -> Result:
    try:
        store = Store(paths, use=Use.PASSING)
    except LockedError:
        return beside.read(paths, work)
    try:
        return store.read(work)
    finally:
        store.close()


def _paths(state: Path) -> StatePaths:
    paths = StatePaths(state)
    if not place_of(paths).exists():
        raise UsageError(f"There is no receiver in {state}: give its --state folder.")
    return paths

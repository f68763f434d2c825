"""What a person asks of a fleet, beside a running receiver or without one.

Without one the job waits for the next start.
"""

import base64
import json
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.asking import request_name
from nabij.centre.fleet import jobs
from nabij.centre.fleet.jobs import Job, Wanted
from nabij.centre.store import Store
from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths, read_file

_SUFFIX: Final = ".json"
_SHOWN: Final = 20


def begin(state: Path, wanted: Wanted) -> Job:
    """Keep a job for a receiver to work off; UsageError that says what is wrong with it."""
    paths = asking.paths_of(state)
    check(state, wanted.badges)
    _kept(paths, _to_json(wanted), lambda one: jobs.begin(one, wanted), wanted.request)
    found = asking.read(paths, jobs.newest_of(wanted.request))
    if found is None:
        raise NabijError("The receiver refused the job, and says why where it runs: ask again.")
    return found


def check(state: Path, badges: Collection[str]) -> None:
    """UsageError for badges that a job cannot be for; none stands for all."""
    asking.read(asking.paths_of(state), lambda one: jobs.check_badges(one, badges))


def stop(state: Path, job_id: int, by: str) -> Job:
    """Begin nothing more of a job; UsageError when it is over, or there is none."""
    paths = asking.paths_of(state)
    now_ms = time.time_ns() // 1_000_000
    asking.read(paths, lambda one: jobs.check_running(one, job_id))
    request = {"stop": job_id, "by": by, "at_ms": now_ms}
    _kept(paths, request, lambda one: jobs.stop(one, job_id, by, now_ms), request_name())
    return job(state, job_id)


def job(state: Path, job_id: int) -> Job:
    """One job; UsageError when there is none of that id."""
    found = asking.read(asking.paths_of(state), lambda one: jobs.read(one, job_id))
    if found is None:
        raise UsageError(f"There is no job {job_id}: `nabij fleet status` shows those there are.")
    return found


def newest(state: Path) -> list[Job]:
    """The newest jobs, newest first."""
    return asking.read(asking.paths_of(state), lambda one: jobs.newest(one, _SHOWN))


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
    asked = asking.Request(
        paths.fleet_requests / f"{name}{_SUFFIX}",
        json.dumps(request).encode(),
        lambda store: store.write(work),
        lambda store: take_in(paths, store, lambda _sentence: None),
    )
    asking.ask(paths, asked)

"""What a person asks of a fleet, beside a running receiver or without one.

Without one the job waits for the next start.
"""

import base64
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.asking import Kind
from nabij.centre.fleet import jobs
from nabij.centre.fleet.jobs import Job, Wanted
from nabij.errors import NabijError, UsageError

_SHOWN: Final = 20


def begin(state: Path, wanted: Wanted) -> Job:
    """Keep a job for a receiver to work off; UsageError that says what is wrong with it."""
    paths = asking.paths_of(state)
    check(state, wanted.badges)
    asking.ask_for(REQUESTS, paths, _to_json(wanted), name=wanted.request)
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
    asking.ask_for(REQUESTS, paths, {"stop": job_id, "by": by, "at_ms": now_ms})
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


def _do(connection: sa.Connection, values: dict[str, Any]) -> None:
    if "stop" in values:
        jobs.stop(connection, int(values["stop"]), str(values["by"]), int(values["at_ms"]))
        return
    jobs.begin(connection, _from_json(values))


def _from_json(values: dict[str, Any]) -> Wanted:
    """What is asked for; ValueError, TypeError or KeyError when it is not that.

    One that cannot be worked off, as of a newer release, would keep all others waiting.
    """
    content = base64.b64decode(values["content"], validate=True)
    badges = tuple(map(str, values["badges"]))
    wanted = Wanted(**{**values, "content": content, "badges": badges})
    if wanted.kind not in jobs.KINDS:
        raise ValueError(f"no job is a {wanted.kind!r}")
    for text in (wanted.request, wanted.what, wanted.by):
        if type(text) is not str:
            raise TypeError(f"{text!r} is no text")
    for number in (wanted.at_once, wanted.halt_percent, wanted.at_ms):
        if type(number) is not int:
            raise TypeError(f"{number!r} is no number")
    return wanted


def _to_json(wanted: Wanted) -> dict[str, Any]:
    return {**wanted.__dict__, "content": base64.b64encode(wanted.content).decode()}


REQUESTS: Final = Kind(lambda paths: paths.fleet_requests, _do, "A job for badges was refused.")

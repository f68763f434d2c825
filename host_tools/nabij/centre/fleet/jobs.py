"""Jobs for badges by the link, and how far each badge is; the states of both in one table.

Each function works inside the transaction of its caller.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre.database import schema
from nabij.centre.database.fleet_tables import fleet_job, fleet_step
from nabij.centre.people import audit
from nabij.errors import UsageError

KINDS: Final = ("config", "renew", "update")
CONFIG, RENEW, UPDATE = KINDS
# Of a job: one is at work at a time, the oldest.
RUNNING, HALTED, STOPPED, FINISHED = "running", "halted", "stopped", "finished"
# Of a badge in it: not yet, sent and being tried, and how it ended.
WAITING, TRIAL, DONE, FAILED = "waiting", "trial", "done", "failed"
_OPEN: Final = (WAITING, TRIAL)


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for: a job for these badges.

    At most `at_once` are at work, and it halts when of those that are through more than
    `halt_percent` have failed.
    """

    request: str
    kind: str
    what: str
    content: bytes
    badges: tuple[str, ...]
    at_once: int
    halt_percent: int
    by: str
    at_ms: int


@dataclass(frozen=True)
class Step:
    """How far a badge is."""

    badge: str
    state: str = WAITING
    tries: int = 0
    done_bytes: int = 0
    of_bytes: int = 0
    said: str = ""
    changed_ms: int = 0
    due_ms: int = 0

    @property
    def is_open(self) -> bool:
        """Whether there is more to do."""
        return self.state in _OPEN


@dataclass(frozen=True)
class Job:
    """A job and its badges, by id."""

    id: int
    kind: str
    what: str
    asked_by: str
    asked_ms: int
    at_once: int
    halt_percent: int
    state: str
    ended_ms: int | None
    steps: tuple[Step, ...]

    def count(self, state: str) -> int:
        """How many badges are so far."""
        return sum(step.state == state for step in self.steps)

    def fields(self) -> dict[str, Any]:
        """For --json."""
        names = ("id", "kind", "what", "asked_by", "asked_ms", "at_once", "halt_percent")
        found = {name: getattr(self, name) for name in names}
        found |= {"state": self.state, "ended_ms": self.ended_ms}
        return {**found, "badges": [step.__dict__ for step in self.steps]}


def begin(connection: sa.Connection, wanted: Wanted) -> int:
    """Keep a job; its id, also when it was kept before. UsageError for badges nobody knows."""
    known = sa.select(fleet_job.c.id).where(fleet_job.c.request == wanted.request)
    job_id = connection.execute(known).scalar_one_or_none()
    if job_id is not None:
        return int(job_id)
    chosen = check_badges(connection, wanted.badges)
    values = {
        "request": wanted.request,
        "kind": wanted.kind,
        "what": wanted.what,
        "asked_by": wanted.by,
        "asked_ms": wanted.at_ms,
        "at_once": wanted.at_once,
        "halt_percent": wanted.halt_percent,
        "content": wanted.content,
        "state": RUNNING,
    }
    made = fleet_job.insert().values(values).returning(fleet_job.c.id)
    job_id = int(connection.execute(made).scalar_one())
    rows = [
        {"job_id": job_id, **replace(Step(badge), changed_ms=wanted.at_ms).__dict__}
        for badge in chosen
    ]
    connection.execute(fleet_step.insert(), rows)
    detail = f"{wanted.what}, {len(chosen)} badges"
    audit.add(connection, wanted.at_ms, wanted.by, f"fleet {wanted.kind}", detail=detail)
    return job_id


def check_badges(connection: sa.Connection, badges: Collection[str]) -> list[str]:
    """These badges, or all when none is named; UsageError for one that nobody knows."""
    in_use = sa.select(schema.badge.c.badge).where(
        schema.badge.c.revoked_ms.is_(None), schema.IS_BADGE
    )
    known = set(connection.execute(in_use).scalars())
    strangers = sorted(set(badges) - known)
    if strangers:
        raise UsageError(
            f"Badge {strangers[0]} is not enrolled, or revoked: leave it out, or enrol it first."
        )
    if not known:
        raise UsageError("No badge is enrolled: there is nobody to send this to.")
    return sorted(set(badges) or known)


def read(connection: sa.Connection, job_id: int) -> Job | None:
    """One job."""
    found = _jobs(connection, fleet_job.c.id == job_id)
    return found[0] if found else None


def newest_of(request: str) -> Callable[[sa.Connection], Job | None]:
    """The job of a request, once it is kept."""

    def find(connection: sa.Connection) -> Job | None:
        found = _jobs(connection, fleet_job.c.request == request)
        return found[0] if found else None

    return find


def newest(connection: sa.Connection, limit: int) -> list[Job]:
    """The newest jobs, newest first."""
    ids = sa.select(fleet_job.c.id).order_by(fleet_job.c.id.desc()).limit(limit)
    return _jobs(connection, fleet_job.c.id.in_(ids.scalar_subquery()))


def at_work(connection: sa.Connection) -> Job | None:
    """The oldest job that is not over."""
    first = sa.select(sa.func.min(fleet_job.c.id)).where(fleet_job.c.state == RUNNING)
    found = _jobs(connection, fleet_job.c.id == first.scalar_subquery())
    return found[0] if found else None


def content(connection: sa.Connection, job_id: int) -> bytes:
    """What the job has for its badges."""
    found = sa.select(fleet_job.c.content).where(fleet_job.c.id == job_id)
    return bytes(connection.execute(found).scalar_one())


def note(connection: sa.Connection, job_id: int, step: Step) -> None:
    """Keep how far a badge is, unless that is over."""
    columns = fleet_step.c
    connection.execute(
        fleet_step.update()
        .where(columns.job_id == job_id, columns.badge == step.badge, columns.state.in_(_OPEN))
        .values({name: value for name, value in step.__dict__.items() if name != "badge"})
    )


def settle(connection: sa.Connection, job_id: int, now_ms: int) -> str:
    """End the job that is through, or halt one in which too many fail; its state then."""
    job = read(connection, job_id)
    if job is None or job.state != RUNNING:
        return STOPPED if job is None else job.state
    through, failed = job.count(DONE) + job.count(FAILED), job.count(FAILED)
    if failed * 100 > job.halt_percent * through and through < len(job.steps):
        return _end(connection, job, HALTED, now_ms)
    if through == len(job.steps):
        return _end(connection, job, FINISHED, now_ms)
    return RUNNING


def stop(connection: sa.Connection, job_id: int, by: str, now_ms: int) -> None:
    """Begin nothing more of it; UsageError when it is over, or there is none."""
    _end(connection, check_running(connection, job_id), STOPPED, now_ms)
    audit.add(connection, now_ms, by, "fleet stop", detail=f"job {job_id}")


def check_running(connection: sa.Connection, job_id: int) -> Job:
    """The job; UsageError when it is over, or there is none."""
    job = read(connection, job_id)
    if job is None or job.state != RUNNING:
        is_so = "There is no such job" if job is None else f"Job {job_id} is {job.state} already"
        raise UsageError(f"{is_so}: `nabij fleet status` shows those that run.")
    return job


def _end(connection: sa.Connection, job: Job, state: str, now_ms: int) -> str:
    values = {"state": state, "ended_ms": now_ms}
    connection.execute(fleet_job.update().where(fleet_job.c.id == job.id).values(values))
    return state


def _jobs(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Job]:
    columns = [one for one in fleet_job.c if one.name not in ("content", "request")]
    rows = connection.execute(
        sa.select(*columns).where(which).order_by(fleet_job.c.id.desc())
    ).mappings()
    return [Job(**row, steps=tuple(_steps(connection, row["id"]))) for row in rows.all()]


def _steps(connection: sa.Connection, job_id: int) -> Sequence[Step]:
    columns = [one for one in fleet_step.c if one.name != "job_id"]
    found = sa.select(*columns).where(fleet_step.c.job_id == job_id).order_by(fleet_step.c.badge)
    return [Step(**row) for row in connection.execute(found).mappings()]

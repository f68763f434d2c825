"""What a person does with plans, beside a running receiver or without one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.asking import WAIT_S, Kind
from nabij.centre.database import escalation_tables as tables
from nabij.centre.database import schema
from nabij.centre.escalation import answers, lint, outbox, plan_file, plan_rows, rounds
from nabij.centre.escalation.lint import Known
from nabij.centre.escalation.outbox import Row
from nabij.centre.escalation.plan import Book, Channel
from nabij.centre.escalation.rounds import Begun
from nabij.centre.notify.attempt import can_use
from nabij.centre.people import audit
from nabij.errors import NabijError, UsageError

_SUFFIX: Final = ".json"
Result = TypeVar("Result")


def read(state: Path, work: Callable[[sa.Connection], Result]) -> Result:
    """What `work` reads of the database, whether a receiver runs or not."""
    return asking.read(asking.paths_of(state), work)


def findings(connection: sa.Connection, book: Book | None = None) -> list[str]:
    """What is wrong with these plans, or with those that are kept, as of now."""
    in_use = sa.select(schema.badge.c.badge).where(schema.badge.c.revoked_ms.is_(None))
    badges = list(connection.execute(in_use).scalars())
    kept = plan_rows.read(connection)
    failing = outbox.failing(connection)
    wanted = kept if book is None else book
    # What failed counts while the channel is the one that failed.
    same = {
        (person, name): said
        for (person, name), said in failing.items()
        if _channel(wanted, person, name) == _channel(kept, person, name)
    }
    now_ms = time.time_ns() // 1_000_000
    return lint.findings(wanted, now_ms, Known(can_use, same, badges))


def _channel(book: Book, person: str, name: str) -> Channel | None:
    found = book.people.get(person)
    return None if found is None else found.channel(name)


def keep_plans(state: Path, text: str, by: str = "", wait_s: float = WAIT_S) -> Book:
    """Keep the plans of a file in place of all others; UsageError that names what is wrong."""
    wanted = plan_file.read(text, read(state, plan_rows.read))
    values = {"plans": text, "at_ms": time.time_ns() // 1_000_000, "by": by}
    asking.ask_for(REQUESTS, asking.paths_of(state), values, wait_s=wait_s)
    if read(state, plan_rows.read) != wanted:
        raise NabijError("The receiver refused the plans, and says why where it runs: ask again.")
    return wanted


def begin_drill(state: Path, plan: str, by: str = "", wait_s: float = WAIT_S) -> int:
    """Have a running receiver begin a drill; its id. NabijError without a receiver."""
    paths = asking.paths_of(state)
    book = read(state, plan_rows.read)
    if plan not in book.plans:
        there = ", ".join(book.plans) or "none"
        raise UsageError(f"There is no plan {plan}: name one of those that there are ({there}).")
    if not asking.is_served(paths):
        raise NabijError("No receiver runs on this state folder: start `nabij serve` first.")
    last = read(state, _last_drill)
    values = {"drill": plan, "at_ms": time.time_ns() // 1_000_000, "by": by}
    asking.ask_for(REQUESTS, paths, values, wait_s=wait_s)
    found = read(state, _last_drill)
    if found == last:
        raise NabijError("The receiver refused the drill, and says why where it runs: ask again.")
    return found


def drill(
    drill_id: int, connection: sa.Connection
) -> tuple[list[Row], list[tuple[Row, str, int]], bool]:
    """Who was told, who answered what at which time, and whether it is over."""
    columns = tables.escalation.c
    ended = sa.select(columns.ended_ms).where(columns.id == drill_id)
    is_ended = connection.execute(ended).scalar_one() is not None
    rows = outbox.rows_of(connection, drill_id)
    return rows, answers.answers_of(connection, drill_id), is_ended


def _do(connection: sa.Connection, values: dict[str, Any]) -> None:
    known = plan_rows.read(connection)
    at_ms, by = int(values["at_ms"]), str(values.get("by", ""))
    if "drill" not in values:
        wanted = plan_file.read(str(values["plans"]), known)
        plan_rows.replace(connection, wanted)
        audit.add(connection, at_ms, by, audit.CHANGED_PLANS, detail=", ".join(wanted.plans))
        return
    plan = known.plans.get(str(values["drill"]))
    if plan is None:
        raise UsageError(f"There is no plan {values['drill']}: name another one.")
    rounds.begin(connection, known, plan, Begun(None, 0, at_ms))
    audit.add(connection, at_ms, by, audit.BEGAN_DRILL, detail=plan.name)


REQUESTS: Final = Kind(lambda paths: paths.plan_requests, _do, "Plans were refused.")


def _last_drill(connection: sa.Connection) -> int:
    columns = tables.escalation.c
    newest = sa.select(sa.func.max(columns.id)).where(columns.incident_id.is_(None))
    return int(connection.execute(newest).scalar_one() or 0)

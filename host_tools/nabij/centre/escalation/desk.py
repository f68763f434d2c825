"""What a person does with plans, beside a running receiver or without one.

The database has one owner: beside a running receiver a request waits as a file in the state folder
until the receiver has committed it.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from nabij.centre import beside
from nabij.centre.database import escalation_tables as tables
from nabij.centre.database import schema
from nabij.centre.database.lock import LockedError
from nabij.centre.database.place import place_of
from nabij.centre.escalation import answers, lint, outbox, plan_file, plan_rows, rounds
from nabij.centre.escalation.lint import Known
from nabij.centre.escalation.outbox import Row
from nabij.centre.escalation.plan import Book, Channel
from nabij.centre.escalation.rounds import Begun
from nabij.centre.notify.attempt import can_use
from nabij.centre.recurring import tried
from nabij.centre.store import Store
from nabij.errors import NabijError, UsageError
from nabij.paths import PRIVATE, StatePaths, read_file, write_file

# A running receiver looks twice a second; one that waits for its disk may take longer.
WAIT_S: Final = 15.0
_LOOK_S: Final = 0.1
_SUFFIX: Final = ".json"
Result = TypeVar("Result")


@dataclass(frozen=True)
class Request:
    """Plans to keep in place of all others, or the plan of a drill; the other one is empty."""

    name: str
    plans: str = ""
    drill: str = ""
    at_ms: int = 0


def read(state: Path, work: Callable[[sa.Connection], Result]) -> Result:
    """What `work` reads of the database, whether a receiver runs or not."""
    paths = _paths(state)
    try:
        store = Store(paths)
    except LockedError:
        return beside.read(paths, work)
    try:
        return store.read(work)
    finally:
        store.close()


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


def keep_plans(state: Path, text: str, wait_s: float = WAIT_S) -> Book:
    """Keep the plans of a file in place of all others; UsageError that names what is wrong."""
    paths = _paths(state)
    wanted = plan_file.read(text, read(state, plan_rows.read))
    request = Request(f"{time.time_ns():020d}-{secrets.token_hex(4)}", plans=text)

    def keep() -> bool:
        try:
            store = Store(paths)
        except LockedError:
            return False
        try:
            store.write(lambda one: plan_rows.replace(one, wanted))
        finally:
            store.close()
        return True

    if not keep():
        _hand_over(paths, request, wait_s)
    if read(state, plan_rows.read) != wanted:
        raise NabijError("The receiver refused the plans, and says why where it runs: ask again.")
    return wanted


def begin_drill(state: Path, plan: str, wait_s: float = WAIT_S) -> int:
    """Have a running receiver begin a drill; its id. NabijError without a receiver."""
    paths = _paths(state)
    book = read(state, plan_rows.read)
    if plan not in book.plans:
        there = ", ".join(book.plans) or "none"
        raise UsageError(f"There is no plan {plan}: name one of those that there are ({there}).")
    try:
        Store(paths).close()
    except LockedError:
        pass
    else:
        raise NabijError("No receiver runs on this state folder: start `nabij serve` first.")
    last = read(state, _last_drill)
    at_ms = time.time_ns() // 1_000_000
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    _hand_over(paths, Request(name, drill=plan, at_ms=at_ms), wait_s)
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


def take_in(paths: StatePaths, store: Store, say: Callable[[str], None]) -> None:
    """For the receiver: take the waiting requests into the database, oldest first."""
    for file in sorted(paths.plan_requests.glob(f"*{_SUFFIX}")):
        try:
            content = read_file(file, "the request", "ask for it again")
            values: dict[str, Any] = json.loads(content)
            request = Request(**values)
            store.write(lambda one, request=request: _do(one, request))  # type: ignore[misc]
        except (ValueError, TypeError):
            say(f"{file.name} in {paths.plan_requests} is no request of nabij: it was removed.")
        except UsageError as error:
            say(f"Plans were refused. {error.sentence}")
        file.unlink(missing_ok=True)


def _do(connection: sa.Connection, request: Request) -> None:
    known = plan_rows.read(connection)
    if request.drill:
        plan = known.plans.get(request.drill)
        if plan is None:
            raise UsageError(f"There is no plan {request.drill}: name another one.")
        rounds.begin(connection, known, plan, Begun(None, 0, request.at_ms))
    else:
        plan_rows.replace(connection, plan_file.read(request.plans, known))


def _last_drill(connection: sa.Connection) -> int:
    columns = tables.escalation.c
    newest = sa.select(sa.func.max(columns.id)).where(columns.incident_id.is_(None))
    return int(connection.execute(newest).scalar_one() or 0)


def _hand_over(paths: StatePaths, request: Request, wait_s: float) -> None:
    file = paths.plan_requests / f"{request.name}{_SUFFIX}"
    write_file(file, json.dumps(request.__dict__).encode(), PRIVATE)
    if not tried(lambda: not file.exists() or None, wait_s, _LOOK_S):
        raise NabijError(
            f"The receiver has not taken this in within {wait_s:g} s: it keeps it and does so "
            "later, at its next start at the latest."
        )


def _paths(state: Path) -> StatePaths:
    paths = StatePaths(state)
    if not place_of(paths).exists():
        raise UsageError(f"There is no receiver in {state}: give its --state folder.")
    return paths

"""Whose permit is missing for the work of now: what wearers feel and supervisors are told.

Each function works inside the transaction of its caller. Nothing is said while the register has
no permits at all: that employer keeps them elsewhere.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import people_schema
from nabij.centre.database import workforce_tables as tables
from nabij.centre.workforce import rows, rules
from nabij.centre.workforce.rules import Permit, Planned, Sort, Task, Verdict

# Who comes early to a shift feels what is missing for it, and not for the one before.
EARLY_MS: Final = 2 * 3_600_000


@dataclass(frozen=True)
class Wearer:
    """Who has a badge now; `is_worker`: the register has them."""

    badge: str
    person_id: int
    name: str
    born: str | None
    is_worker: bool


def of_badges(connection: sa.Connection, now_ms: int) -> dict[str, tuple[str, ...]]:
    """By badge: the sentences about its wearer, where anything is missing now."""
    if connection.execute(sa.select(tables.permit.c.id).limit(1)).first() is None:
        return {}
    wearers = _wearers(connection)
    shifts, permits = _shifts(connection, now_ms), _permits(connection)
    tasks = rows.tasks(connection)
    today = dt.datetime.fromtimestamp(now_ms / 1000).astimezone().date()
    found = {}
    for one in wearers:
        planned = shifts.get(one.person_id)
        mine = permits.get(one.person_id, [])
        if planned is not None:
            said = _of_plan(one, planned, tasks, mine)
        else:
            said = rules.lapsed(one.name, mine, today) if one.is_worker else ()
        if said:
            found[one.badge] = said
    return found


def _of_plan(
    wearer: Wearer, row: sa.RowMapping, tasks: Mapping[str, Task], permits: list[Permit]
) -> tuple[str, ...]:
    task = tasks.get(row["task"])
    if task is None:
        return ()
    shift = Planned(
        worker=wearer.name,
        task=row["task"],
        site=row["site"],
        begins=dt.datetime.fromisoformat(row["begins"]),
        ends=dt.datetime.fromisoformat(row["ends"]),
        alone=row["alone"],
    )
    born = None if wearer.born is None else dt.date.fromisoformat(wearer.born)
    verdict: Verdict = rules.judge(shift, born, task, permits)
    return (*verdict.refused, *verdict.missing)


def _wearers(connection: sa.Connection) -> list[Wearer]:
    given, person, worker = people_schema.assignment, people_schema.person, tables.worker
    statement = (
        sa.select(
            given.c.badge,
            person.c.id.label("person_id"),
            person.c.name,
            worker.c.born,
            worker.c.person_id.is_not(None).label("is_worker"),
        )
        .join(person, person.c.id == given.c.person_id)
        .outerjoin(worker, worker.c.person_id == person.c.id)
        .where(given.c.until_ms.is_(None))
    )
    return [Wearer(**row) for row in connection.execute(statement).mappings()]


def _shifts(connection: sa.Connection, now_ms: int) -> dict[int, sa.RowMapping]:
    """By person: the shift of now, else the one that begins soon."""
    table = tables.planned_shift
    within = sa.and_(table.c.begins_ms <= now_ms + EARLY_MS, table.c.ends_ms > now_ms)
    # One that lasts longer is found too: none is planned for more than two days.
    within = sa.and_(within, table.c.begins_ms > now_ms - 2 * 86_400_000)
    found: dict[int, sa.RowMapping] = {}
    for row in connection.execute(sa.select(table).where(within).order_by(table.c.begins_ms)):
        found.setdefault(row.person_id, row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return found


def _permits(connection: sa.Connection) -> dict[int, list[Permit]]:
    table, given = tables.permit, people_schema.assignment
    wears = sa.select(given.c.person_id).where(given.c.until_ms.is_(None))
    found: dict[int, list[Permit]] = {}
    for row in connection.execute(sa.select(table).where(table.c.person_id.in_(wears))):
        found.setdefault(row.person_id, []).append(
            Permit(
                worker="",
                sort=Sort(row.sort),
                task=row.task,
                site=row.site,
                granted=row.granted,
                given_by=row.given_by,
                first=dt.date.fromisoformat(row.first),
                last=dt.date.fromisoformat(row.last),
            )
        )
    return found

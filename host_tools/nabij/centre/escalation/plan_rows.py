"""The plans as rows; whom they call are people of the console, known to plans by a key.

Each function works inside the transaction of its caller.
"""

from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre.database import escalation_tables as tables
from nabij.centre.database import people_schema as people
from nabij.centre.escalation import hours, plan_look
from nabij.centre.escalation.called import add_channels, read_people, unnamed
from nabij.centre.escalation.plan import Book, Person, Plan, Step, Until, When
from nabij.errors import UsageError

_NEWEST_LAST: Final = (tables.plan_step, tables.plan_badge, tables.plan)


def replace(connection: sa.Connection, book: Book) -> None:
    """Keep these plans in place of all others; who is being told goes on being told.

    A person of the file is the one of the console who has that key, else the only one here who has
    that name and none, else a new one. Those that it does not name stay, and are not called.
    """
    for table in _NEWEST_LAST:
        connection.execute(table.delete())
    ids = {key: _person_id(connection, person) for key, person in book.people.items()}
    gone = people.person.c.key.not_in(sorted(ids))
    for person_id in connection.execute(sa.select(people.person.c.id).where(gone)).scalars().all():
        unnamed(connection, person_id)
    for key, person in book.people.items():
        add_channels(connection, ids[key], person)
    for place, plan in enumerate(book.plans.values()):
        _add_plan(connection, plan, place, ids)
    plan_look.changed(connection)


def read(connection: sa.Connection) -> Book:
    """All plans, in the order in which they were given, and all who can be called."""
    keys, called = read_people(connection)
    steps = _by(connection, tables.plan_step, "plan", "position")
    badges = _by(connection, tables.plan_badge, "plan", "badge")
    plans = {
        row["name"]: _plan(row, steps[row["name"]], badges.get(row["name"], []), keys)
        for row in _in_order(connection, tables.plan, "place")
    }
    return Book(called, plans)


def is_any(connection: sa.Connection) -> bool:
    """Whether there is a plan."""
    return connection.execute(sa.select(tables.plan.c.name).limit(1)).first() is not None


def url(connection: sa.Connection, responder: str, channel: str) -> str | None:
    """The address of that channel now; None when it is gone."""
    columns = people.person_channel.c
    found = (
        sa.select(columns.url)
        .join(people.person, people.person.c.id == columns.person_id)
        .where(people.person.c.key == responder, columns.name == channel)
    )
    return connection.execute(found).scalar_one_or_none()


def plans_with(connection: sa.Connection, person_id: int) -> list[str]:
    """The plans that call that person, by name."""
    columns = tables.plan_step.c
    found = sa.select(columns.plan).where(columns.whom == person_id).distinct()
    return sorted(connection.execute(found).scalars())


def _person_id(connection: sa.Connection, person: Person) -> int:
    columns = people.person.c
    named = sa.select(columns.id).where(columns.key == person.key)
    if (found := connection.execute(named).scalar_one_or_none()) is not None:
        return int(found)
    alike = sa.select(columns.id).where(
        columns.name == person.name, columns.key.is_(None), columns.left_ms.is_(None)
    )
    there = connection.execute(alike).scalars().all()
    if len(there) == 1:
        return int(there[0])
    if there:
        raise UsageError(
            f"Several people are called {person.name}: give the right one the name '{person.key}' "
            "in plans, on the page of people."
        )
    new = people.person.insert().values(name=person.name, wears=False).returning(columns.id)
    return int(connection.execute(new).scalar_one())


def _add_plan(connection: sa.Connection, plan: Plan, place: int, ids: dict[str, int]) -> None:
    row = {
        "name": plan.name,
        "place": place,
        "zone": plan.zone,
        "working": plan.working.text,
        "claim_min": plan.claim_min,
        "repeat_min": plan.repeat_min,
        "link": plan.link,
    }
    connection.execute(tables.plan.insert().values(row))
    for badge in plan.badges:
        connection.execute(tables.plan_badge.insert().values(badge=badge, plan=plan.name))
    for position, step in enumerate(plan.all_steps):
        values = {
            "plan": plan.name,
            "position": position,
            "after_s": step.after_s,
            "whom": ids[step.whom],
            "channels": " ".join(step.channels),
            "during": str(step.when),
            "wakes": step.wakes,
            "until": str(step.until),
        }
        connection.execute(tables.plan_step.insert().values(values))


def _plan(row: sa.RowMapping, steps: list[Any], badges: list[Any], keys: dict[int, str]) -> Plan:
    *before, last = [
        Step(
            one["after_s"],
            keys[one["whom"]],
            tuple(one["channels"].split()),
            When(one["during"]),
            one["wakes"],
            Until(one["until"]),
        )
        for one in steps
    ]
    return Plan(
        name=row["name"],
        zone=row["zone"],
        steps=tuple(before),
        last=last,
        badges=tuple(one["badge"] for one in badges),
        working=hours.parse(row["working"]),
        claim_min=row["claim_min"],
        repeat_min=row["repeat_min"],
        link=row["link"],
    )


def _by(
    connection: sa.Connection, table: sa.Table, key: str, order: str
) -> dict[str, list[sa.RowMapping]]:
    rows = _in_order(connection, table, key, order)
    return {name: list(group) for name, group in groupby(rows, lambda row: str(row[key]))}


def _in_order(connection: sa.Connection, table: sa.Table, *order: str) -> list[sa.RowMapping]:
    statement = sa.select(table).order_by(*(table.c[name] for name in order))
    return list(connection.execute(statement).mappings())

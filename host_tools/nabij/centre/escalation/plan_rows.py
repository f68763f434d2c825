"""The plans as rows. Each function works inside the transaction of its caller."""

from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from nabij.centre.database import escalation_tables as tables
from nabij.centre.escalation import hours
from nabij.centre.escalation.plan import Away, Book, Channel, Person, Plan, Step, Until, When

_NEWEST_LAST = (
    tables.plan_step,
    tables.plan_badge,
    tables.plan,
    tables.responder_away,
    tables.responder_channel,
    tables.responder,
)


def replace(connection: sa.Connection, book: Book) -> None:
    """Keep these plans and people in place of all others; who is being told goes on being told."""
    for table in _NEWEST_LAST:
        connection.execute(table.delete())
    for place, person in enumerate(book.people.values()):
        _add_person(connection, person, place)
    for place, plan in enumerate(book.plans.values()):
        _add_plan(connection, plan, place)


def read(connection: sa.Connection) -> Book:
    """All plans and people, in the order in which they were given."""
    channels = _by(connection, tables.responder_channel, "responder", "place")
    away = _by(connection, tables.responder_away, "responder", "place")
    steps = _by(connection, tables.plan_step, "plan", "position")
    badges = _by(connection, tables.plan_badge, "plan", "badge")
    people = {
        row["key"]: Person(
            key=row["key"],
            name=row["name"],
            channels=tuple(
                Channel(one["name"], one["url"]) for one in channels.get(row["key"], [])
            ),
            zone=row["zone"],
            quiet=hours.parse(row["quiet"]),
            away=tuple(map(_away, away.get(row["key"], []))),
        )
        for row in _in_order(connection, tables.responder, "place")
    }
    plans = {
        row["name"]: _plan(row, steps[row["name"]], badges.get(row["name"], []))
        for row in _in_order(connection, tables.plan, "place")
    }
    return Book(people, plans)


def is_any(connection: sa.Connection) -> bool:
    """Whether there is a plan."""
    return connection.execute(sa.select(tables.plan.c.name).limit(1)).first() is not None


def url(connection: sa.Connection, responder: str, channel: str) -> str | None:
    """The address of that channel now; None when it is gone."""
    columns = tables.responder_channel.c
    found = sa.select(columns.url).where(columns.responder == responder, columns.name == channel)
    return connection.execute(found).scalar_one_or_none()


def _add_person(connection: sa.Connection, person: Person, place: int) -> None:
    values = {"key": person.key, "place": place, "name": person.name, "zone": person.zone}
    connection.execute(tables.responder.insert().values(**values, quiet=person.quiet.text))
    for number, channel in enumerate(person.channels):
        row = {"responder": person.key, "place": number, "name": channel.name, "url": channel.url}
        connection.execute(tables.responder_channel.insert().values(row))
    for number, one in enumerate(person.away):
        days = {"first": one.first.isoformat(), "last": one.last.isoformat()}
        row = {"responder": person.key, "place": number, **days, "stand_in": one.stand_in}
        connection.execute(tables.responder_away.insert().values(row))


def _add_plan(connection: sa.Connection, plan: Plan, place: int) -> None:
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
            "whom": step.whom,
            "channels": " ".join(step.channels),
            "during": str(step.when),
            "wakes": step.wakes,
            "until": str(step.until),
        }
        connection.execute(tables.plan_step.insert().values(values))


def _plan(row: sa.RowMapping, steps: list[Any], badges: list[Any]) -> Plan:
    *before, last = [
        Step(
            one["after_s"],
            one["whom"],
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


def _away(row: sa.RowMapping) -> Away:
    days = (date.fromisoformat(row["first"]), date.fromisoformat(row["last"]))
    return Away(*days, row["stand_in"])


def _by(
    connection: sa.Connection, table: sa.Table, key: str, order: str
) -> dict[str, list[sa.RowMapping]]:
    rows = _in_order(connection, table, key, order)
    return {name: list(group) for name, group in groupby(rows, lambda row: str(row[key]))}


def _in_order(connection: sa.Connection, table: sa.Table, *order: str) -> list[sa.RowMapping]:
    statement = sa.select(table).order_by(*(table.c[name] for name in order))
    return list(connection.execute(statement).mappings())

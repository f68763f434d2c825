"""The people: wearers and others, their teams and sites, whom to call and what to do.

Each function works inside the transaction of its caller.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre.database import people_schema as tables
from nabij.centre.people import zones
from nabij.errors import UsageError

LONGEST_NAME: Final = 100
LONGEST_TEXT: Final = 4_000
MOST_CONTACTS: Final = 20
LANGUAGES: Final = ("en", "nl")


@dataclass(frozen=True)
class Person:
    """`left_ms` is when the person left, None for one of now; `wears`: is given a badge.

    Plans call them by `key`, None for not at all, outside of `quiet` hours of their `zone`.
    """

    id: int
    name: str
    team_id: int | None
    language: str
    phone: str
    note: str
    action_plan: str
    wears: bool
    left_ms: int | None
    key: str | None = None
    zone: str = ""
    quiet: str = ""


@dataclass(frozen=True)
class Wanted:
    """What a person is to be."""

    name: str
    team_id: int | None = None
    language: str = "en"
    phone: str = ""
    note: str = ""
    action_plan: str = ""
    wears: bool = True


@dataclass(frozen=True)
class Contact:
    """Whom to call about somebody, and how."""

    name: str
    reach: str


@dataclass(frozen=True)
class Team:
    """A group of people, at a site or at none."""

    id: int
    name: str
    site_id: int | None
    action_plan: str


@dataclass(frozen=True)
class Site:
    """A place where people work."""

    id: int
    name: str
    address: str
    note: str
    # An IANA name; empty for that of the receiver's machine.
    zone: str = ""


def add(connection: sa.Connection, wanted: Wanted) -> Person:
    """A new person; UsageError for what cannot be."""
    values = _checked(connection, wanted)
    insert = tables.person.insert().values(values).returning(tables.person)
    return Person(**connection.execute(insert).mappings().one())


def change(connection: sa.Connection, person_id: int, wanted: Wanted) -> Person:
    """Give a person these values; UsageError when there is none, or for what cannot be."""
    mine = tables.person.c.id == person_id
    values = _checked(connection, wanted)
    update = tables.person.update().where(mine).values(values).returning(tables.person)
    row = connection.execute(update).mappings().one_or_none()
    if row is None:
        raise _no_person(person_id)
    return Person(**row)


def leave(connection: sa.Connection, person_id: int, now_ms: int) -> None:
    """The person is here no more; UsageError while a badge is theirs."""
    wears = sa.select(tables.assignment.c.badge).where(
        tables.assignment.c.person_id == person_id, tables.assignment.c.until_ms.is_(None)
    )
    badges = list(connection.execute(wears).scalars())
    if badges:
        raise UsageError(f"Badge {badges[0]} is still theirs: have it given back first.")
    mine = sa.and_(tables.person.c.id == person_id, tables.person.c.left_ms.is_(None))
    if not connection.execute(tables.person.update().where(mine).values(left_ms=now_ms)).rowcount:
        raise _no_person(person_id)


def find(connection: sa.Connection, person_id: int) -> Person:
    """The person; UsageError when there is none of that id."""
    statement = sa.select(tables.person).where(tables.person.c.id == person_id)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise _no_person(person_id)
    return Person(**row)


def present(connection: sa.Connection, *, teams: Collection[int] | None = None) -> list[Person]:
    """Those who have not left, by name; of these teams, or of all with None."""
    columns = tables.person.c
    statement = sa.select(tables.person).where(columns.left_ms.is_(None))
    if teams is not None:
        statement = statement.where(columns.team_id.in_(sorted(teams)))
    rows = connection.execute(statement.order_by(columns.name, columns.id)).mappings()
    return [Person(**row) for row in rows]


def contacts(connection: sa.Connection, person_id: int) -> list[Contact]:
    """Whom to call about the person, the first first."""
    columns = tables.contact.c
    mine = sa.select(columns.name, columns.reach).where(columns.person_id == person_id)
    return [Contact(**row) for row in connection.execute(mine.order_by(columns.place)).mappings()]


def set_contacts(connection: sa.Connection, person_id: int, wanted: Sequence[Contact]) -> None:
    """Have these called, in this order; UsageError for one without a name or a way."""
    if len(wanted) > MOST_CONTACTS:
        raise UsageError(f"A person has at most {MOST_CONTACTS} contacts: leave some out.")
    rows = []
    for place, one in enumerate(wanted):
        name, reach = " ".join(one.name.split()), " ".join(one.reach.split())
        _check_name(name, "contact")
        if not reach or len(reach) > LONGEST_NAME:
            raise UsageError(f"Say how {name} is reached, in at most {LONGEST_NAME} characters.")
        rows.append({"person_id": person_id, "place": place, "name": name, "reach": reach})
    find(connection, person_id)
    mine = tables.contact.c.person_id == person_id
    connection.execute(tables.contact.delete().where(mine))
    if rows:
        connection.execute(tables.contact.insert(), rows)


def action_plan(connection: sa.Connection, person_id: int) -> str:
    """What to do about an alarm of theirs: their own plan, else that of their team."""
    person, team = tables.person, tables.team
    statement = (
        sa.select(person.c.action_plan, team.c.action_plan.label("of_team"))
        .outerjoin(team, team.c.id == person.c.team_id)
        .where(person.c.id == person_id)
    )
    row = connection.execute(statement).one_or_none()
    return "" if row is None else row.action_plan or row.of_team or ""


def add_site(
    connection: sa.Connection, name: str, address: str = "", note: str = "", zone: str = ""
) -> Site:
    """A new site; UsageError for a name that is taken, or a zone that there is not."""
    values = _site_values(name, address, note, zone)
    _check_free(connection, tables.site, values["name"], "site")
    insert = tables.site.insert().values(values).returning(tables.site)
    return Site(**connection.execute(insert).mappings().one())


def change_site(connection: sa.Connection, wanted: Site) -> Site:
    """Make the site of that id this; UsageError when there is none, or for what cannot be."""
    values = _site_values(wanted.name, wanted.address, wanted.note, wanted.zone)
    mine = tables.site.c.id == wanted.id
    other = sa.and_(tables.site.c.name == values["name"], ~mine)
    _check_free(connection, tables.site, values["name"], "site", other)
    update = tables.site.update().where(mine).values(values).returning(tables.site)
    row = connection.execute(update).mappings().one_or_none()
    if row is None:
        raise UsageError(f"There is no site {wanted.id}: look at the list again.")
    return Site(**row)


def _site_values(name: str, address: str, note: str, zone: str) -> dict[str, str]:
    name, zone = " ".join(name.split()), zone.strip()
    _check_name(name, "site")
    _check_texts(address=address, note=note)
    if zone:
        zones.zone(zone)
    return {"name": name, "address": address, "note": note, "zone": zone}


def sites(connection: sa.Connection) -> list[Site]:
    """All sites, by name."""
    rows = connection.execute(sa.select(tables.site).order_by(tables.site.c.name)).mappings()
    return [Site(**row) for row in rows]


def add_team(
    connection: sa.Connection, name: str, site_id: int | None = None, action_plan: str = ""
) -> Team:
    """A new team; UsageError for a name that is taken or a site that is not there."""
    name = " ".join(name.split())
    _check_name(name, "team")
    _check_free(connection, tables.team, name, "team")
    _check_texts(action_plan=action_plan)
    _check_is_there(connection, tables.site, site_id, "site")
    values = {"name": name, "site_id": site_id, "action_plan": action_plan}
    insert = tables.team.insert().values(values).returning(tables.team)
    return Team(**connection.execute(insert).mappings().one())


def set_team_plan(connection: sa.Connection, team_id: int, action_plan: str) -> None:
    """What to do about an alarm of one of the team; UsageError when there is no such team."""
    _check_texts(action_plan=action_plan)
    _check_is_there(connection, tables.team, team_id, "team")
    mine = tables.team.c.id == team_id
    connection.execute(tables.team.update().where(mine).values(action_plan=action_plan))


def teams(connection: sa.Connection) -> list[Team]:
    """All teams, by name."""
    rows = connection.execute(sa.select(tables.team).order_by(tables.team.c.name)).mappings()
    return [Team(**row) for row in rows]


def _checked(connection: sa.Connection, wanted: Wanted) -> dict[str, Any]:
    values = asdict(wanted)
    values["name"] = " ".join(wanted.name.split())
    values["phone"] = " ".join(wanted.phone.split())
    _check_name(values["name"], "person")
    _check_texts(phone=values["phone"], note=wanted.note, action_plan=wanted.action_plan)
    if wanted.language not in LANGUAGES:
        raise UsageError(
            f"There is no language '{wanted.language[:20]}' here: give {' or '.join(LANGUAGES)}."
        )
    _check_is_there(connection, tables.team, wanted.team_id, "team")
    return values


def _check_name(name: str, what: str) -> None:
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(f"Give the {what} a name of 1 to {LONGEST_NAME} characters.")


def _check_texts(**texts: str) -> None:
    for name, text in texts.items():
        if len(text) > LONGEST_TEXT:
            words = name.replace("_", " ")
            raise UsageError(f"The {words} is longer than {LONGEST_TEXT} characters: cut it.")


def _check_free(
    connection: sa.Connection,
    table: sa.Table,
    name: str,
    what: str,
    whose: sa.ColumnElement[bool] | None = None,
) -> None:
    taken = table.c.name == name if whose is None else whose
    if connection.execute(sa.select(table.c.id).where(taken)).first() is not None:
        raise UsageError(f"There is a {what} '{name}' already: choose another name.")


def _check_is_there(
    connection: sa.Connection, table: sa.Table, row_id: int | None, what: str
) -> None:
    if row_id is None:
        return
    if connection.execute(sa.select(table.c.id).where(table.c.id == row_id)).first() is None:
        raise UsageError(f"There is no {what} {row_id}: look at the list again.")


def _no_person(person_id: int) -> UsageError:
    return UsageError(f"There is no person {person_id}: look at the list again.")

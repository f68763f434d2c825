"""How people are called: the channels, hours and absences of the people of the console.

Each function works inside the transaction of its caller.
"""

from collections import defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from nabij.centre.database import people_schema as tables
from nabij.centre.escalation import hours
from nabij.centre.escalation.plan import Away, Channel, Person


def read_people(connection: sa.Connection) -> tuple[dict[int, str], dict[str, Person]]:
    """All who have a key: the key by the id of the person, and the person by the key."""
    channels, away = _by_person(connection, "channel"), _by_person(connection, "away")
    columns = tables.person.c
    statement = sa.select(tables.person).where(columns.key.is_not(None)).order_by(columns.id)
    keys: dict[int, str] = {}
    found: dict[str, Person] = {}
    for row in connection.execute(statement).mappings():
        keys[row["id"]] = row["key"]
        found[row["key"]] = Person(
            key=row["key"],
            name=row["name"],
            channels=tuple(Channel(one["name"], one["url"]) for one in channels[row["id"]]),
            zone=row["zone"],
            quiet=hours.parse(row["quiet"]),
            away=tuple(map(_away, away[row["id"]])),
        )
    return keys, found


def add_channels(connection: sa.Connection, person_id: int, person: Person) -> None:
    """Give somebody the key, name, hours and channels of that person, and no others."""
    mine = tables.person.c.id == person_id
    # Whom a plan calls is here.
    values = {"key": person.key, "name": person.name, "left_ms": None}
    hours_of = {"zone": person.zone, "quiet": person.quiet.text}
    connection.execute(tables.person.update().where(mine).values(values | hours_of))
    _forget(connection, person_id)
    for place, channel in enumerate(person.channels):
        row = {"person_id": person_id, "place": place, "name": channel.name, "url": channel.url}
        connection.execute(tables.person_channel.insert().values(row))
    for place, one in enumerate(person.away):
        days = {"first": one.first.isoformat(), "last": one.last.isoformat()}
        row = {"person_id": person_id, "place": place, **days, "stand_in": one.stand_in}
        connection.execute(tables.person_away.insert().values(row))


def unnamed(connection: sa.Connection, person_id: int) -> None:
    """Somebody is called no more: no key, no channels."""
    mine = tables.person.c.id == person_id
    connection.execute(tables.person.update().where(mine).values(key=None, zone="", quiet=""))
    _forget(connection, person_id)


def _forget(connection: sa.Connection, person_id: int) -> None:
    for table in (tables.person_channel, tables.person_away):
        connection.execute(table.delete().where(table.c.person_id == person_id))


def _away(row: sa.RowMapping) -> Away:
    days = (date.fromisoformat(row["first"]), date.fromisoformat(row["last"]))
    return Away(*days, row["stand_in"])


def _by_person(connection: sa.Connection, what: str) -> defaultdict[int, list[Any]]:
    table = tables.person_channel if what == "channel" else tables.person_away
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(sa.select(table).order_by(table.c.place)).mappings():
        found[row["person_id"]].append(row)
    return found

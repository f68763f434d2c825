"""One person, by everything under which the records may know them.

Each function works inside the transaction of its caller.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from nabij.centre.database import people_schema as tables
from nabij.centre.database import schema
from nabij.errors import UsageError


@dataclass(frozen=True)
class Subject:
    """`names` are those that are theirs alone; `accounts` are ids."""

    person_id: int
    name: str
    key: str | None
    accounts: tuple[int, ...]
    names: tuple[str, ...]

    @property
    def mark(self) -> str:
        """What stands in place of the name once they are erased."""
        return mark(self.person_id)

    def incidents(self) -> sa.Select[tuple[int]]:
        """The ids of those of a badge that they had, or that bear their name and are nobody's."""
        incident, given = schema.incident, tables.assignment
        then = sa.and_(
            given.c.badge == incident.c.badge,
            given.c.from_ms <= incident.c.raised_ms,
            sa.or_(given.c.until_ms.is_(None), given.c.until_ms > incident.c.raised_ms),
        )
        theirs = sa.exists().where(then, given.c.person_id == self.person_id)
        by_name = sa.and_(incident.c.wearer.in_(self.names), ~sa.exists().where(then))
        return sa.select(incident.c.id).where(sa.or_(theirs, by_name))

    def alarms(self) -> sa.Select[tuple[int]]:
        """The ids of the alarms of their incidents."""
        alarm = schema.alarm.c
        return sa.select(alarm.id).where(alarm.incident_id.in_(self.incidents()))


def mark(person_id: int) -> str:
    """What an erased person is called, in every language."""
    return f"#{person_id}"


def find(connection: sa.Connection, who: str) -> Subject:
    """The person of that name or number; UsageError when there is none, or there are several."""
    person = tables.person.c
    which = person.name == who.strip()
    if who.strip().isascii() and who.strip().isdigit() and len(who) < 10:
        which = sa.or_(which, person.id == int(who))
    found = connection.execute(sa.select(person.id, person.name).where(which)).all()
    if not found:
        raise UsageError(f"Nobody is called '{who[:60]}': give the name as the console has it.")
    if len(found) > 1:
        numbers = ", ".join(str(row.id) for row in found)
        raise UsageError(
            f"{len(found)} people are called {who}: give one of the numbers {numbers}."
        )
    return of(connection, found[0].id)


def of(connection: sa.Connection, person_id: int) -> Subject:
    """The person of that number."""
    person, account = tables.person.c, tables.account.c
    row = connection.execute(
        sa.select(person.name, person.key).where(person.id == person_id)
    ).one_or_none()
    if row is None:
        raise UsageError(f"There is no person {person_id}: look at the list again.")
    alike = sa.select(sa.func.count()).where(person.name == row.name)
    is_alone = connection.execute(alike).scalar_one() == 1
    own = connection.execute(
        sa.select(account.id, account.login, account.name).where(account.person_id == person_id)
    ).all()
    others = sa.select(account.name).where(
        sa.or_(account.person_id.is_(None), account.person_id != person_id)
    )
    taken = set(connection.execute(others).scalars())
    # A name that somebody else has as well says nothing of whose it is.
    names = {row.name} if is_alone and row.name not in taken else set()
    names |= {one.login for one in own} | {one.name for one in own if one.name not in taken}
    ids = tuple(one.id for one in own)
    return Subject(person_id, row.name, row.key, ids, tuple(sorted(names - {""})))

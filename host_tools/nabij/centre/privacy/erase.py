"""Takes a person out of the records: what the law wants of incidents stays, without a name.

The audit holds afterwards, for what is personal in a line is hashed apart (people/audit_chain.py).
Each function works inside the transaction of its caller.
"""

import re
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.console import calls
from nabij.centre.database import people_schema, schema
from nabij.centre.database import workforce_tables as workforce
from nabij.centre.people import accounts, audit
from nabij.centre.privacy.held import HELD, NAMING, TEXTS
from nabij.centre.privacy.subject import Subject, of
from nabij.errors import UsageError

ERASED: Final = "erased a person"
# A shorter name is part of many words.
_SHORTEST: Final = 4


def check(connection: sa.Connection, subject: Subject) -> None:
    """UsageError for somebody who is at work, or whose incident is not over."""
    given = people_schema.assignment.c
    has = sa.select(given.badge).where(
        given.person_id == subject.person_id, given.until_ms.is_(None)
    )
    badge = connection.execute(has).scalars().first()
    if badge is not None:
        raise UsageError(f"Badge {badge} is still theirs: have it given back first.")
    incident = schema.incident.c
    is_open = sa.and_(incident.id.in_(subject.incidents()), incident.state != wire.STATUS_CLOSED)
    found = connection.execute(sa.select(incident.id).where(is_open)).scalars().first()
    if found is not None:
        raise UsageError(f"Incident {found} of theirs is open: close it first.")
    if subject.name == subject.mark:
        raise UsageError(f"Person {subject.person_id} is erased already.")


def erase(connection: sa.Connection, person_id: int, *, by: str, now_ms: int) -> dict[str, int]:
    """Take them out; how many rows of each table changed. UsageError as of `check`."""
    subject = of(connection, person_id)
    check(connection, subject)
    calls.check_leaves(connection, person_id)
    for account_id in subject.accounts:
        # Not the last who may let others in.
        accounts.change(connection, account_id, disabled=True)
    counts = {}
    for one in HELD:
        if one.stays:
            continue
        mine = one.of(subject)
        statement: sa.Update | sa.Delete = one.table.delete().where(mine)
        if one.emptied is not None:
            statement = one.table.update().where(mine).values(dict(one.emptied))
        if count := connection.execute(statement).rowcount:
            counts[one.table.name] = count
    _drop_coming_shifts(connection, person_id, now_ms)
    _unname(connection, subject)
    for account_id in subject.accounts:
        mine = people_schema.account.c.id == account_id
        login = f"erased-{account_id}"
        values = {"login": login, "name": login, "person_id": None}
        connection.execute(people_schema.account.update().where(mine).values(values))
    person = people_schema.person
    left_ms = sa.func.coalesce(person.c.left_ms, now_ms)
    gone = {"name": subject.mark, "wears": False, "left_ms": left_ms}
    connection.execute(person.update().where(person.c.id == person_id).values(gone))
    audit.add(connection, now_ms, by, ERASED, detail=subject.mark)
    return counts


def _drop_coming_shifts(connection: sa.Connection, person_id: int, now_ms: int) -> None:
    shift = workforce.planned_shift
    coming = sa.and_(shift.c.person_id == person_id, shift.c.begins_ms > now_ms)
    connection.execute(shift.delete().where(coming))


def _unname(connection: sa.Connection, subject: Subject) -> None:
    for column in NAMING:
        named = column.table.update().where(column.in_(subject.names))
        connection.execute(named.values({column.name: subject.mark}))
    for name in subject.names:
        if len(name) < _SHORTEST:
            continue
        whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        if name == subject.name or " " in name:
            # A login is a word that says something else elsewhere.
            for column in TEXTS:
                _replace(connection, column, whole, name, subject.mark)
        _erase_lines(connection, whole, name)


def _replace(
    connection: sa.Connection, column: sa.Column[Any], whole: re.Pattern[str], name: str, mark: str
) -> None:
    found = sa.select(column).where(column.contains(name, autoescape=True)).distinct()
    for text in connection.execute(found).scalars().all():
        without = whole.sub(mark, text)
        if without != text:
            told = column.table.update().where(column == text)
            connection.execute(told.values({column.name: without}))


def _erase_lines(connection: sa.Connection, whole: re.Pattern[str], name: str) -> None:
    line = people_schema.audit.c
    found = sa.select(line.id, line.detail).where(line.detail.contains(name, autoescape=True))
    for row in connection.execute(found).all():
        if whole.search(row.detail):
            audit.erase(connection, line.id == row.id)

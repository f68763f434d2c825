"""Who did what and who looked at whom, in the order in which it happened, as a chain.

Each function works inside the transaction of its caller.
"""

import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from nabij.centre.database import events
from nabij.centre.database.people_schema import audit
from nabij.centre.people import audit_chain

MOST_READ = 500
# A page fetches what it shows at every event: that is one look.
LOOK_MS = 15 * 60_000
LOOKED = "looked at an incident"
CHANGED_PLANS = "changed plans"
BEGAN_DRILL = "began a drill"


@dataclass(frozen=True)
class Entry:
    """One line; `by` is the login as it was then, or the name under which something was done."""

    id: int
    at_ms: int
    by: str
    what: str
    person_id: int | None
    incident_id: int | None
    detail: str


def add(
    connection: sa.Connection,
    at_ms: int,
    by: str,
    what: str,
    *,
    person_id: int | None = None,
    incident_id: int | None = None,
    detail: str = "",
) -> None:
    """Keep that somebody did something, to or about a person or an incident."""
    values = {
        "at_ms": at_ms,
        "by": by,
        "what": what,
        "person_id": person_id,
        "incident_id": incident_id,
        "detail": detail,
    }
    events.take_turn(connection)
    last = sa.select(audit.c.chain).order_by(audit.c.id.desc()).limit(1)
    before = connection.execute(last).scalar() or audit_chain.BEGINNING
    link = audit_chain.link(before, values, secrets.token_bytes(audit_chain.SALT_BYTES))
    connection.execute(audit.insert().values(**values, **link.__dict__))


def look(
    connection: sa.Connection, at_ms: int, by: str, *, person_id: int | None, incident_id: int
) -> None:
    """Keep that somebody looks at an incident; who goes on looking did so once each LOOK_MS."""
    if not did_of_late(connection, at_ms, by, LOOKED, incident_id):
        add(connection, at_ms, by, LOOKED, person_id=person_id, incident_id=incident_id)


def did_of_late(
    connection: sa.Connection,
    at_ms: int,
    by: str,
    what: str,
    incident_id: int,
    detail: str | None = None,
) -> bool:
    """Whether that stands in the audit from within LOOK_MS before; with any `detail` for None."""
    columns = audit.c
    same = [columns.incident_id == incident_id, columns.by == by, columns.what == what]
    same += [] if detail is None else [columns.detail == detail]
    latest = sa.select(sa.func.max(columns.at_ms)).where(*same)
    last_ms = connection.execute(latest).scalar_one()
    return last_ms is not None and 0 <= at_ms - last_ms < LOOK_MS


def newest(
    connection: sa.Connection, *, person_id: int | None = None, limit: int = MOST_READ
) -> list[Entry]:
    """The newest lines, newest first; those about one person, or all."""
    names = Entry.__dataclass_fields__
    statement = sa.select(*(audit.c[name] for name in names)).order_by(audit.c.id.desc())
    statement = statement.limit(limit)
    if person_id is not None:
        statement = statement.where(audit.c.person_id == person_id)
    return [Entry(**row) for row in connection.execute(statement).mappings()]


def erase(connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    """Empty what names or tells of a person in these lines; how many. The chain still holds."""
    emptied = {"by": "", "person_id": None, "detail": "", "salt": None}
    return connection.execute(audit.update().where(which).values(emptied)).rowcount

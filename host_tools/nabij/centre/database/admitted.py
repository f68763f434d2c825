"""Which badges brokers are to let in: what changes, and who is held back for a while.

Each function works inside the transaction of its caller.
"""

import sqlalchemy as sa

from nabij.centre.database import schema
from nabij.centre.database.statements import upsert

# Anything that differs when somebody was enrolled, enrolled anew or revoked.
Stamp = tuple[int, int, int]


def stamp(connection: sa.Connection) -> Stamp:
    """Another one whenever other badges, or badges under other certificates, are in use."""
    columns = schema.badge.c
    sums = (
        sa.func.coalesce(sa.func.sum(one), 0) for one in (columns.enrolled_ms, columns.revoked_ms)
    )
    count, enrolled, revoked = connection.execute(sa.select(sa.func.count(), *sums)).one()
    return int(count), int(enrolled), int(revoked)


def subjects(connection: sa.Connection) -> dict[str, str]:
    """Each badge in use, and the subject of its certificate."""
    columns = schema.badge.c
    in_use = sa.select(columns.badge, columns.subject).where(columns.revoked_ms.is_(None))
    return {row.badge: row.subject for row in connection.execute(in_use)}


def hold(connection: sa.Connection, badge: str, at_ms: int) -> None:
    """The badge floods since then: brokers are to refuse it for a while."""
    connection.execute(upsert(schema.held, {"badge": badge}, {"at_ms": at_ms}))


def held(connection: sa.Connection) -> dict[str, int]:
    """Each badge that was held back, and since when; whoever refuses it knows for how long."""
    return {row.badge: row.at_ms for row in connection.execute(sa.select(schema.held))}

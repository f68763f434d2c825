"""What happened, in the order in which it was committed, and how far each listener has heard it.

Each function works inside the transaction of its caller. Events are only added, and trimmed with
age; a listener's cursor is the last event up to which it was told of all.
"""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import schema
from nabij.centre.database.prepared import Prepared
from nabij.centre.database.statements import is_one_writers, upsert_highest

# Is there from the beginning, so that nothing comes before it: what an operator reads.
TERMINAL: Final = "terminal"

_ADD: Final = Prepared(schema.event.insert().returning(schema.event.c.id))
# The second half is any number: no other lock of ours of this class has a schema's hash.
_TURN: Final = sa.text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), 1)")


def add(connection: sa.Connection, alarm_id: int, what: str, at_ms: int) -> int:
    """Something happened to an alarm; the id of the event.

    Ids are committed in their order: a cursor would never come back for a lower one.
    """
    take_turn(connection)
    values = {"alarm_id": alarm_id, "what": what, "at_ms": at_ms}
    return int(_ADD.first(connection, values)[0])


def take_turn(connection: sa.Connection) -> None:
    """What is added from here on to the end of the transaction is committed in its order."""
    if not is_one_writers(connection):
        connection.execute(_TURN)


def begin(connection: sa.Connection, listener: str, now_ms: int) -> int:
    """Up to where a listener was told before; a new one begins with what happens from now on."""
    table = schema.listener
    found = sa.select(table.c.told_id).where(table.c.name == listener)
    told_id = connection.execute(found).scalar_one_or_none()
    if told_id is None:
        last = sa.select(sa.func.coalesce(sa.func.max(schema.event.c.id), 0))
        told_id = connection.execute(last).scalar_one()
        # Another receiver may begin it in this moment.
        key = {"name": listener}
        connection.execute(upsert_highest(table, key, "told_id", told_id))
        connection.execute(table.update().where(table.c.name == listener).values(seen_ms=now_ms))
    else:
        mine = table.c.name == listener
        connection.execute(table.update().where(mine).values(seen_ms=now_ms))
    return int(told_id)


def end(connection: sa.Connection, listener: str) -> None:
    """There is no such listener any more: no event waits for it."""
    mine = schema.listener.c.name == listener
    connection.execute(schema.listener.delete().where(mine))


def after(connection: sa.Connection, told_id: int, limit: int) -> list[tuple[int, int]]:
    """(id, alarm_id) of the events after that, oldest first."""
    columns = schema.event.c
    statement = (
        sa.select(columns.id, columns.alarm_id)
        .where(columns.id > told_id)
        .order_by(columns.id)
        .limit(limit)
    )
    return [(row.id, row.alarm_id) for row in connection.execute(statement)]


def told(connection: sa.Connection, listener: str, told_id: int) -> None:
    """The listener was told of all events up to that one."""
    key = {"name": listener}
    connection.execute(upsert_highest(schema.listener, key, "told_id", told_id))


def trim(
    connection: sa.Connection, before_ms: int, limit: int, active: Collection[str] = ()
) -> int:
    """Remove events that are older and of which all were told, at most `limit`; how many.

    A listener that did not begin since then, and is not `active`, is waited for no longer.
    """
    events, listeners = schema.event.c, schema.listener.c
    gone = sa.and_(listeners.seen_ms < before_ms, listeners.name.not_in([TERMINAL, *active]))
    connection.execute(schema.listener.delete().where(gone))
    told_id = sa.select(sa.func.min(listeners.told_id)).scalar_subquery()
    old = sa.select(events.id).where(events.at_ms < before_ms, events.id <= told_id).limit(limit)
    return connection.execute(schema.event.delete().where(events.id.in_(old))).rowcount

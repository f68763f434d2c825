"""What the receiver does not keep for ever: old transmissions, and alarms that came to nothing.

Incidents are kept, whom they were about for a term of its own (centre/privacy), and of each the
first transmission of every rev. A replay of a message whose alarm was removed is known by its
key: within a start of the badge, seq only rises.
"""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import events, schema, sms_tables
from nabij.centre.database.carried_table import carried
from nabij.centre.database.place_tables import sighting
from nabij.centre.database.statements import upsert_highest

# A deadline may be 32 days away, and its alarm must not be forgotten before.
SHORTEST_DAYS: Final = 35
DEFAULT_DAYS: Final = 90
DAY_MS: Final = 86_400_000
# In one transaction, during which no alarm can be taken.
AT_ONCE: Final = 500


def purge(
    connection: sa.Connection,
    before_ms: int,
    limit: int = AT_ONCE,
    listeners: Collection[str] = (),
) -> int:
    """Remove what is older, at most `limit` rows of each sort; returns how many.

    `listeners` are those at work: an event waits for each of them.
    """
    removed = events.trim(connection, before_ms, limit, listeners)
    removed += _forget_alarms(connection, before_ms, limit)
    return removed + _drop_copies(connection, before_ms, limit)


def _forget_alarms(connection: sa.Connection, before_ms: int, limit: int) -> int:
    alarm = schema.alarm
    is_told = sa.exists().where(schema.event.c.alarm_id == alarm.c.id)
    old = (
        sa.select(alarm.c.id, alarm.c.badge, alarm.c.boot, alarm.c.seq)
        .where(
            alarm.c.incident_id.is_(None),
            alarm.c.due_steady_ms.is_(None),
            alarm.c.heard_ms < before_ms,
            ~is_told,
        )
        .order_by(alarm.c.id)
        .limit(limit)
    )
    rows = connection.execute(old).all()
    for row in rows:
        key = {"badge": row.badge, "boot": row.boot}
        connection.execute(upsert_highest(schema.forgotten, key, "seq", row.seq))
    ids = [row.id for row in rows]
    connection.execute(schema.message.delete().where(schema.message.c.alarm_id.in_(ids)))
    connection.execute(sighting.delete().where(sighting.c.alarm_id.in_(ids)))
    connection.execute(carried.delete().where(carried.c.alarm_id.in_(ids)))
    for table in (sms_tables.came, sms_tables.owed, sms_tables.told):
        connection.execute(table.delete().where(table.c.alarm_id.in_(ids)))
    connection.execute(alarm.delete().where(alarm.c.id.in_(ids)))
    return len(ids)


def _drop_copies(connection: sa.Connection, before_ms: int, limit: int) -> int:
    message = schema.message
    old = sa.select(message.c.id).where(message.c.copy, message.c.received_ms < before_ms)
    return connection.execute(message.delete().where(message.c.id.in_(old.limit(limit)))).rowcount

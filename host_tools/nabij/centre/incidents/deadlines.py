"""Deadlines in the database: those that come due.

Each function works inside the transaction of its caller and leaves committing to it.
"""

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.database.statements import lock_badges
from nabij.centre.incidents import rows, standing
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.quotas import Quotas, class_of, is_over


def due(connection: sa.Connection, now: Moment) -> list[sa.RowMapping]:
    """The rows of the alarms whose deadline has come due."""
    statement = sa.select(schema.alarm).where(_is_due(now))
    return list(connection.execute(statement).mappings().all())


def _is_due(now: Moment) -> sa.ColumnElement[bool]:
    columns = schema.alarm.c
    wall_too = sa.and_(columns.adopted, columns.due_ms <= now.wall_ms)
    return sa.and_(
        columns.due_steady_ms.is_not(None),
        columns.epoch == now.epoch,
        sa.or_(columns.due_steady_ms <= now.steady_ms, wall_too),
    )


def expire(
    connection: sa.Connection, alarm_id: int, now: Moment, limits: Quotas | None = None
) -> int | None:
    """Make the incident of a deadline that came due; the id of the news, None if it is not due.

    A message that came in since it was found due may have ended or extended it. The badge may be
    silent for ever: nothing else is waited for.
    """
    table = schema.alarm
    badges = sa.select(table.c.badge).where(table.c.id == alarm_id)
    lock_badges(connection, connection.execute(badges).scalars().all())
    statement = sa.select(table).where(table.c.id == alarm_id, _is_due(now))
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    stop = table.update().where(table.c.id == alarm_id).values(due_steady_ms=None, adopted=False)
    connection.execute(stop)
    if row["incident_id"] is None:
        one = class_of(row["kind"], test=row["test"], duress=row["duress"])
        if is_over(connection, row["badge"], one, now, limits):
            return None
        incident = _open_due(connection, row, now)
        _link(connection, alarm_id, incident.id)
        return rows.tell(connection, alarm_id, What.OPENED, now.wall_ms)
    changes = schema.incident.c
    reopened = connection.execute(
        schema.incident.update()
        .where(changes.id == row["incident_id"], changes.state == wire.STATUS_CLOSED)
        .values(state=wire.STATUS_RECEIVED, due_ms=row["due_ms"], heard_ms=row["heard_ms"])
    ).rowcount
    if reopened:
        standing.renumber(connection, alarm_id)
    what = What.REOPENED if reopened else What.DUE_AGAIN
    return rows.tell(connection, alarm_id, what, now.wall_ms)


def running(connection: sa.Connection) -> int:
    """How many deadlines run."""
    statement = sa.select(sa.func.count()).where(schema.alarm.c.due_steady_ms.is_not(None))
    return int(connection.execute(statement).scalar_one())


def _open_due(connection: sa.Connection, row: sa.RowMapping, now: Moment) -> Incident:
    return rows.insert(
        connection,
        row["badge"],
        boot=row["boot"],
        seq=row["seq"],
        kind=row["kind"],
        state=wire.STATUS_RECEIVED,
        test=row["test"],
        raised_ms=row["due_ms"],
        received_ms=now.wall_ms,
        age_ms=max(0, now.wall_ms - row["set_ms"]),
        age_at_least=False,
        attempt=0,
        by_deadline=True,
        due_ms=row["due_ms"],
        heard_ms=row["heard_ms"],
        duress=row["duress"],
    )


def _link(connection: sa.Connection, alarm_id: int, incident_id: int) -> None:
    mine = schema.alarm.c.id == alarm_id
    connection.execute(schema.alarm.update().where(mine).values(incident_id=incident_id))

"""Incidents in the database: added, found, moved on, and told of.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import events, schema
from nabij.centre.database.prepared import Prepared
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.people import assignments, zones

# Built once: to build a statement takes SQLAlchemy longer than SQLite takes to do it.
_BY_ID: Final = sa.select(schema.incident).where(schema.incident.c.id == sa.bindparam("of_id"))
_ADD_INCIDENT: Final = Prepared(
    schema.incident.insert()
    .values(wearer=assignments.WEARER, zone=zones.ZONE)
    .returning(schema.incident.c.id, schema.incident.c.wearer, schema.incident.c.zone)
)


def insert(connection: sa.Connection, badge: str, **values: Any) -> Incident:
    """A new incident, under the name of who wore the badge when it was raised."""
    values = {"peak_mg": None, "tilt_deg": None, "badge": badge} | values
    mine = {"of_badge": badge, "of_ms": values["raised_ms"]}
    incident_id, wearer, zone = _ADD_INCIDENT.first(connection, values | mine)
    return Incident(id=incident_id, wearer=wearer, zone=zone, **values)


def set_state(connection: sa.Connection, incident_id: int, state: int) -> None:
    """The centre moves an incident on; closing it ends a deadline that still runs on its key."""
    columns = schema.incident.c
    connection.execute(
        schema.incident.update().where(columns.id == incident_id).values(state=state)
    )
    if state == wire.STATUS_CLOSED:
        mine = schema.alarm.c.incident_id == incident_id
        connection.execute(
            schema.alarm.update().where(mine).values(due_steady_ms=None, adopted=False)
        )


def tell(connection: sa.Connection, alarm_id: int, what: What, at_ms: int) -> int:
    """Note a piece of news for the listeners; its id."""
    return events.add(connection, alarm_id, str(what), at_ms)


def by_id(connection: sa.Connection, incident_id: int) -> Incident:
    """The incident as it stands."""
    return Incident(**connection.execute(_BY_ID, {"of_id": incident_id}).mappings().one())


def alarm_id_of(connection: sa.Connection, incident_id: int) -> int:
    """The alarm that became that incident."""
    statement = sa.select(schema.alarm.c.id).where(schema.alarm.c.incident_id == incident_id)
    return int(connection.execute(statement).scalar_one())


def of_badge(connection: sa.Connection, badge: str | None) -> list[Incident]:
    """The incidents in order of arrival, of one badge or, for None, of all."""
    statement = sa.select(schema.incident).order_by(schema.incident.c.id)
    if badge is not None:
        statement = statement.where(schema.incident.c.badge == badge)
    return [Incident(**row) for row in connection.execute(statement).mappings()]


def transmissions(connection: sa.Connection, incident_id: int) -> list[tuple[int, int, bytes]]:
    """(received_ms, attempt, frame) of every transmission of the incident, in order."""
    columns = schema.message.c
    mine = sa.select(schema.alarm.c.id).where(schema.alarm.c.incident_id == incident_id)
    statement = (
        sa.select(columns.received_ms, columns.attempt, columns.frame)
        .where(columns.alarm_id == mine.scalar_subquery())
        .order_by(columns.id)
    )
    found = connection.execute(statement)
    return [(row.received_ms, row.attempt, row.frame) for row in found]

"""What somebody did about an incident, kept for the one it is about: a wearer sees who did what.

Works inside the transaction of its caller.
"""

import sqlalchemy as sa

from nabij.centre.database import schema
from nabij.centre.people import assignments, audit


def keep(
    connection: sa.Connection,
    incident_id: int,
    at_ms: int,
    by: str,
    what: str,
    detail: str = "",
) -> None:
    """Keep it in the audit, under who wore the badge when the incident was raised."""
    columns = schema.incident.c
    of_it = sa.select(columns.badge, columns.raised_ms).where(columns.id == incident_id)
    row = connection.execute(of_it).one()
    worn = assignments.at(connection, row.badge, row.raised_ms)
    audit.add(
        connection,
        at_ms,
        by,
        what,
        person_id=None if worn is None else worn.person_id,
        incident_id=incident_id,
        detail=detail,
    )

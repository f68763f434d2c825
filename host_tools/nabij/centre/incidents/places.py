"""Where a wearer is and how they moved, as somebody noted it for an incident.

What their badge says of it is in sightings.py, and both together in whereabouts.py. Each function
works inside the transaction of its caller.
"""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from nabij.centre.database.place_tables import motion, position
from nabij.centre.database.statements import upsert
from nabij.centre.incidents import traces

E7 = 10_000_000


@dataclass(frozen=True)
class Position:
    """Degrees, within so many metres, at that time (ms since 1970 UTC); `by` says so."""

    at_ms: int
    lat_e7: int
    lon_e7: int
    accuracy_m: int
    noted_ms: int
    by: str


@dataclass(frozen=True)
class Motion:
    """Magnitudes from `begin_ms` on, `step_ms` apart, and phases, both as JSON."""

    begin_ms: int
    step_ms: int
    magnitudes_mg: str
    phases: str
    why: str
    noted_ms: int
    by: str


def note_position(connection: sa.Connection, incident_id: int, where: Position) -> None:
    """Keep it with the incident; the wearer sees afterwards who noted it."""
    values = {"incident_id": incident_id, **where.__dict__}
    connection.execute(position.insert().values(values))
    traces.keep(connection, incident_id, where.noted_ms, where.by, "noted a position")


def of(connection: sa.Connection, incident_ids: Collection[int]) -> dict[int, list[Position]]:
    """All that were noted of these incidents, in the order in which they were so."""
    columns = position.c
    names = Position.__dataclass_fields__
    statement = (
        sa.select(columns.incident_id, *(columns[name] for name in names))
        .where(columns.incident_id.in_(sorted(incident_ids)))
        .order_by(columns.at_ms, columns.id)
    )
    found: dict[int, list[Position]] = {}
    for incident_id, *values in connection.execute(statement):
        found.setdefault(incident_id, []).append(Position(*values))
    return found


def newest(connection: sa.Connection, incident_id: int) -> Position | None:
    """Where somebody last noted the wearer to be, None when nobody did."""
    found = of(connection, [incident_id]).get(incident_id)
    return found[-1] if found else None


def note_motion(connection: sa.Connection, incident_id: int, how: Motion) -> None:
    """Keep it with the incident, in place of what was noted before."""
    connection.execute(upsert(motion, {"incident_id": incident_id}, how.__dict__))
    traces.keep(connection, incident_id, how.noted_ms, how.by, "noted the motion")


def motion_of(connection: sa.Connection, incident_id: int) -> Motion | None:
    """What was noted of it, None for nothing."""
    mine = sa.select(motion).where(motion.c.incident_id == incident_id)
    row = connection.execute(mine).mappings().one_or_none()
    if row is None:
        return None
    return Motion(**{key: value for key, value in row.items() if key != "incident_id"})

"""Where a wearer is and how they moved, as somebody noted it for an incident.

The firmware of now sends neither. Each function works inside the transaction of its caller.
"""

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

    @property
    def words(self) -> str:
        return f"{self.lat_e7 / E7:.5f}, {self.lon_e7 / E7:.5f}, within {self.accuracy_m} m"


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


def positions(connection: sa.Connection, incident_id: int) -> list[Position]:
    """All that were noted, in the order in which they were so."""
    columns = position.c
    mine = sa.select(*(columns[name] for name in Position.__dataclass_fields__)).where(
        columns.incident_id == incident_id
    )
    rows = connection.execute(mine.order_by(columns.at_ms, columns.id)).mappings()
    return [Position(**row) for row in rows]


def newest(connection: sa.Connection, incident_id: int) -> Position | None:
    """Where the wearer was last, None when nobody knows."""
    found = positions(connection, incident_id)
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

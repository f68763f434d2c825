"""Who has which incident until when, as rows.

Each function works inside the transaction of its caller.
"""

from dataclasses import asdict, dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import schema
from nabij.centre.database.statements import upsert

# A clock that is corrected by less than this leaves a claim as it is.
CORRECTED_MS: Final = 60_000


@dataclass(frozen=True)
class Claim:
    """`owner` has the incident since `since_ms`, said so last at `said_ms`, and has to say so
    again before `until_ms`. Times are ms since 1970 UTC."""

    incident_id: int
    owner: str
    since_ms: int
    said_ms: int
    until_ms: int

    def holds(self, now_ms: int) -> bool:
        """Whether it counts now: a clock that was set back must not make it last longer."""
        return self.said_ms - CORRECTED_MS <= now_ms < self.until_ms


def find(connection: sa.Connection, incident_id: int) -> Claim | None:
    """The claim of the incident, also one that has run out; None without one."""
    statement = sa.select(schema.claim).where(schema.claim.c.incident_id == incident_id)
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Claim(**row)


def all_of(connection: sa.Connection) -> list[Claim]:
    """Every claim, also those that have run out, by incident."""
    statement = sa.select(schema.claim).order_by(schema.claim.c.incident_id)
    return [Claim(**row) for row in connection.execute(statement).mappings()]


def put(connection: sa.Connection, claim: Claim) -> None:
    """Keep the claim, in place of any other of that incident."""
    values = asdict(claim)
    key = {"incident_id": values.pop("incident_id")}
    connection.execute(upsert(schema.claim, key, values))


def remove(connection: sa.Connection, incident_id: int, *, said_ms: int | None = None) -> bool:
    """Nobody has the incident any more; whether anybody had, of a claim last said at `said_ms`."""
    mine = schema.claim.c.incident_id == incident_id
    if said_ms is not None:
        mine = sa.and_(mine, schema.claim.c.said_ms == said_ms)
    return connection.execute(schema.claim.delete().where(mine)).rowcount > 0

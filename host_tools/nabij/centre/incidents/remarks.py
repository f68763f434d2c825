"""What people write to an incident: notes, that the wearer was spoken to, that they know of it.

Each function works inside the transaction of its caller. "Informed" is another thing than having
it: it silences nobody and changes no owner.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from nabij.centre.database.people_schema import remark
from nabij.centre.incidents import traces
from nabij.errors import UsageError

LONGEST: Final = 1000


class Sort(StrEnum):
    """What a remark is."""

    NOTE = "note"
    CONTACT = "contact"  # the wearer was spoken to
    INFORMED = "informed"


# As the wearer reads it afterwards; not the words, which may be about others.
_DID: Final = {
    Sort.NOTE: "wrote a note",
    Sort.CONTACT: "noted that you were spoken to",
    Sort.INFORMED: "knows of it",
}


@dataclass(frozen=True)
class Remark:
    """Who wrote what, when."""

    incident_id: int
    at_ms: int
    by: str
    sort: Sort
    text: str


def add(connection: sa.Connection, one: Remark) -> None:
    """Keep it; UsageError for a text that cannot be. Who is informed already stays so."""
    text = one.text.strip()
    if len(text) > LONGEST or (one.sort is not Sort.INFORMED and not text):
        raise UsageError(f"Write a note of 1 to {LONGEST} characters.")
    if one.sort is Sort.INFORMED:
        known = of(connection, [one.incident_id])
        if any(other.by == one.by and other.sort is Sort.INFORMED for other in known):
            return
    values = {
        "incident_id": one.incident_id,
        "at_ms": one.at_ms,
        "by": one.by,
        "what": str(one.sort),
        "text": text,
    }
    connection.execute(remark.insert().values(values))
    traces.keep(connection, one.incident_id, one.at_ms, one.by, _DID[one.sort])


def of(connection: sa.Connection, incident_ids: Collection[int]) -> list[Remark]:
    """All remarks of these incidents, in order."""
    columns = remark.c
    statement = (
        sa.select(columns.incident_id, columns.at_ms, columns.by, columns.what, columns.text)
        .where(columns.incident_id.in_(sorted(incident_ids)))
        .order_by(columns.id)
    )
    return [
        Remark(row.incident_id, row.at_ms, row.by, Sort(row.what), row.text)
        for row in connection.execute(statement)
    ]

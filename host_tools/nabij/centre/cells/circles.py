"""Within which circle a badge is that has heard a cell: a circle, and never a point.

What a table has is the middle of where telephones heard the cell, and how far from there one did.
Where few did, others may have been farther off. How strong the cell comes shrinks nothing: the
same strength is found near a wall and far in a field.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import cell_table
from nabij.centre.database.cell_table import Key, NoCellsError, Row

# What has to stand wherever a circle of these is shown.
ATTRIBUTION: Final = "Cells: OpenCelliD, CC BY-SA 4.0"
# By at least so many samples: the least radius, and by how much the range of the table grows. No
# source has these: a cell of LTE in a town reaches some 500 m, one in the fields several km, and a
# range that few telephones made is of where they were, not of how far one could be.
_RADII: Final = ((50, 500, 1.0), (10, 1_000, 1.5), (0, 3_000, 2.0))
_LARGEST_M: Final = 100_000


@dataclass(frozen=True)
class Circle:
    """Degrees times ten million, and metres."""

    lat_e7: int
    lon_e7: int
    radius_m: int


@dataclass(frozen=True)
class Found:
    """The circles of those cells that are in the table; `trouble` says why none can be."""

    circles: dict[Key, Circle]
    trouble: str = ""


def of(connection: sa.Connection, keys: Collection[Key]) -> Found:
    """The circles of these cells; an alarm is shown also when there is no table, or a bad one."""
    try:
        found = cell_table.find(connection, keys)
    except NoCellsError as error:
        return Found({}, str(error))
    return Found({key: circle(row) for key, row in found.items()})


def circle(row: Row) -> Circle:
    """The circle of a cell, by the range and the samples that the table has of it."""
    least_m, grows = next((least, by) for most, least, by in _RADII if row.samples >= most)
    radius_m = max(least_m, round(row.range_m * grows))
    return Circle(row.lat_e7, row.lon_e7, min(radius_m, _LARGEST_M))


def name(key: Key) -> str:
    """As people call it: 204-08 tac 4101 ci 77."""
    return f"{key.mcc:03d}-{key.mnc:02d} tac {key.tac} ci {key.ci}"

"""The floor plans of sites. Each function works inside the transaction of its caller."""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database.people_schema import site
from nabij.centre.database.place_tables import site_picture
from nabij.centre.database.statements import upsert
from nabij.errors import UsageError

MOST_BYTES: Final = 1_000_000
E7: Final = 10_000_000
_MEDIA: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
# A site is no country: whoever mixes two numbers up is told.
_WIDEST_E7: Final = E7 // 5


@dataclass(frozen=True)
class Edges:
    """Of a picture, in degrees times ten million."""

    north_e7: int
    south_e7: int
    west_e7: int
    east_e7: int


@dataclass(frozen=True)
class Picture:
    """What is served, and where it lies on the map."""

    site_id: int
    media: str
    version: int
    edges: Edges


def keep(connection: sa.Connection, site_id: int, encoded: str, edges: Edges, now_ms: int) -> None:
    """Keep a picture (base64) as the floor plan of a site; UsageError for what cannot be."""
    _check_site(connection, site_id)
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError("That picture is not written as base64: send it as it is.") from error
    media = next((kind for head, kind in _MEDIA.items() if content.startswith(head)), None)
    if media is None:
        raise UsageError("A floor plan is a PNG or a JPEG: choose another file.")
    if len(content) > MOST_BYTES:
        raise UsageError(f"A floor plan has at most {MOST_BYTES:,} bytes: make it smaller.")
    high, wide = edges.north_e7 - edges.south_e7, edges.east_e7 - edges.west_e7
    if not (0 < high <= _WIDEST_E7 and 0 < wide <= _WIDEST_E7):
        raise UsageError("North is above south, east beyond west, and a site is no country.")
    values = {"media": media, "content": content, "version": now_ms, **edges.__dict__}
    connection.execute(upsert(site_picture, {"site_id": site_id}, values))


def remove(connection: sa.Connection, site_id: int) -> None:
    """The site has no floor plan any more."""
    _check_site(connection, site_id)
    connection.execute(site_picture.delete().where(site_picture.c.site_id == site_id))


def find(connection: sa.Connection, site_id: int) -> Picture | None:
    """The floor plan of the site, without its content."""
    columns = site_picture.c
    names = (columns.north_e7, columns.south_e7, columns.west_e7, columns.east_e7)
    mine = sa.select(columns.media, columns.version, *names).where(columns.site_id == site_id)
    row = connection.execute(mine).one_or_none()
    return None if row is None else Picture(site_id, row[0], row[1], Edges(*row[2:]))


def content(connection: sa.Connection, site_id: int) -> tuple[str, bytes] | None:
    """What is served of it: its media type, and the picture."""
    columns = site_picture.c
    mine = sa.select(columns.media, columns.content).where(columns.site_id == site_id)
    row = connection.execute(mine).one_or_none()
    return None if row is None else (row.media, bytes(row.content))


def _check_site(connection: sa.Connection, site_id: int) -> None:
    if connection.execute(sa.select(site.c.id).where(site.c.id == site_id)).first() is None:
        raise UsageError(f"There is no site {site_id}: look at the list again.")

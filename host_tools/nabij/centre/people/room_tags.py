"""Tags that hang in rooms and call out who they are: which room each stands for.

Anybody can copy one: that a badge heard it is a hint. Each function works inside the transaction
of its caller.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import tags
from nabij.centre.database.people_schema import site
from nabij.centre.database.place_tables import room_tag
from nabij.errors import UsageError

# By the byte that goes before the identity in its hash (docs/protocol.cddl).
KINDS: Final[Mapping[str, int]] = {
    "ibeacon": tags.IBEACON,
    "eddystone": tags.EDDYSTONE,
    "own": tags.OWN,
}
_MOST: Final = 20_000
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)
_LONGEST_OWN: Final = 20


@dataclass(frozen=True)
class RoomTag:
    """A tag and its room; degrees times ten million, None where the plan does not show it."""

    tag: bytes
    sort: str
    identity: str
    site: str
    room: str
    lat_e7: int | None
    lon_e7: int | None


def id_of(sort: str, identity: str) -> bytes:
    """What badges send of a tag (8 bytes); ValueError with what is wanted instead."""
    return bytes(tags.id_of(KINDS[sort], _bytes_of(sort, identity)))


def written(sort: str, identity: str) -> str:
    """The identity in the one way in which it is kept; ValueError as `id_of`."""
    found = _bytes_of(sort, identity)
    if sort == "ibeacon":
        uuid = found[:16].hex()
        parts = (uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:])
        numbers = (int.from_bytes(found[16:18]), int.from_bytes(found[18:]))
        return f"{'-'.join(parts)} {numbers[0]} {numbers[1]}"
    if sort == "eddystone":
        return f"{found[:10].hex()} {found[10:].hex()}"
    return found.hex()


def keep(connection: sa.Connection, given: Sequence[Mapping[str, Any]]) -> int:
    """Have these tags instead of those that there are; UsageError names the line of a mistake."""
    made = check(connection, given)
    connection.execute(room_tag.delete())
    if made:
        connection.execute(room_tag.insert(), made)
    return len(made)


def check(connection: sa.Connection, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows that `keep` would write; UsageError as it."""
    if len(given) > _MOST:
        raise UsageError(f"There can be {_MOST:,} tags: this file has {len(given):,}.")
    sites = {row.name: row.id for row in connection.execute(sa.select(site.c.name, site.c.id))}
    made: dict[bytes, dict[str, Any]] = {}
    for row in given:
        if row["site"] not in sites:
            raise _line(row, f"there is no site {row['site']}: add it in the console first")
        try:
            tag = id_of(row["sort"], row["identity"])
        except ValueError as error:
            raise _line(
                row, f"'{row['identity'][:50]}' is no tag of that sort: give {error}"
            ) from error
        if tag in made:
            raise _line(row, "this tag was named before: one tag stands for one room")
        if (row["lat"] is None) != (row["lon"] is None):
            raise _line(row, "give both latitude and longitude, or neither")
        made[tag] = {
            "tag": tag,
            "sort": row["sort"],
            "identity": written(row["sort"], row["identity"]),
            "site_id": sites[row["site"]],
            "room": row["room"],
            "lat_e7": None if row["lat"] is None else row["lat"].e7,
            "lon_e7": None if row["lon"] is None else row["lon"].e7,
        }
    return list(made.values())


def all_of(connection: sa.Connection) -> list[RoomTag]:
    """All, by site and room."""
    return [_made(row) for row in connection.execute(_SELECT.order_by(site.c.name, _T.room))]


def find(connection: sa.Connection, tags: Collection[bytes]) -> dict[bytes, RoomTag]:
    """Those of these that are known, by their id."""
    if not tags:
        return {}
    rows = connection.execute(_SELECT.where(_T.tag.in_(sorted(tags))))
    return {one.tag: one for one in map(_made, rows)}


_T: Final = room_tag.c
_SELECT: Final = sa.select(
    _T.tag, _T.sort, _T.identity, site.c.name, _T.room, _T.lat_e7, _T.lon_e7
).join(site, site.c.id == _T.site_id)


def _made(row: Any) -> RoomTag:
    return RoomTag(bytes(row[0]), *row[1:])


def _bytes_of(sort: str, identity: str) -> bytes:
    parts = re.split(r"[\s/,;]+", identity.strip().lower())
    if sort == "ibeacon":
        return _of_ibeacon(parts)
    found = "".join(one.removeprefix("0x").replace("-", "").replace(":", "") for one in parts)
    if sort == "eddystone":
        if not _HEX.fullmatch(found) or len(found) != 32:
            raise ValueError("its namespace and its instance, 20 and 12 hex digits")
    elif not _HEX.fullmatch(found) or len(found) > 2 * _LONGEST_OWN:
        raise ValueError(f"what it calls out, as 2 to {2 * _LONGEST_OWN} hex digits")
    return bytes.fromhex(found)


def _of_ibeacon(parts: Sequence[str]) -> bytes:
    wanted = ValueError("its UUID, major and minor, as 'F7826DA6-4FA2-4E98-8024-BC5B71E0893E 1 7'")
    if len(parts) != 3:
        raise wanted
    uuid = parts[0].replace("-", "")
    numbers = [int(one) if one.isascii() and one.isdigit() else -1 for one in parts[1:]]
    if not _HEX.fullmatch(uuid) or len(uuid) != 32 or not all(0 <= n <= 65535 for n in numbers):
        raise wanted
    return bytes.fromhex(uuid) + b"".join(one.to_bytes(2) for one in numbers)


def _line(row: Mapping[str, Any], why: str) -> UsageError:
    return UsageError(f"Line {row['line']}: {why}.")

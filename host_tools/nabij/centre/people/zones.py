"""Local time where people work: the IANA zones of sites, summer time included.

What takes a connection works inside the transaction of its caller.
"""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from nabij.centre.database import people_schema as tables
from nabij.errors import UsageError

_QUARTER: Final = dt.timedelta(minutes=15)
# No place is further from UTC that way.
_WEST: Final = dt.timedelta(hours=12)
_A: Final = tables.assignment.c
_PLACED: Final = (
    tables.assignment.join(tables.person, tables.person.c.id == _A.person_id)
    .join(tables.team, tables.team.c.id == tables.person.c.team_id)
    .join(tables.site, tables.site.c.id == tables.team.c.site_id)
)
_OF_MS: Final = sa.bindparam("of_ms", type_=sa.BigInteger)
_WAS: Final = (
    sa.select(tables.site.c.zone)
    .select_from(_PLACED)
    .where(
        _A.badge == sa.bindparam("of_badge"),
        _A.from_ms <= _OF_MS,
        sa.or_(_A.until_ms.is_(None), _A.until_ms > _OF_MS),
    )
    .order_by(_A.from_ms.desc(), _A.id.desc())
    .limit(1)
)
# Where who had a badge at a time works (binds of_badge, of_ms); empty where that is not known.
ZONE: Final = sa.func.coalesce(_WAS.scalar_subquery(), "")


def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; UsageError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"There is no time zone '{name[:40]}': give an IANA name, as Europe/Amsterdam."
        ) from error


def of_badges(connection: sa.Connection) -> dict[str, str]:
    """The zone of each badge whose wearer works at a site that has one."""
    statement = (
        sa.select(_A.badge, tables.site.c.zone)
        .select_from(_PLACED)
        .where(_A.until_ms.is_(None), tables.site.c.zone != "")
    )
    return {row.badge: row.zone for row in connection.execute(statement)}


def offset_quarters(name: str, at_ms: int) -> int:
    """How far local time there is ahead of UTC-12:00 at that time; UsageError for no zone."""
    offset = dt.datetime.fromtimestamp(at_ms / 1000, zone(name)).utcoffset()
    return round((_WEST + (offset or dt.timedelta())) / _QUARTER)

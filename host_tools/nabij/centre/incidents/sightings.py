"""Where a badge says that it is, as its alarms come in: kept by rev, with the time of each thing.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import place, wire
from nabij.centre.database import schema
from nabij.centre.database.place_tables import sighting
from nabij.centre.database.prepared import Prepared

# What one is; the rest of a row says of which alarm, and when.
_PLACE: Final = ("lat_e7", "lon_e7", "accuracy_m", "source")
_CELL: Final = ("mcc", "mnc", "tac", "ci")
FACTS: Final = (*_PLACE, *_CELL, "rsrp_dbm", "tag", "rssi_dbm", "speed_cm_s", "zone")
# The rev of what was said before the alarm.
BEFORE: Final = -1
# How strong something comes changes with each breath.
_SAME: Final = (*_PLACE, *_CELL, "tag", "zone")

_C: Final = sighting.c
_NEWEST: Final = (
    sa.select(sighting)
    .where(_C.alarm_id == sa.bindparam("of_alarm"))
    .order_by(_C.rev.desc())
    .limit(1)
)
_OF_REV: Final = sa.select(sighting).where(
    _C.alarm_id == sa.bindparam("of_alarm"), _C.rev == sa.bindparam("of_rev")
)
_ADD: Final = Prepared(sighting.insert())
# Of one alarm, by rev: one that moves without end must not make each look at it longer.
MOST_KEPT: Final = 1000
_FORGET: Final = Prepared(
    sighting.delete().where(
        _C.alarm_id == sa.bindparam("of_alarm"), _C.rev <= sa.bindparam("of_rev")
    )
)
_DROP: Final = Prepared(
    sighting.delete().where(_C.alarm_id == sa.bindparam("of_alarm")).returning(_C.id)
)


@dataclass(frozen=True)
class Sighting:
    """What one rev said; times are ms since 1970 UTC, None is what it did not say."""

    rev: int
    told_ms: int
    at_ms: int | None
    lat_e7: int | None
    lon_e7: int | None
    accuracy_m: int | None
    source: int | None
    mcc: int | None
    mnc: int | None
    tac: int | None
    ci: int | None
    rsrp_dbm: int | None
    tag: bytes | None
    rssi_dbm: int | None
    speed_cm_s: int | None
    zone: int | None


@dataclass(frozen=True)
class When:
    """When a message came, and when its alarm was raised by what is known so far."""

    arrived_ms: int
    raised_ms: int | None


def tells(message: wire.AlarmMessage) -> bool:
    """Whether the message says anything of where its badge is."""
    return any(value is not None for value in _facts(message).values())


def take(connection: sa.Connection, alarm_id: int, message: wire.AlarmMessage, when: When) -> bool:
    """Keep what the message says; whether that is another place than the alarm's newest rev said.

    A copy can only show that it was so earlier, and add what was left out of the first.
    """
    facts = _facts(message)
    if not any(value is not None for value in facts.values()):
        return False
    rev = message.rev or 0
    told_ms = _sent_ms(message, when)
    at_ms = None
    if facts["lat_e7"] is not None:
        at_ms = told_ms - message.position.age_s * 1000
    times = {"told_ms": told_ms, "at_ms": at_ms}
    newest = _row(connection, _NEWEST, {"of_alarm": alarm_id})
    if newest is not None and newest["rev"] >= rev:
        same = _row(connection, _OF_REV, {"of_alarm": alarm_id, "of_rev": rev})
        if same is not None:
            _complete(connection, same, {**facts, **times})
            return False
        if rev <= newest["rev"] - MOST_KEPT:
            return False
    _ADD.first(connection, {"alarm_id": alarm_id, "rev": rev, **times, **facts})
    if rev > MOST_KEPT:
        _FORGET.first(connection, {"of_alarm": alarm_id, "of_rev": rev - MOST_KEPT})
    if newest is None:
        return True
    return bool(newest["rev"] < rev) and any(newest[name] != facts[name] for name in _SAME)


def keep_before(connection: sa.Connection, alarm_id: int, facts: Mapping[str, Any]) -> None:
    """Keep what the badge said before the alarm, in place of what was kept so: `facts` has
    told_ms, at_ms and some of FACTS.
    """
    mine = sa.and_(_C.alarm_id == alarm_id, _C.rev == BEFORE)
    connection.execute(sighting.delete().where(mine))
    connection.execute(sighting.insert().values(alarm_id=alarm_id, rev=BEFORE, **facts))


def drop(connection: sa.Connection, alarm_id: int) -> None:
    """Forget where an alarm that came to nothing was: neither said nor kept in its messages."""
    if _DROP.first(connection, {"of_alarm": alarm_id}) is not None:
        mine = schema.message.c.alarm_id == alarm_id
        connection.execute(schema.message.update().where(mine).values(frame=b""))


def of(connection: sa.Connection, incident_ids: Collection[int]) -> dict[int, list[Sighting]]:
    """What the badges of these incidents said, each from the first rev to the last."""
    alarm = schema.alarm.c
    columns = [_C[name] for name in Sighting.__dataclass_fields__]
    statement = (
        sa.select(alarm.incident_id, *columns)
        .join(schema.alarm, alarm.id == _C.alarm_id)
        .where(alarm.incident_id.in_(sorted(incident_ids)))
        .order_by(_C.rev)
    )
    found: dict[int, list[Sighting]] = {}
    for incident_id, *values in connection.execute(statement):
        found.setdefault(incident_id, []).append(Sighting(*values))
    return found


def _facts(message: wire.AlarmMessage) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(FACTS)
    at: place.Position | None = message.position
    # Nobody is there: what says so has no position.
    if at is not None and (at.lat_e7 or at.lon_e7):
        found |= dict(zip(_PLACE, (at.lat_e7, at.lon_e7, at.accuracy_m, at.source), strict=True))
    if message.cell is not None:
        found |= dict(zip((*_CELL, "rsrp_dbm"), message.cell, strict=True))
    if message.tag is not None:
        found |= {"tag": message.tag.id, "rssi_dbm": message.tag.rssi_dbm}
    return found | {"speed_cm_s": message.speed_cm_s, "zone": message.zone}


def _sent_ms(message: wire.AlarmMessage, when: When) -> int:
    """When it was sent: what was carried for an hour makes no new place of an old one."""
    if when.raised_ms is None or message.flags & wire.FLAG_AGE_AT_LEAST:
        return when.arrived_ms
    return min(when.arrived_ms, when.raised_ms + int(message.age_ms))


def _row(
    connection: sa.Connection, statement: sa.Select[Any], values: dict[str, int]
) -> sa.RowMapping | None:
    return connection.execute(statement, values).mappings().one_or_none()


def _complete(connection: sa.Connection, row: sa.RowMapping, found: dict[str, Any]) -> None:
    is_position = all(row[name] in {None, found[name]} for name in _PLACE)
    added = {
        name: value
        for name, value in found.items()
        if row[name] is None and value is not None and (is_position or name not in _PLACE)
    }
    if found["told_ms"] < row["told_ms"]:
        added["told_ms"] = found["told_ms"]
    if is_position and row["at_ms"] and found["at_ms"] and found["at_ms"] < row["at_ms"]:
        added["at_ms"] = found["at_ms"]
    if added:
        connection.execute(sighting.update().where(_C.id == row["id"]).values(added))

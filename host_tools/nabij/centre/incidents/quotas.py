"""How many incidents a badge may make, so that one that floods buries nobody else's.

What is beyond that is folded: it is kept, has its receipt, and stands as the badge's newest
incident of its class does. Each function works inside the transaction of its caller.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.database.prepared import Prepared
from nabij.centre.incidents.incident import OWN_BOOT
from nabij.centre.incidents.merge import Known

WINDOW_MS: Final = 600_000
# Of a badge's newest incidents; what is older says nothing here.
_LOOKED_AT: Final = 64
_NEWEST: Final = (
    sa.select(
        schema.incident.c.id,
        schema.incident.c.kind,
        schema.incident.c.state,
        schema.incident.c.test,
        schema.incident.c.duress,
        schema.incident.c.received_ms,
    )
    .where(schema.incident.c.badge == sa.bindparam("of_badge"), schema.incident.c.boot != OWN_BOOT)
    .order_by(schema.incident.c.id.desc())
    .limit(_LOOKED_AT)
)
# When the n-th newest came (n counts from 0): one row, where _NEWEST is dozens with each alarm.
_NTH: Final = Prepared(
    sa.select(schema.incident.c.received_ms)
    .where(schema.incident.c.badge == sa.bindparam("of_badge"), schema.incident.c.boot != OWN_BOOT)
    .order_by(schema.incident.c.id.desc())
    .limit(1)
    .offset(sa.bindparam("nth"))
)


class Class(StrEnum):
    """What may be folded into what: only within one class."""

    SOS = "sos"
    DURESS = "duress"
    RIP = "rip"
    RED = "red"
    TECHNICAL = "technical"
    TEST = "test"


@dataclass(frozen=True)
class Quotas:
    """New incidents of a badge in WINDOW_MS: alarms, and apart from them technical and tests."""

    alarms: int = 20
    technical: int = 2
    tests: int = 20

    @classmethod
    def given(cls, **most: int | None) -> Self:
        """Those that are given, and the usual ones in place of None."""
        return cls(**{name: value for name, value in most.items() if value is not None})

    def of(self, one: Class) -> int:
        """How many of that sort."""
        return {Class.TECHNICAL: self.technical, Class.TEST: self.tests}.get(one, self.alarms)


def class_of(kind: int, *, test: bool, duress: bool) -> Class:
    """The class of an alarm."""
    if duress:
        return Class.DURESS
    if test:
        return Class.TEST
    if kinds.of(kind).category == kinds.TECHNICAL:
        return Class.TECHNICAL
    return {kinds.SOS: Class.SOS, kinds.RIP: Class.RIP}.get(kind, Class.RED)


def fold(
    connection: sa.Connection,
    badge: str,
    row: sa.RowMapping | None,
    known: Known,
    now: Moment,
    quotas: Quotas | None,
) -> Class | None:
    """The class under which an alarm is folded, None for one that is an incident of its own.

    `row` is what was kept of it before; what was folded stays so as long as its class is the same.
    """
    one = class_of(known.kind, test=known.test, duress=known.duress)
    if row is not None and folded(row) is one:
        return one
    return one if is_over(connection, badge, one, now, quotas) else None


def is_over(
    connection: sa.Connection, badge: str, one: Class, now: Moment, quotas: Quotas | None
) -> bool:
    """Whether a new alarm of that class is to be folded.

    When nothing of its class is open it opens an incident all the same; a test needs none.
    """
    if quotas is None:
        return False
    since_ms = now.wall_ms - WINDOW_MS
    nth = {"of_badge": badge, "nth": quotas.of(one) - 1}
    found = _NTH.first(connection, nth)
    if found is None or found[0] <= since_ms:
        return False
    rows = _newest(connection, badge)
    recent = [row for row in rows if since_ms < row["received_ms"] <= now.wall_ms]
    if sum(_sort(_class(row)) is _sort(one) for row in recent) < quotas.of(one):
        return False
    if one is Class.TEST:
        return True
    return any(_class(row) is one and row["state"] != wire.STATUS_CLOSED for row in rows)


def state_of(connection: sa.Connection, badge: str, one: Class) -> int:
    """How what was folded stands: as the badge's newest incident of the class."""
    states = [row["state"] for row in _newest(connection, badge) if _class(row) is one]
    if one is Class.TEST:
        return int(wire.STATUS_CLOSED)
    return int(states[0]) if states else int(wire.STATUS_RECEIVED)


def folded(row: sa.RowMapping) -> Class | None:
    """The class under which an alarm was folded; None for one that was not."""
    if row["incident_id"] is not None or (row["alarm_rev"] is None and not row["duress"]):
        return None
    return class_of(row["kind"], test=row["test"], duress=row["duress"])


def _newest(connection: sa.Connection, badge: str) -> list[sa.RowMapping]:
    return list(connection.execute(_NEWEST, {"of_badge": badge}).mappings())


def _class(row: Any) -> Class:
    return class_of(row["kind"], test=row["test"], duress=row["duress"])


def _sort(one: Class) -> Class:
    """What shares a quota."""
    return one if one in {Class.TECHNICAL, Class.TEST} else Class.RED

"""When and why a badge had no network, as it tells once it is heard again: the last time of each.

It stands with the badge's shift, and as a note with the incident of that silence. Each function
works inside the transaction of its caller and leaves committing to it.
"""

from dataclasses import dataclass
from typing import Final, Self

import sqlalchemy as sa

from badge.core import outage as codes
from badge.core.codec import cbor, wire
from nabij.centre.database import schema
from nabij.centre.incidents import remarks
from nabij.centre.incidents.own_incident import RECEIVER
from nabij.centre.incidents.words import QUIET, duration, local_time

WORDS: Final = {
    codes.SIM: "its SIM is missing or locked",
    codes.RADIO_OFF: "its modem's radio was off",
    codes.DENIED: "the network refuses its SIM",
    codes.SEARCHING: "a signal, and no network that took it",
    codes.NO_NETWORK: "no signal",
    codes.DEAD: "its modem did not start",
    codes.SILENT: "its modem did not answer",
    codes.NO_BEARER: "a network that gave no data",
    codes.NO_RECEIVER: "a network, and the receiver was not reached",
    codes.NO_WLAN: "no WLAN",
}
# Two tellings of one outage are this near: seconds are cut off, and messages take their time.
SAME_MS: Final = 60_000
SHOWN_MS: Final = 86_400_000
# These do not pass by themselves.
_FOR_GOOD: Final = (codes.SIM, codes.DENIED, codes.DEAD)
_NAMED: Final = 5
# A badge that tells of another one in each hello does not fill an incident.
_MOST_NOTES: Final = 5
_SAYS: Final = "The badge says: "
_LIMITS: Final = ((1, 255), (0, 255), (0, codes.SECONDS_MAX), (0, codes.SECONDS_MAX))


@dataclass(frozen=True)
class Outage:
    """Times are ms since 1970 UTC; one that goes on has no `until_ms`. `cause`: EMM's, or 0."""

    since_ms: int
    until_ms: int | None
    why: int
    cause: int

    @classmethod
    def told(cls, frame: bytes, heard_ms: int) -> Self | None:
        """What a hello that was heard then says of it; None when it says nothing, or no sense."""
        found = cbor.decode(cbor.decode(frame)[0]).get(wire.OUTAGE)
        if not isinstance(found, list) or len(found) not in (3, 4):
            return None
        for value, (lowest, highest) in zip(found, _LIMITS, strict=False):
            if type(value) is not int or not lowest <= value <= highest:
                return None
        why, cause, seconds, ago_s = (*found, None)[:4]
        until_ms = heard_ms - (ago_s or 0) * 1000
        return cls(until_ms - seconds * 1000, None if ago_s is None else until_ms, why, cause)

    def is_as(self, other: "Outage | None") -> bool:
        """Whether the other tells the same."""
        if other is None or (self.why, self.cause) != (other.why, other.cause):
            return False
        if self.until_ms is None or other.until_ms is None:
            return self.until_ms == other.until_ms and _is_near(self.since_ms, other.since_ms)
        return _is_near(self.until_ms, other.until_ms)

    def reason(self) -> str:
        """Why."""
        words = WORDS.get(self.why, f"reason {self.why}, of a newer badge")
        return f"{words} (cause {self.cause})" if self.cause else words

    def sentence(self) -> str:
        """When and why, for people."""
        if self.until_ms is None:
            since = local_time(self.since_ms)
            return f"Its own network is out since {since}: {self.reason()}; heard by another way."
        lasted = duration(self.until_ms - self.since_ms)
        until = local_time(self.until_ms)
        return (
            f"No network from {local_time(self.since_ms)} to {until} ({lasted}): {self.reason()}."
        )


def _is_near(one_ms: int, other_ms: int) -> bool:
    return abs(one_ms - other_ms) < SAME_MS


def of_row(row: sa.RowMapping) -> Outage | None:
    """The one that stands in a row of `watch`."""
    if row["out_since_ms"] is None:
        return None
    return Outage(row["out_since_ms"], row["out_until_ms"], row["out_why"], row["out_cause"])


def keep(connection: sa.Connection, badge: str, told: Outage | None, heard_ms: int) -> None:
    """Keep what a badge told; None ends what went on. A badge that never had a shift has none."""
    mine = schema.watch.c.badge == badge
    row = connection.execute(sa.select(schema.watch).where(mine)).mappings().one_or_none()
    if row is None:
        return
    before = of_row(row)
    if told is None:
        if before is not None and before.until_ms is None:
            ended = schema.watch.update().where(mine)
            connection.execute(ended.values(out_until_ms=max(heard_ms, before.since_ms)))
        return
    if told.is_as(before):
        return
    values = {
        "out_since_ms": told.since_ms,
        "out_until_ms": told.until_ms,
        "out_why": told.why,
        "out_cause": told.cause,
    }
    connection.execute(schema.watch.update().where(mine).values(values))
    if told.until_ms is not None:
        _note(connection, badge, told, told.until_ms, heard_ms)


def _note(
    connection: sa.Connection, badge: str, told: Outage, until_ms: int, heard_ms: int
) -> None:
    """Say it at the incident of that silence, if it was one."""
    columns = schema.incident.c
    statement = (
        sa.select(columns.id)
        .where(columns.badge == badge, columns.kind == QUIET)
        .where(columns.heard_ms <= until_ms + SAME_MS)
        .where(sa.or_(columns.back_ms.is_(None), columns.back_ms >= told.since_ms))
    )
    for incident_id in connection.execute(statement).scalars().all():
        written = remarks.of(connection, [incident_id])
        if sum(one.by == RECEIVER and one.text.startswith(_SAYS) for one in written) < _MOST_NOTES:
            text = _SAYS + told.sentence()
            note = remarks.Remark(incident_id, heard_ms, RECEIVER, remarks.Sort.NOTE, text)
            remarks.add(connection, note)


def sentence(connection: sa.Connection) -> str:
    """Which badges have no network of their own now, or had none for a reason that stays."""
    watch = schema.watch.c
    statement = (
        sa.select(schema.watch)
        .join(schema.badge, schema.badge.c.badge == watch.badge)
        .where(watch.out_since_ms.is_not(None), schema.badge.c.revoked_ms.is_(None))
        .where(watch.out_until_ms.is_(None))
        .order_by(watch.badge)
    )
    found = [(row["badge"], of_row(row)) for row in connection.execute(statement).mappings()]
    out = [(badge, one) for badge, one in found if one is not None and one.why in _FOR_GOOD]
    if not out:
        return ""
    named = [f"{badge}: {one.reason()}" for badge, one in out[:_NAMED]]
    more = f" and {len(out) - _NAMED} more" if len(out) > _NAMED else ""
    return (
        f"{len(out)} badge{'' if len(out) == 1 else 's'} on another way than the mobile network, "
        f"which does not come back by itself ({', '.join(named)}{more}): see to SIM and modem "
        "(`nabij doctor`)."
    )

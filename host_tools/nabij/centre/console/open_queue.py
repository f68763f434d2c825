"""The open incidents as an operator sees them: what needs a person first, worst and oldest first.

`build` works inside the transaction of its caller; ordering and grouping are pure.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec
import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.console.models import Queue, QueueItem
from nabij.centre.console.wearers import NOBODY, Sees, Wearer, by_person, of_badge
from nabij.centre.database import schema
from nabij.centre.database.claims import Claim
from nabij.centre.incidents import claims, remarks
from nabij.centre.incidents.incident import OWN_BOOT, Incident, state_name
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.remarks import Sort
from nabij.centre.incidents.words import OWN, QUIET, alarm_words

# Badges of a site that went quiet within this time of one another may be one fault of a network.
TOGETHER_MS: Final = 5 * 60_000
LEAST_TOGETHER: Final = 3
# What brings an incident back to the top after somebody saw to it.
_AGAIN: Final = {
    What.REOPENED: "reopened",
    What.ESCALATED: "worse",
    What.DURESS: "duress",
    What.DUE_AGAIN: "due again",
    What.QUIET_AGAIN: "quiet again",
}
_SEEN_TO: Final = {What.TAKEN, What.CLAIMED, What.HELP_COMING}
# How it came: no other way is built into the badge.
_PATH: Final = {True: "receiver", False: "LTE"}


def build(connection: sa.Connection, sees: Sees, now_ms: int) -> Queue:
    """What one may see of the open incidents, in order."""
    rows = connection.execute(sa.select(schema.incident).where(schema.IS_OPEN)).mappings()
    incidents = [Incident(**row) for row in rows]
    items = items_of(connection, incidents, sees, now_ms)
    last = sa.select(sa.func.coalesce(sa.func.max(schema.event.c.id), 0))
    return Queue(now_ms, int(connection.execute(last).scalar_one()), ordered(grouped(items)))


def items_of(
    connection: sa.Connection, incidents: Collection[Incident], sees: Sees, now_ms: int
) -> list[QueueItem]:
    """The incidents that one may see, each with all that stands in its line."""
    people = by_person(connection)
    who = {one.id: of_badge(connection, one.badge, one.raised_ms, people) for one in incidents}
    seen = [one for one in incidents if sees(who[one.id])]
    ids = [one.id for one in seen]
    owners = claims.holders(connection, now_ms)
    again = _again(connection, ids)
    heard, shifts = _heard(connection, ids), _on_shift(connection)
    informed: defaultdict[int, list[str]] = defaultdict(list)
    for remark in remarks.of(connection, ids):
        if remark.sort is Sort.INFORMED:
            informed[remark.incident_id].append(remark.by)
    return [
        _item(
            one,
            who[one.id],
            owners.get(one.id),
            again=again.get(one.id, ""),
            heard_ms=heard.get(one.id, one.heard_ms),
            on_shift=one.badge in shifts,
            informed=informed[one.id],
        )
        for one in seen
    ]


def ordered(items: Iterable[QueueItem]) -> list[QueueItem]:
    """What needs a person first; then by priority, duress before all of it, the oldest first.

    Drills come after all that is real.
    """
    return sorted(
        items,
        key=lambda one: (
            *(one.drill, not one.needs, one.priority, not one.duress),
            *(one.raised_ms, one.id),
        ),
    )


def grouped(items: Iterable[QueueItem]) -> list[QueueItem]:
    """Mark badges of a site that went quiet together; each stays a line of its own."""
    found = list(items)
    quiet: defaultdict[str, list[QueueItem]] = defaultdict(list)
    for one in found:
        if one.kind == OWN[QUIET] and one.site:
            quiet[one.site].append(one)
    keys: dict[int, str] = {}
    for site, those in quiet.items():
        for bunch in _bunches(sorted(those, key=lambda one: one.raised_ms)):
            if len(bunch) >= LEAST_TOGETHER:
                key = f"{site} {bunch[0].raised_ms}"
                keys |= {one.id: key for one in bunch}
    return [
        msgspec.structs.replace(one, group=keys[one.id]) if one.id in keys else one
        for one in found
    ]


def _bunches(those: list[QueueItem]) -> Iterable[list[QueueItem]]:
    bunch: list[QueueItem] = []
    for one in those:
        if bunch and one.raised_ms - bunch[-1].raised_ms > TOGETHER_MS:
            yield bunch
            bunch = []
        bunch.append(one)
    if bunch:
        yield bunch


def priority_of(incident: Incident) -> int:
    """1: a person calls or is down. 2: was asked and does not answer. 3: the badge is silent."""
    if incident.duress:
        return 1
    if incident.kind in OWN:
        return 3
    return max(1, min(3, int(kinds.of(incident.kind).priority)))


def _item(
    incident: Incident,
    wearer: Wearer,
    owner: Claim | None,
    *,
    again: str,
    heard_ms: int | None,
    on_shift: bool,
    informed: list[str],
) -> QueueItem:
    words = alarm_words(incident.kind)
    return QueueItem(
        id=incident.id,
        badge=incident.badge,
        wearer=incident.wearer or wearer.name,
        person_id=None if wearer is NOBODY else wearer.person_id,
        team=wearer.team,
        site=wearer.site,
        address=wearer.address,
        kind=incident.kind_name,
        words=f"DURESS ({words})" if incident.duress else words,
        priority=priority_of(incident),
        state=state_name(incident.state),
        duress=incident.duress,
        false_alarm=incident.false_alarm,
        raised_ms=incident.raised_ms,
        received_ms=incident.received_ms,
        age_at_least=incident.age_at_least,
        heard_ms=heard_ms,
        battery_percent=incident.battery_percent,
        on_shift=on_shift,
        path=_PATH[incident.boot == OWN_BOOT or incident.by_deadline],
        owner="" if owner is None else owner.owner,
        owned_until_ms=None if owner is None else owner.until_ms,
        informed=informed,
        needs=incident.state != wire.STATUS_CLOSED and (owner is None or bool(again)),
        again=again,
        group="",
        drill=incident.test,
    )


def _again(connection: sa.Connection, ids: Collection[int]) -> Mapping[int, str]:
    """Why an incident came back after it was last seen to."""
    event, alarm = schema.event.c, schema.alarm.c
    told = [str(one) for one in (*_AGAIN, *_SEEN_TO)]
    statement = (
        sa.select(alarm.incident_id, event.what)
        .join(schema.alarm, alarm.id == event.alarm_id)
        .where(alarm.incident_id.in_(sorted(ids)), event.what.in_(told))
        .order_by(event.id)
    )
    found: dict[int, str] = {}
    for row in connection.execute(statement):
        what = What(row.what)
        if what in _SEEN_TO:
            found.pop(row.incident_id, None)
        else:
            found[row.incident_id] = _AGAIN[what]
    return found


def _heard(connection: sa.Connection, ids: Collection[int]) -> Mapping[int, int]:
    """When the badge last sent of each incident."""
    message, alarm = schema.message.c, schema.alarm.c
    statement = (
        sa.select(alarm.incident_id, sa.func.max(message.received_ms).label("at_ms"))
        .join(schema.alarm, alarm.id == message.alarm_id)
        .where(alarm.incident_id.in_(sorted(ids)))
        .group_by(alarm.incident_id)
    )
    return {row.incident_id: row.at_ms for row in connection.execute(statement)}


def _on_shift(connection: sa.Connection) -> frozenset[str]:
    columns = schema.watch.c
    statement = sa.select(columns.badge).where(columns.due_steady_ms.is_not(None))
    return frozenset(connection.execute(statement).scalars())

"""Incidents that the receiver opens for itself, under keys that no badge can send.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from typing import Any, Final

import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.database.statements import lock_badges
from nabij.centre.incidents import rows
from nabij.centre.incidents.incident import OWN_BOOT, Incident
from nabij.centre.incidents.merge import What
from nabij.errors import UsageError

# Who notes what nobody at the centre did.
RECEIVER: Final = "nabij"


def find_open(connection: sa.Connection, badge: str, kind: int) -> int | None:
    """The id of the badge's open incident of that kind."""
    columns = schema.incident.c
    statement = (
        sa.select(columns.id)
        .where(columns.badge == badge, columns.boot == OWN_BOOT, columns.kind == kind)
        .where(columns.state != wire.STATUS_CLOSED)
    )
    found: int | None = connection.execute(statement).scalars().first()
    return found


def notice(connection: sa.Connection, badge: str, kind: int, now: Moment, note: str) -> int | None:
    """Open the incident of something odd about a badge; the id of the news.

    None when there is one that is still open: nobody needs another.
    """
    lock_badges(connection, [badge])
    known = sa.select(schema.badge.c.badge).where(schema.badge.c.badge == badge)
    if connection.execute(known).first() is None or find_open(connection, badge, kind):
        return None
    incident = insert(connection, badge, kind, now, since_ms=now.wall_ms)
    add_note(connection, incident.id, wire.STATUS_RECEIVED, now, note, f"own-{incident.id}")
    return rows.tell(connection, alarm_id(connection, incident.id), What.OPENED, now.wall_ms)


def practise(connection: sa.Connection, badge: str, now: Moment, by: str) -> tuple[int, int]:
    """Open an incident that is a drill to its end, and the ids of it and of the news.

    The badge hears nothing of it, and nobody is called. UsageError while one is open.
    """
    lock_badges(connection, [badge])
    if find_open(connection, badge, kinds.SOS):
        raise UsageError(f"A drill of badge {badge} is open: close it first.")
    opened = insert(connection, badge, kinds.SOS, now, since_ms=now.wall_ms, test=True)
    words = f"A drill, begun by {by}."
    add_note(connection, opened.id, wire.STATUS_RECEIVED, now, words, f"own-{opened.id}")
    alarm = alarm_id(connection, opened.id)
    return opened.id, rows.tell(connection, alarm, What.OPENED, now.wall_ms)


def insert(
    connection: sa.Connection,
    badge: str,
    kind: int,
    now: Moment,
    *,
    since_ms: int,
    test: bool = False,
    **values: Any,
) -> Incident:
    """One of that kind, and its alarm; it has been so since a time (ms since 1970 UTC)."""
    columns = schema.alarm.c
    last = sa.select(sa.func.max(columns.seq)).where(
        columns.badge == badge, columns.boot == OWN_BOOT
    )
    key = {"boot": OWN_BOOT, "seq": (connection.execute(last).scalar_one() or 0) + 1}
    incident = rows.insert(
        connection,
        badge,
        **key,
        kind=kind,
        state=wire.STATUS_RECEIVED,
        test=test,
        raised_ms=since_ms,
        received_ms=now.wall_ms,
        age_ms=max(0, now.wall_ms - since_ms),
        age_at_least=False,
        attempt=0,
        **values,
    )
    connection.execute(
        schema.alarm.insert().values(
            badge=badge,
            **key,
            kind=kind,
            rev=0,
            alarm_rev=0,
            test=test,
            ended=False,
            false_alarm=False,
            duress=False,
            set_ms=since_ms,
            heard_ms=since_ms,
            adopted=False,
            incident_id=incident.id,
        )
    )
    return incident


def add_note(
    connection: sa.Connection, incident_id: int, state: int, now: Moment, note: str, request: str
) -> None:
    """Keep with the incident what the receiver itself has to say of it."""
    connection.execute(
        schema.action.insert().values(
            incident_id=incident_id,
            state=state,
            at_ms=now.wall_ms,
            by=RECEIVER,
            note=note,
            request=request,
            owed=False,
            again=0,
        )
    )


def alarm_id(connection: sa.Connection, incident_id: int) -> int:
    """The alarm of an incident."""
    statement = sa.select(schema.alarm.c.id).where(schema.alarm.c.incident_id == incident_id)
    return int(connection.execute(statement).scalar_one())

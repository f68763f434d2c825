"""The incident of a badge that went quiet on shift: one a silence, and what ends it.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.database.statements import lock_badges
from nabij.centre.incidents import alarms, shifts
from nabij.centre.incidents.incident import OWN_BOOT
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.shifts import Shift
from nabij.centre.incidents.words import QUIET, duration

# Who closes what nobody took.
RECEIVER: Final = "nabij"


def begin(connection: sa.Connection, badge: str, now: Moment) -> int | None:
    """The badge has been quiet for too long; the id of the news, None when that is told already.

    An incident of an earlier silence that is still open is this one's too.
    """
    lock_badges(connection, [badge])
    shift = shifts.find(connection, badge)
    if shift is None or shift.incident_id is not None:
        return None
    lost_ms = now.wall_ms if shift.lost_ms is None else shift.lost_ms
    values = {"heard_ms": lost_ms, "shift_ms": shift.since_ms, "until_ms": shift.due_ms}
    table = schema.incident
    open_ = (
        sa.select(table.c.id)
        .where(table.c.badge == badge, table.c.boot == OWN_BOOT, table.c.kind == QUIET)
        .where(table.c.state != wire.STATUS_CLOSED)
    )
    incident_id = connection.execute(open_).scalars().first()
    what = What.QUIET_AGAIN
    if incident_id is None:
        incident_id = _open(connection, shift, now, values)
        what = What.OPENED
    else:
        again = table.update().where(table.c.id == incident_id)
        connection.execute(again.values(**values, back_ms=None))
    shifts.link(connection, badge, incident_id)
    return alarms.tell(connection, _alarm_id(connection, incident_id), what, now.wall_ms)


def end(connection: sa.Connection, badge: str, now: Moment) -> int | None:
    """The badge is heard again; the id of the news, None when no silence of it is an incident.

    What nobody has taken is closed by that.
    """
    lock_badges(connection, [badge])
    shift = shifts.find(connection, badge)
    if shift is None or shift.incident_id is None:
        return None
    incident_id = shift.incident_id
    shifts.link(connection, badge, None)
    table = schema.incident
    mine = table.c.id == incident_id
    # Corrected when the clock was set meanwhile.
    heard_ms = now.wall_ms if shift.lost_ms is None else shift.lost_ms
    back = {"heard_ms": heard_ms, "back_ms": now.wall_ms}
    connection.execute(table.update().where(mine).values(back))
    found = alarms.incident_by_id(connection, incident_id)
    if found.state == wire.STATUS_RECEIVED:
        quiet = duration(now.wall_ms - heard_ms)
        connection.execute(
            schema.action.insert().values(
                incident_id=incident_id,
                state=wire.STATUS_CLOSED,
                at_ms=now.wall_ms,
                by=RECEIVER,
                note=f"Heard again after {quiet}.",
                request=f"heard-{incident_id}",
                owed=False,
                again=0,
            )
        )
        alarms.set_state(connection, incident_id, wire.STATUS_CLOSED)
    return alarms.tell(connection, _alarm_id(connection, incident_id), What.BACK, now.wall_ms)


def _open(connection: sa.Connection, shift: Shift, now: Moment, values: dict[str, Any]) -> int:
    """Under a key that no badge can send."""
    columns = schema.alarm.c
    last = sa.select(sa.func.max(columns.seq)).where(
        columns.badge == shift.badge, columns.boot == OWN_BOOT
    )
    seq = (connection.execute(last).scalar_one() or 0) + 1
    heard_ms = values["heard_ms"]
    incident = alarms.insert_incident(
        connection,
        shift.badge,
        boot=OWN_BOOT,
        seq=seq,
        kind=QUIET,
        state=wire.STATUS_RECEIVED,
        test=False,
        raised_ms=heard_ms,
        received_ms=now.wall_ms,
        age_ms=max(0, now.wall_ms - heard_ms),
        age_at_least=False,
        attempt=0,
        **values,
    )
    connection.execute(
        schema.alarm.insert().values(
            badge=shift.badge,
            boot=OWN_BOOT,
            seq=seq,
            kind=QUIET,
            rev=0,
            alarm_rev=0,
            test=False,
            ended=False,
            false_alarm=False,
            duress=False,
            set_ms=heard_ms,
            heard_ms=heard_ms,
            adopted=False,
            incident_id=incident.id,
        )
    )
    return incident.id


def _alarm_id(connection: sa.Connection, incident_id: int) -> int:
    statement = sa.select(schema.alarm.c.id).where(schema.alarm.c.incident_id == incident_id)
    return int(connection.execute(statement).scalar_one())

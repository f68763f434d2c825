"""The incident of a badge that went quiet on shift: one a silence, and what ends it.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.database.statements import lock_badges
from nabij.centre.incidents import own_incident, rows, shifts
from nabij.centre.incidents.merge import What
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
    values: dict[str, Any] = {
        "heard_ms": lost_ms,
        "shift_ms": shift.since_ms,
        "until_ms": shift.due_ms,
        "keepalive_s": shift.keepalive_s,
    }
    incident_id = own_incident.find_open(connection, badge, QUIET)
    what = What.QUIET_AGAIN
    if incident_id is None:
        incident = own_incident.insert(connection, badge, QUIET, now, since_ms=lost_ms, **values)
        incident_id = incident.id
        what = What.OPENED
    else:
        again = schema.incident.update().where(schema.incident.c.id == incident_id)
        connection.execute(again.values(**values, back_ms=None))
    shifts.link(connection, badge, incident_id)
    return rows.tell(connection, own_incident.alarm_id(connection, incident_id), what, now.wall_ms)


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
    found = rows.by_id(connection, incident_id)
    if found.state == wire.STATUS_RECEIVED:
        quiet = duration(now.wall_ms - heard_ms)
        note = f"Heard again after {quiet}."
        request = f"heard-{incident_id}"
        own_incident.add_note(connection, incident_id, wire.STATUS_CLOSED, now, note, request)
        rows.set_state(connection, incident_id, wire.STATUS_CLOSED)
    return rows.tell(
        connection, own_incident.alarm_id(connection, incident_id), What.BACK, now.wall_ms
    )

"""An incident in full: its time line, whom to call, what to do, and what the wearer may know.

Works inside the transaction of its caller.
"""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.console.models import ContactModel, IncidentDetail, Line
from nabij.centre.console.open_queue import items_of
from nabij.centre.console.wearers import Sees
from nabij.centre.database import schema
from nabij.centre.incidents import handling, remarks
from nabij.centre.incidents.handling import Dossier
from nabij.centre.incidents.incident import OWN_BOOT, state_name
from nabij.centre.incidents.merge import What, told_state
from nabij.centre.incidents.remarks import Remark, Sort
from nabij.centre.people import persons

# The actions have a line of their own, which says who.
_BY_ACTION: Final = {"taken", "help_coming", "closed"}
# What was said before these was about something else.
_OPENS: Final = (What.REOPENED, What.ESCALATED, What.DUE_AGAIN)


def build(
    connection: sa.Connection, incident_id: int, sees: Sees, now_ms: int
) -> IncidentDetail | None:
    """All of one incident; None when there is none, or when one may not see it."""
    found = handling.dossier(connection, incident_id)
    if found is None:
        return None
    items = items_of(connection, [found.incident], sees, now_ms)
    if not items:
        return None
    [item] = items
    notes = remarks.of(connection, [incident_id])
    person = None if item.person_id is None else persons.find(connection, item.person_id)
    calls = [] if person is None else persons.contacts(connection, person.id)
    lines = [*_happened(connection, incident_id), *_done(found, notes)]
    return IncidentDetail(
        now_ms=now_ms,
        item=item,
        closed=found.incident.state == wire.STATUS_CLOSED,
        told=_told(connection, found),
        may_call_false=may_call_false(found, notes, _opened_ms(connection, incident_id)),
        lines=sorted(lines, key=lambda one: one.at_ms),
        action_plan="" if person is None else persons.action_plan(connection, person.id),
        phone="" if person is None else person.phone,
        note="" if person is None else person.note,
        contacts=[ContactModel(one.name, one.reach) for one in calls],
    )


def may_call_false(found: Dossier, notes: list[Remark], opened_ms: int) -> bool:
    """Only after somebody spoke to the wearer since then, and never of one who is forced."""
    return not found.incident.duress and any(
        one.sort is Sort.CONTACT and one.at_ms >= opened_ms for one in notes
    )


def _opened_ms(connection: sa.Connection, incident_id: int) -> int:
    """When it last came up or got worse; 0 for never, which is a silence that nobody sent."""
    event, alarm = schema.event.c, schema.alarm.c
    statement = (
        sa.select(sa.func.coalesce(sa.func.max(event.at_ms), 0))
        .join(schema.alarm, alarm.id == event.alarm_id)
        .where(alarm.incident_id == incident_id, event.what.in_([str(one) for one in _OPENS]))
    )
    return int(connection.execute(statement).scalar_one())


def _happened(connection: sa.Connection, incident_id: int) -> Iterator[Line]:
    event, alarm = schema.event.c, schema.alarm.c
    statement = (
        sa.select(event.what, event.at_ms)
        .join(schema.alarm, alarm.id == event.alarm_id)
        .where(alarm.incident_id == incident_id)
        .order_by(event.id)
    )
    for row in connection.execute(statement):
        if row.what not in _BY_ACTION:
            yield Line(row.at_ms, row.what, "", "")


def _done(found: Dossier, notes: list[Remark]) -> Iterator[Line]:
    for action in found.actions:
        yield Line(action.at_ms, state_name(action.state), action.by, action.note)
    for note in notes:
        yield Line(note.at_ms, str(note.sort), note.by, note.text)


def _told(connection: sa.Connection, found: Dossier) -> str:
    """The state that the badge may know of; empty of what it knows nothing."""
    incident = found.incident
    if incident.boot == OWN_BOOT:
        return ""
    alarm = schema.alarm.c
    mine = sa.select(alarm.due_steady_ms).where(alarm.incident_id == incident.id)
    waits = connection.execute(mine).scalar_one_or_none() is not None
    watched = incident.duress or incident.false_alarm
    return state_name(told_state(incident.state, watched=watched, deadline=waits))

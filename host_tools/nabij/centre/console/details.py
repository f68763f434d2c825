"""An incident in full: its time line, whom to call, what to do, and what the wearer may know.

Works inside the transaction of its caller.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.cells.circles import ATTRIBUTION
from nabij.centre.console import told_lines
from nabij.centre.console.line_words import LINE_WORDS
from nabij.centre.console.models import (
    ContactModel,
    IncidentDetail,
    Line,
    LinkItem,
)
from nabij.centre.console.open_queue import items_of
from nabij.centre.console.wearers import Sees, by_person
from nabij.centre.console.where_models import PictureItem, PlaceItem
from nabij.centre.database import schema
from nabij.centre.incidents import handling, links, places, remarks
from nabij.centre.incidents.handling import Dossier
from nabij.centre.incidents.incident import OWN_BOOT, state_name
from nabij.centre.incidents.merge import What, told_state
from nabij.centre.incidents.remarks import Remark, Sort
from nabij.centre.incidents.whereabouts import MOST_SHOWN, Source, Spot
from nabij.centre.people import persons, pictures

# These have a line of their own, which says who did it, or where it is.
_SAID_OTHERWISE: Final = {"taken", "help_coming", "closed", "placed"}
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
    where, how = found.where, places.motion_of(connection, incident_id)
    best = where.best(now_ms)
    lines = [*_happened(connection, incident_id), *_done(found, notes)]
    lines += told_lines.of_centres(found.handed)
    lines += told_lines.of_carriers(found.carriers, found.incident.zone)
    lines += told_lines.of_sms(found.sms)
    lines += told_lines.of_people(connection, incident_id)
    lines += [_placed(one) for one in where.spots[-MOST_SHOWN:]]
    lines += [] if how is None else [Line(how.noted_ms, "motion", how.by, how.why)]
    return IncidentDetail(
        now_ms=now_ms,
        item=item,
        closed=found.incident.state == wire.STATUS_CLOSED,
        told=_told(connection, found),
        may_call_false=may_call_false(found, notes, _opened_ms(connection, incident_id)),
        lines=[_worded(one) for one in sorted(lines, key=lambda one: one.at_ms)],
        action_plan="" if person is None else persons.action_plan(connection, person.id),
        phone="" if person is None else person.phone,
        note="" if person is None else person.note,
        contacts=[ContactModel(one.name, one.reach) for one in calls],
        position=None if best is None else _place(best),
        first=[_place(one) for one in where.first(now_ms)],
        places=[_place(one) for one in where.spots[-MOST_SHOWN:]],
        cells_by=ATTRIBUTION if where.shows_cells() else "",
        places_trouble=where.trouble,
        motion_ms=None if how is None else how.noted_ms,
        picture=_picture(connection, item.person_id),
        links=[
            LinkItem(
                *(one.id, one.whom, one.by, one.made_ms, one.until_ms),
                good=one.is_good(now_ms),
            )
            for one in links.of(connection, incident_id)
        ],
    )


def _worded(line: Line) -> Line:
    return msgspec.structs.replace(line, words=LINE_WORDS.get(line.what, line.what))


def _placed(one: Spot) -> Line:
    what = "position" if one.source is Source.NOTED else "hinted" if one.hint else "placed"
    return Line(one.at_ms, what, one.by, one.lasting_words())


def _place(one: Spot) -> PlaceItem:
    return PlaceItem(
        source=str(one.source),
        hint=one.hint,
        at_ms=one.at_ms,
        until_ms=one.until_ms,
        lat=None if one.lat_e7 is None else one.lat_e7 / places.E7,
        lon=None if one.lon_e7 is None else one.lon_e7 / places.E7,
        accuracy_m=one.accuracy_m,
        how=one.how,
        name=one.named,
        known=one.known,
        strength_dbm=one.strength_dbm,
        speed_cm_s=one.speed_cm_s,
        zone=one.zone,
        by=one.by,
    )


def _picture(connection: sa.Connection, person_id: int | None) -> PictureItem | None:
    """The floor plan of the site of the wearer, where one is set."""
    wearer = None if person_id is None else by_person(connection).get(person_id)
    if wearer is None or wearer.site_id is None:
        return None
    found = pictures.find(connection, wearer.site_id)
    if found is None:
        return None
    path = f"/sites/{wearer.site_id}/picture?version={found.version}"
    edges = found.edges
    degrees = (edges.north_e7, edges.south_e7, edges.west_e7, edges.east_e7)
    return PictureItem(path, *(one / pictures.E7 for one in degrees))


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
        if row.what not in _SAID_OTHERWISE:
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

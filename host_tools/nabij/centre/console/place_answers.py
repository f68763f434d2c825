"""Answers about where a wearer is and how they moved, and the floor plans of sites."""

import msgspec

from nabij.centre.console import details
from nabij.centre.console.asking import Ask, NotThereError
from nabij.centre.console.models import Done
from nabij.centre.console.place_models import (
    Motion,
    MotionAsked,
    Phase,
    PictureAsked,
    PositionAsked,
)
from nabij.centre.incidents import places
from nabij.centre.people import audit, persons, pictures
from nabij.centre.people.pictures import Edges


def note_position(ask: Ask) -> Done:
    """Where the wearer was, as somebody heard or saw it."""
    asked, incident_id = ask.of(PositionAsked), _seen(ask)
    where = places.Position(
        at_ms=ask.now_ms - asked.age_s * 1000,
        lat_e7=round(asked.lat * places.E7),
        lon_e7=round(asked.lon * places.E7),
        accuracy_m=asked.accuracy_m,
        noted_ms=ask.now_ms,
        by=ask.by,
    )
    places.note_position(ask.connection, incident_id, where)
    return Done()


def note_motion(ask: Ask) -> Done:
    """The motion around the alarm, as it was read from the badge by cable."""
    asked, incident_id = ask.of(MotionAsked), _seen(ask)
    how = places.Motion(
        begin_ms=asked.begin_ms,
        step_ms=asked.step_ms,
        magnitudes_mg=msgspec.json.encode(asked.magnitudes_mg).decode(),
        phases=msgspec.json.encode(asked.phases).decode(),
        why=asked.why,
        noted_ms=ask.now_ms,
        by=ask.by,
    )
    places.note_motion(ask.connection, incident_id, how)
    return Done()


def motion(ask: Ask) -> Motion:
    """The motion around the alarm; that it was looked at is kept, as of the incident."""
    incident_id = _seen(ask)
    found = places.motion_of(ask.connection, incident_id)
    if found is None:
        raise NotThereError("No motion was sent or noted for this incident.")
    return Motion(
        begin_ms=found.begin_ms,
        step_ms=found.step_ms,
        magnitudes_mg=msgspec.json.decode(found.magnitudes_mg, type=list[int]),
        phases=msgspec.json.decode(found.phases, type=list[Phase]),
        why=found.why,
        by=found.by,
    )


def keep_picture(ask: Ask) -> Done:
    """The floor plan of a site, or none any more."""
    asked, site_id = ask.of(PictureAsked), ask.number("site")
    if asked.picture:
        degrees = (asked.north, asked.south, asked.west, asked.east)
        edges = Edges(*(round(one * pictures.E7) for one in degrees))
        pictures.keep(ask.connection, site_id, asked.picture, edges, ask.now_ms)
    else:
        pictures.remove(ask.connection, site_id)
    login = ask.visitor.account.login
    audit.add(ask.connection, ask.now_ms, login, "changed a floor plan", detail=str(site_id))
    return Done()


def picture(ask: Ask) -> tuple[str, bytes]:
    """The floor plan of a site that one may see: its media type, and the picture."""
    site_id, own = ask.number("site"), ask.visitor.teams
    theirs = {one.site_id for one in persons.teams(ask.connection) if own and one.id in own}
    found = None
    if own is None or site_id in theirs:
        found = pictures.content(ask.connection, site_id)
    if found is None:
        raise NotThereError("There is no floor plan of that site.")
    return found


def _seen(ask: Ask) -> int:
    incident_id = ask.number("incident")
    if details.build(ask.connection, incident_id, ask.visitor.sees, ask.now_ms) is None:
        raise NotThereError(f"There is no incident {incident_id}: look at the queue again.")
    return incident_id

"""Answers about where one is outside alarms: what is held of oneself, never where that is."""

import sqlalchemy as sa

from nabij.centre.console.account_models import OwnLocation
from nabij.centre.console.asking import Ask
from nabij.centre.console.wearers import NOBODY, by_person
from nabij.centre.database.location_tables import sealed_position
from nabij.centre.location import consent


def own_location(ask: Ask) -> OwnLocation:
    """What is held of whoever asks, and under which consent."""
    person_id = ask.visitor.account.person_id
    if person_id is None:
        return OwnLocation(None)
    held = sa.select(sa.func.max(sealed_position.c.at_ms)).where(
        sealed_position.c.person_id == person_id
    )
    at_ms = ask.connection.execute(held).scalar_one()
    switch = consent.switch(ask.connection)
    given = switch.consent
    me = by_person(ask.connection).get(person_id, NOBODY)
    if given is None or not switch.is_on(ask.now_ms) or not given.covers(me.team_id, me.site_id):
        return OwnLocation(at_ms)
    return OwnLocation(at_ms, given.council, given.reference, given.until.isoformat())

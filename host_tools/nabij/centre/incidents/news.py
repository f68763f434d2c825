"""What is told of an alarm after, or without, its becoming an incident."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.database import claims, schema
from nabij.centre.incidents import handling, rows, whereabouts
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.whereabouts import NOWHERE, Whereabouts
from nabij.centre.incidents.words import (
    alarm_words,
    deadline_words,
    duration,
    kind_name,
    local_time,
    who,
)

# Twenty lines an hour and badge that ask nothing of anybody would hide the one that does.
_ROUTINE: Final = {What.DEADLINE, What.EXTENDED, What.ENDED}
_ACTIONS: Final = {
    What.TAKEN: wire.STATUS_TAKEN,
    What.HELP_COMING: wire.STATUS_HELP_COMING,
    What.CLOSED: wire.STATUS_CLOSED,
}

# Built once: to build a statement takes SQLAlchemy longer than SQLite takes to do it.
_READ: Final = (
    sa.select(
        schema.event.c.id,
        schema.event.c.what,
        schema.event.c.at_ms,
        schema.alarm.c.badge,
        schema.badge.c.wearer,
        schema.alarm.c.boot,
        schema.alarm.c.seq,
        schema.alarm.c.kind,
        schema.alarm.c.due_ms,
        schema.alarm.c.incident_id,
    )
    .join(schema.alarm, schema.alarm.c.id == schema.event.c.alarm_id)
    .join(schema.badge, schema.badge.c.badge == schema.alarm.c.badge)
    .where(schema.event.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(schema.event.c.id)
)


@dataclass(frozen=True)
class News:
    """One thing that happened to an alarm, as listeners are told it."""

    id: int
    what: What
    at_ms: int
    badge: str
    wearer: str
    boot: int
    seq: int
    kind: int
    due_ms: int | None
    # As it stands now; None while the alarm is none.
    incident: Incident | None
    # Who did it at the centre, empty for all else.
    by: str = ""
    where: Whereabouts = NOWHERE

    @property
    def routine(self) -> bool:
        """A person need not read it: a check-in that goes as it should."""
        return self.kind == kinds.CHECK_IN and self.incident is None and self.what in _ROUTINE

    def sentence(self, shown_ms: int | None = None) -> str:
        """One line for a person, to whom it is shown at that time; None for when it came."""
        if self.incident is None:
            return f"{self._watched()}  {who(self.wearer, self.badge)}"
        if self.what is What.OPENED:
            now_ms = self.at_ms if shown_ms is None else shown_ms
            said = self.where.sentences(now_ms)
            opened = self.incident.sentence(shown_ms)
            return f"{opened}  where: {'; '.join(said)}" if said else opened
        return f"Incident {self.incident.id}, {who(self.wearer, self.badge)}: {self._told()}."

    def to_json(self) -> str:
        """One JSON object on one line; `event` is what happened."""
        plain: dict[str, Any] = {
            "event": str(self.what),
            "at_ms": self.at_ms,
            "badge": self.badge,
            "wearer": self.wearer,
            "boot": self.boot,
            "seq": self.seq,
            "kind": self.kind,
            "kind_name": kind_name(self.kind),
            "due_ms": self.due_ms,
            "by": self.by,
            "incident": None if self.incident is None else self.incident.fields(),
            "where": None if self.incident is None else self.where.fields(self.at_ms),
        }
        return json.dumps(plain)

    def _watched(self) -> str:
        name = deadline_words(self.kind)
        article = "an" if name[0] in "aeiou" else "a"
        until = local_time(self.due_ms) if self.due_ms is not None else ""
        return {
            What.DEADLINE: f"Watching {article} {name} until {until}",
            What.EXTENDED: f"Extended the {name} until {until}",
            What.ENDED: f"The {name} was ended by the wearer",
            What.WITHDRAWN: f"Withdrawn in the pre-alarm ({kind_name(self.kind)})",
        }.get(self.what, f"{self.what} ({name})")

    def _told(self) -> str:
        stays = "it stays open until it is closed here"
        by = f" by {self.by}" if self.by else ""
        says = f", says {self.by}" if self.by else ""
        return {
            What.JOINED: "the badge itself now sends this alarm",
            What.ESCALATED: f"now {alarm_words(self.kind)}",
            What.DURESS: "UNDER DURESS, do not let the badge or a call give that away",
            What.FALSE_ALARM: f"the wearer says it is a false alarm; {stays}",
            What.EXTENDED: f"the badge is alive and asks for more time; {stays}",
            What.ENDED: f"the wearer ended the deadline too late; {stays}",
            What.WITHDRAWN: f"the wearer withdrew the alarm; {stays}",
            What.DUE_AGAIN: "its deadline came due again",
            What.REOPENED: "open again, after it was closed",
            What.TAKEN: f"taken{by}",
            What.HELP_COMING: f"help is coming{says}",
            What.CLOSED: f"closed{by}",
            What.CLAIMED: f"taken over{by}",
            What.CLAIM_OVER: "NOBODY HAS IT ANY MORE",
            What.UNANSWERED: "NOBODY ANSWERED of all who were called; the last is called again",
            What.BACK: self._back(),
            What.PLACED: f"the badge is {'; '.join(self.where.sentences(self.at_ms))}",
            What.QUIET_AGAIN: f"the badge has gone quiet again; {stays}",
        }.get(self.what, str(self.what))

    def _back(self) -> str:
        found = self.incident
        if found is None or found.heard_ms is None:
            return "the badge is heard again"
        closed = found.state == wire.STATUS_CLOSED
        stays = "closed" if closed else "it stays open until it is closed here"
        quiet = duration((found.back_ms or self.at_ms) - found.heard_ms)
        return f"the badge is heard again after {quiet}; {stays}"


def read(connection: sa.Connection, ids: tuple[int, ...]) -> list[News]:
    """The events with these ids, in order."""
    found = connection.execute(_READ, {"ids": ids}).mappings().all()
    incident_ids = {row["incident_id"] for row in found if row["incident_id"] is not None}
    where = whereabouts.of(connection, incident_ids)
    return [_news_of(connection, dict(row), where) for row in found]


def _news_of(
    connection: sa.Connection, row: dict[str, Any], where: Mapping[int, Whereabouts]
) -> News:
    incident_id = row.pop("incident_id")
    incident = None if incident_id is None else rows.by_id(connection, incident_id)
    what = What(row["what"])
    by = ""
    if incident_id is not None and what is What.CLAIMED:
        claim = claims.find(connection, incident_id)
        by = "" if claim is None else claim.owner
    if incident_id is not None and what in _ACTIONS:
        by = handling.last_by(connection, incident_id, _ACTIONS[what])
    known = where.get(incident_id, NOWHERE)
    return News(**(row | {"what": what, "incident": incident, "by": by, "where": known}))

"""What the centre does with an incident: taken, help is coming, closed; by whom, when and why.

Each function works inside the transaction of its caller and leaves committing to it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import claims, schema
from nabij.centre.database.claims import Claim
from nabij.centre.database.statements import lock_badges
from nabij.centre.incidents import (
    by_sms,
    carriers,
    handed_over,
    rows,
    standing,
    traces,
    whereabouts,
)
from nabij.centre.incidents.by_sms import BySms
from nabij.centre.incidents.carriers import Carrier
from nabij.centre.incidents.handed_over import HandedOver
from nabij.centre.incidents.incident import OWN_BOOT, Incident, state_name
from nabij.centre.incidents.merge import What, told_state
from nabij.centre.incidents.whereabouts import NOWHERE, Whereabouts
from nabij.errors import EXIT_USAGE, NabijError, UsageError

LONGEST_NAME: Final = 100
LONGEST_NOTE: Final = 1000
# How often a status is said again when a badge connects that says no hello: older firmware has a
# session at the broker, which brings it once, unless that session was lost.
AGAIN: Final = 2
# For so long an incident is somebody's who took it and did not say for how long.
CLAIM_MS: Final = 15 * 60_000
# Whose it is when nobody said.
UNNAMED: Final = "somebody"
WORDS: Final = {
    wire.STATUS_RECEIVED: "received",
    wire.STATUS_TAKEN: "taken",
    wire.STATUS_HELP_COMING: "help is coming",
    wire.STATUS_CLOSED: "closed",
}
_NEWS: Final = {
    wire.STATUS_TAKEN: What.TAKEN,
    wire.STATUS_HELP_COMING: What.HELP_COMING,
    wire.STATUS_CLOSED: What.CLOSED,
}
# As the wearer reads it afterwards.
_DID: Final = {
    wire.STATUS_TAKEN: "took it",
    wire.STATUS_HELP_COMING: "said that help is coming",
    wire.STATUS_CLOSED: "closed it",
}


class ActionRefusedError(NabijError):
    """The incident cannot be moved on like that, now or ever."""


@dataclass(frozen=True)
class Action:
    """What somebody at the centre did. `request` names it: the same one counts once."""

    request: str
    incident_id: int
    state: int
    at_ms: int
    by: str
    note: str

    def to_json(self) -> bytes:
        """As it is handed over to a running receiver."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True)
class Dossier:
    """An incident, what was done with it, who was sent it, how it came, where it is."""

    incident: Incident
    actions: tuple[Action, ...]
    handed: tuple[HandedOver, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    where: Whereabouts = NOWHERE
    sms: tuple[BySms, ...] = ()

    def fields(self, now_ms: int) -> dict[str, Any]:
        """Everything about it, for JSON, as of now."""
        actions = [
            {
                "state": action.state,
                "state_name": state_name(action.state),
                "at_ms": action.at_ms,
                "by": action.by,
                "note": action.note,
            }
            for action in self.actions
        ]
        handed = [one.fields() for one in self.handed]
        carried = [one.fields() for one in self.carriers]
        came = [one.fields() for one in self.sms]
        mine = {"actions": actions, "handed_over": handed, "carried": carried, "sms": came}
        where = self.where.fields(now_ms)
        return {**self.incident.fields(), **mine, "where": where}


@dataclass(frozen=True)
class Owed:
    """A status that a badge has yet to be told; `rev` 0 of a badge that knows none."""

    action_id: int
    incident_id: int
    badge: str
    boot: int
    seq: int
    rev: int
    number: int
    state: int


def action_from_json(data: bytes) -> Action:
    """The action back; ValueError, KeyError or TypeError when it is none."""
    values = json.loads(data)
    action = Action(
        request=str(values["request"]),
        incident_id=int(values["incident_id"]),
        state=int(values["state"]),
        at_ms=int(values["at_ms"]),
        by=str(values["by"]),
        note=str(values["note"]),
    )
    if action.state not in _NEWS:
        raise ValueError(f"an incident cannot be moved to state {action.state}")
    return action


def check_words(state: int, by: str, note: str) -> None:
    """UsageError unless name and note can be kept with an action."""
    if state == wire.STATUS_CLOSED and not by:
        raise UsageError("Say who closes it with --by: the name is kept with the incident.")
    for value, longest, option in ((by, LONGEST_NAME, "--by"), (note, LONGEST_NOTE, "--note")):
        if len(value) > longest:
            raise UsageError(f"The text of {option} is longer than {longest} characters: cut it.")


def check_open(incident: Incident | None, incident_id: int) -> Incident:
    """The incident; ActionRefusedError unless there is one of that id and it is open."""
    if incident is None:
        raise ActionRefusedError(
            f"There is no incident {incident_id}: "
            "`nabij incident list` shows those that are open.",
            EXIT_USAGE,
        )
    if incident.state == wire.STATUS_CLOSED:
        raise ActionRefusedError(
            f"Incident {incident_id} is closed already: `nabij incident list --all` says by whom."
        )
    return incident


def check(incident: Incident | None, incident_id: int, state: int) -> None:
    """ActionRefusedError unless the incident may go to `state`: forward only."""
    incident = check_open(incident, incident_id)
    if state <= incident.state:
        raise ActionRefusedError(
            f"Incident {incident_id} only moves forward, and its state is "
            f"'{WORDS[incident.state]}' already: `nabij incident list` says by whom."
        )


def apply(connection: sa.Connection, action: Action) -> int | None:
    """Take the action; the id of the news, None when this request was taken in before.

    ActionRefusedError when it may not; UsageError when a name is missing or too long.
    """
    lock_badges(connection, _badges(connection, action.incident_id))
    if was_taken_in(connection, action.request):
        return None
    check_words(action.state, action.by, action.note)
    incident = _incident(connection, action.incident_id)
    check(incident, action.incident_id, action.state)
    rows.set_state(connection, action.incident_id, action.state)
    # Of what the receiver found for itself its badge knows nothing.
    told = incident is not None and incident.boot != OWN_BOOT
    values = asdict(action) | {"owed": told, "again": AGAIN if told else 0}
    connection.execute(schema.action.insert().values(values))
    alarm_id = rows.alarm_id_of(connection, action.incident_id)
    if told:
        standing.renumber(connection, alarm_id)
    _claim(connection, action)
    who = action.by or UNNAMED
    traces.keep(connection, action.incident_id, action.at_ms, who, _DID[action.state])
    return rows.tell(connection, alarm_id, _NEWS[action.state], action.at_ms)


def _claim(connection: sa.Connection, action: Action) -> None:
    """Who takes an incident has it; what is closed is nobody's."""
    if action.state == wire.STATUS_CLOSED:
        claims.remove(connection, action.incident_id)
        return
    found = claims.find(connection, action.incident_id)
    owner, at_ms = action.by or UNNAMED, action.at_ms
    if found is None or not found.holds(at_ms):
        mine = Claim(action.incident_id, owner, at_ms, at_ms, at_ms + CLAIM_MS)
        claims.put(connection, mine)


def was_taken_in(connection: sa.Connection, request: str) -> bool:
    """Whether the action of that name is in the database."""
    found = sa.select(schema.action.c.id).where(schema.action.c.request == request)
    return connection.execute(found).first() is not None


def dossiers(
    connection: sa.Connection,
    *,
    all_: bool = False,
    badge: str | None = None,
    last: int | None = None,
) -> list[Dossier]:
    """The open incidents, or all of them, in order of arrival; of one badge, or the newest."""
    table = schema.incident
    chosen = [] if all_ else [schema.IS_OPEN]
    if badge is not None:
        chosen.append(table.c.badge == badge)
    statement = sa.select(table).where(*chosen).order_by(table.c.id.desc()).limit(last)
    rows = list(reversed(connection.execute(statement).mappings().all()))
    is_whole = all_ and badge is None and last is None
    actions: dict[int, list[Action]] = {}
    ids = None if is_whole else [row["id"] for row in rows]
    for action in _actions(connection, ids):
        actions.setdefault(action.incident_id, []).append(action)
    handed = handed_over.of(connection, ids)
    carried = carriers.of(connection, ids)
    where = whereabouts.of(connection, [row["id"] for row in rows])
    came = by_sms.of(connection, ids)
    return [
        Dossier(
            Incident(**row),
            tuple(actions.get(row["id"], ())),
            tuple(handed.get(row["id"], ())),
            tuple(carried.get(row["id"], ())),
            where.get(row["id"], NOWHERE),
            tuple(came.get(row["id"], ())),
        )
        for row in rows
    ]


def dossier(connection: sa.Connection, incident_id: int) -> Dossier | None:
    """One incident, open or closed; None when there is none of that id."""
    incident = _incident(connection, incident_id)
    if incident is None:
        return None
    handed = handed_over.of(connection, [incident_id]).get(incident_id, ())
    carried = carriers.of(connection, [incident_id]).get(incident_id, ())
    came = by_sms.of(connection, [incident_id]).get(incident_id, ())
    done = tuple(_actions(connection, [incident_id]))
    where = whereabouts.one_of(connection, incident_id)
    return Dossier(incident, done, tuple(handed), tuple(carried), where, tuple(came))


def last_by(connection: sa.Connection, incident_id: int, state: int) -> str:
    """Who last moved the incident to `state`; empty when nobody said."""
    columns = schema.action.c
    statement = (
        sa.select(columns.by)
        .where(columns.incident_id == incident_id, columns.state == state)
        .order_by(columns.id.desc())
    )
    return connection.execute(statement).scalars().first() or ""


def owed(connection: sa.Connection) -> list[Owed]:
    """What badges have yet to be told, of each incident as it stands.

    Whoever ended or cancelled it needs no more: their badge forgets it with the receipt. So
    nothing that the centre does tells a forced cancel from a free one.
    """
    action, alarm, incident = schema.action, schema.alarm, schema.incident
    last = (
        sa.select(action.c.incident_id, sa.func.max(action.c.id).label("action_id"))
        .where(action.c.owed)
        .group_by(action.c.incident_id)
        .subquery()
    )
    statement = (
        sa.select(
            last.c.action_id,
            alarm.c.incident_id,
            alarm.c.badge,
            alarm.c.boot,
            alarm.c.seq,
            alarm.c.rev,
            alarm.c.number,
            sa.or_(alarm.c.duress, alarm.c.false_alarm).label("watched"),
            alarm.c.due_steady_ms,
            incident.c.state,
        )
        .join(alarm, alarm.c.incident_id == last.c.incident_id)
        .join(incident, incident.c.id == last.c.incident_id)
        .where(alarm.c.ended.is_(sa.false()))
        .order_by(last.c.action_id)
    )
    found = []
    for row in connection.execute(statement).mappings():
        values = dict(row)
        waits = values.pop("due_steady_ms") is not None
        watched = values.pop("watched")
        state = told_state(values.pop("state"), watched=watched, deadline=waits)
        found.append(Owed(**values, state=state))
    return found


def paid(connection: sa.Connection, told: Owed) -> None:
    """The broker keeps that status for the badge."""
    columns = schema.action.c
    mine = sa.and_(columns.incident_id == told.incident_id, columns.id <= told.action_id)
    connection.execute(schema.action.update().where(mine, columns.owed).values(owed=False))


def owe_again(connection: sa.Connection, came: Mapping[str, int]) -> None:
    """Badges connected anew, each at a time: what was done before is owed to them once more."""
    columns = schema.action.c
    for badge, at_ms in came.items():
        theirs = sa.select(schema.incident.c.id).where(schema.incident.c.badge == badge)
        last = (
            sa.select(sa.func.max(columns.id))
            .where(columns.incident_id.in_(theirs))
            .group_by(columns.incident_id)
        )
        connection.execute(
            schema.action.update()
            .where(columns.id.in_(last), columns.again > 0, columns.at_ms < at_ms)
            .values(owed=True, again=columns.again - 1)
        )


def _incident(connection: sa.Connection, incident_id: int) -> Incident | None:
    statement = sa.select(schema.incident).where(schema.incident.c.id == incident_id)
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Incident(**row)


def _badges(connection: sa.Connection, incident_id: int) -> list[str]:
    statement = sa.select(schema.incident.c.badge).where(schema.incident.c.id == incident_id)
    return list(connection.execute(statement).scalars())


def _actions(connection: sa.Connection, ids: list[int] | None) -> list[Action]:
    columns = schema.action.c
    names = ("request", "incident_id", "state", "at_ms", "by", "note")
    statement = sa.select(*(columns[name] for name in names)).order_by(columns.id)
    if ids is not None:
        statement = statement.where(columns.incident_id.in_(ids))
    return [Action(**row) for row in connection.execute(statement).mappings()]

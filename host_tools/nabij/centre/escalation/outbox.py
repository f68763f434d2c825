"""Who is being told by which channel: rows that are claimed before anything is sent.

A row waits until it is due, is sending, and then sent or failed. When one fails, or has no answer
for a while, the next channel of the step is due. A row that is found sending after a restart is
sent again and says so. Each function works inside the transaction of its caller.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import escalation_tables as tables
from nabij.centre.database import schema
from nabij.centre.escalation.plan import DEFAULT_REPEAT_MIN, Book, Plan, Until
from nabij.centre.escalation.schedule import Facts, Planned, is_wanted, planned, schedule
from nabij.centre.incidents import claims
from nabij.centre.incidents.incident import Incident

# So long a channel may be without an answer before the next one is tried beside it.
PATIENCE_MS: Final = 5_000
# After each failure but the last.
RETRY_MS: Final = (30_000, 120_000)
LONGEST_SAID: Final = 200
# Answers by a link that end a drill, or are recorded of an incident.
TAKE, CANNOT, HELP = "take", "cannot", "help"


class State(StrEnum):
    """Of a row."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    # Not needed: another channel of the step reached the person.
    SPARED = "spared"
    # Not in these hours, or nobody to tell; `said` says why.
    SKIPPED = "skipped"
    # Somebody closed or took the incident, or it all began anew.
    OVER = "over"


@dataclass(frozen=True)
class Row:
    """One person and one channel; `incident_id` None of a drill."""

    id: int
    escalation_id: int
    incident_id: int | None
    plan: str
    round: int
    position: int
    place: int
    responder: str
    name: str
    channel: str
    until: Until
    due_ms: int | None
    state: State
    tries: int
    began_ms: int | None
    done_ms: int | None
    repeated: bool
    said: str


@dataclass(frozen=True)
class Begun:
    """What a plan begins for: an event of an incident, or a drill, which is of none."""

    incident_id: int | None
    event_id: int
    at_ms: int


def begin(connection: sa.Connection, book: Book, plan: Plan, what: Begun) -> int | None:
    """Begin the plan, or begin it anew; its id, None when that event was taken in before."""
    table = tables.escalation
    found = None
    if what.incident_id is not None:
        mine = table.c.incident_id == what.incident_id
        found = connection.execute(sa.select(table).where(mine)).mappings().one_or_none()
    values = {"plan": plan.name, "began_ms": what.at_ms, "event_id": what.event_id}
    if found is None:
        first = values | {"incident_id": what.incident_id, "round": 1}
        added = table.insert().values(first).returning(table.c.id)
        escalation_id, turn = int(connection.execute(added).scalar_one()), 1
    elif found["event_id"] >= what.event_id:
        return None
    else:
        escalation_id, turn = int(found["id"]), int(found["round"]) + 1
        anew = values | {"round": turn, "unanswered_ms": None, "ended_ms": None}
        connection.execute(table.update().where(table.c.id == escalation_id).values(anew))
        _end_rows(connection, tables.outbox.c.escalation_id == escalation_id)
    for one in schedule(book, plan, what.at_ms):
        _add(connection, escalation_id, turn, one, one.position)
    return escalation_id


def due(connection: sa.Connection, now_ms: int) -> list[Row]:
    """The rows whose time has come, oldest first; whether they are wanted, `claim` asks."""
    columns = tables.outbox.c
    return _rows(connection, columns.state == State.WAITING, columns.due_ms <= now_ms)


def rows_of(connection: sa.Connection, escalation_id: int) -> list[Row]:
    """All rows of a plan at work, in the order of its steps."""
    columns = tables.outbox.c
    found = _rows(connection, columns.escalation_id == escalation_id)
    return sorted(found, key=lambda row: (row.round, row.position, row.place))


def row(connection: sa.Connection, row_id: int) -> Row | None:
    """That row."""
    return next(iter(_rows(connection, tables.outbox.c.id == row_id)), None)


def claim(connection: sa.Connection, row_id: int, now_ms: int) -> Row | None:
    """Begin to send a row; None when it is not due or not wanted any more."""
    found = row(connection, row_id)
    if found is None or found.state is not State.WAITING or (found.due_ms or now_ms) > now_ms:
        return None
    facts = facts_of(connection, found, now_ms)
    if not facts.is_open:
        _set(connection, row_id, state=State.OVER, done_ms=now_ms)
        return None
    if not is_wanted(found.until, facts):
        return None
    if _is_reached(connection, found):
        _set(connection, row_id, state=State.SPARED, done_ms=now_ms)
        return None
    _set(connection, row_id, state=State.SENDING, tries=found.tries + 1, began_ms=now_ms)
    hasten_next(connection, found, now_ms + PATIENCE_MS)
    return row(connection, row_id)


def hasten_next(connection: sa.Connection, before: Row, at_ms: int) -> None:
    """The next channel of the step is due at that time, unless it is sooner."""
    columns = tables.outbox.c
    mine = sa.and_(*_of_step(before), columns.place == before.place + 1)
    late = sa.or_(columns.due_ms.is_(None), columns.due_ms > at_ms)
    waits = sa.and_(columns.state == State.WAITING, columns.tries == 0)
    connection.execute(tables.outbox.update().where(mine, late, waits).values(due_ms=at_ms))


def hasten_step(connection: sa.Connection, before: Row, at_ms: int) -> bool:
    """Somebody cannot come: the next step is due at that time; False when none is left."""
    mine = [one for one in rows_of(connection, before.escalation_id) if one.round == before.round]
    later = [
        one
        for one in mine
        if one.position > before.position and one.state is State.WAITING and one.place == 0
    ]
    for one in later[:1]:
        _set(connection, one.id, due_ms=min(at_ms, one.due_ms or at_ms))
    return bool(later)


def record(
    connection: sa.Connection, row_id: int, now_ms: int, *, is_sent: bool, said: str
) -> None:
    """The channel has answered; what was recorded before, or is not being sent, stays."""
    found = row(connection, row_id)
    if found is None or found.state is not State.SENDING:
        return
    words = said[:LONGEST_SAID]
    if is_sent:
        _set(connection, row_id, state=State.SENT, done_ms=now_ms, said=words)
        columns = tables.outbox.c
        untried = sa.and_(*_of_step(found), columns.state == State.WAITING)
        spared = tables.outbox.update().where(untried).values(state=State.SPARED, done_ms=now_ms)
        connection.execute(spared)
        return
    hasten_next(connection, found, now_ms)
    if found.tries > len(RETRY_MS):
        _set(connection, row_id, state=State.FAILED, done_ms=now_ms, said=words)
        return
    again_ms = now_ms + RETRY_MS[found.tries - 1]
    _set(connection, row_id, state=State.WAITING, due_ms=again_ms, said=words)


def recover(connection: sa.Connection, now_ms: int, ours: Collection[int]) -> int:
    """What others were sending, who are no more, may have been sent, and is sent again; how many.

    `ours` are the rows that whoever asks is sending.
    """
    columns = tables.outbox.c
    sending = sa.and_(columns.state == State.SENDING, columns.id.not_in(ours))
    again = {"state": State.WAITING, "repeated": True, "due_ms": now_ms}
    return connection.execute(tables.outbox.update().where(sending).values(again)).rowcount


def end_closed(connection: sa.Connection, now_ms: int) -> None:
    """With an incident dies all that was still to be told of it."""
    escalation, incident = tables.escalation, schema.incident
    is_open = sa.select(incident.c.id).where(schema.IS_OPEN)
    over = sa.and_(escalation.c.ended_ms.is_(None), escalation.c.incident_id.not_in(is_open))
    ids = list(connection.execute(sa.select(escalation.c.id).where(over)).scalars())
    if ids:
        mine = escalation.c.id.in_(ids)
        connection.execute(escalation.update().where(mine).values(ended_ms=now_ms))
        _end_rows(connection, tables.outbox.c.escalation_id.in_(ids))


def repeat_last(connection: sa.Connection, book: Book, now_ms: int) -> list[tuple[int, int]]:
    """Tell the last step again where nobody answered in time.

    (escalation, incident) of those of which that is new.
    """
    table = tables.escalation
    running = sa.and_(table.c.ended_ms.is_(None), table.c.incident_id.is_not(None))
    new = []
    incident = schema.incident.c
    ours = sa.select(table, incident.badge).join(
        schema.incident, incident.id == table.c.incident_id
    )
    for found in connection.execute(ours.where(running)).mappings().all():
        # A plan that was renamed or removed meanwhile: who is called for the badge now.
        plan = book.plans.get(found["plan"]) or book.plan_of(found["badge"])
        end = _end_of_round(connection, found["id"], found["round"])
        repeat_min = DEFAULT_REPEAT_MIN if plan is None else plan.repeat_min
        if end is None or (end.due_ms or 0) + repeat_min * 60_000 > now_ms:
            continue
        if claims.holder(connection, found["incident_id"], now_ms) is not None:
            continue
        if plan is not None:
            _end_rows(connection, sa.and_(*_of_step(end)))
            last = planned(book, plan, len(plan.steps), now_ms - plan.last.after_s * 1000)
            _add(connection, found["id"], found["round"], last, end.position + 1)
        if found["unanswered_ms"] is None:
            mine = table.c.id == found["id"]
            connection.execute(table.update().where(mine).values(unanswered_ms=now_ms))
            new.append((int(found["id"]), int(found["incident_id"])))
    return new


def end_drills(connection: sa.Connection, book: Book, now_ms: int) -> None:
    """A drill is over when somebody took it, or nobody did within the time of its last step."""
    table = tables.escalation
    running = sa.and_(table.c.ended_ms.is_(None), table.c.incident_id.is_(None))
    for found in connection.execute(sa.select(table).where(running)).mappings().all():
        plan, end = book.plans.get(found["plan"]), None
        if plan is not None:
            end = _end_of_round(connection, found["id"], found["round"])
        is_late = plan is None or end is None
        if plan is not None and end is not None:
            is_late = (end.due_ms or 0) + plan.repeat_min * 60_000 <= now_ms
            is_late = is_late or facts_of(connection, end, now_ms).is_held
        if is_late:
            mine = table.c.id == found["id"]
            connection.execute(table.update().where(mine).values(ended_ms=now_ms))
            _end_rows(connection, tables.outbox.c.escalation_id == found["id"])


def is_any_running(connection: sa.Connection) -> bool:
    """Whether a plan is at work."""
    running = tables.escalation.c.ended_ms.is_(None)
    return connection.execute(sa.select(tables.escalation.c.id).where(running)).first() is not None


def failing(connection: sa.Connection) -> dict[tuple[str, str], str]:
    """The channels that failed when they were last used, by person and name, with the answer."""
    columns = tables.outbox.c
    ended = columns.state.in_([State.SENT, State.FAILED])
    statement = sa.select(tables.outbox).where(ended).order_by(columns.done_ms)
    last = {}
    for one in connection.execute(statement).mappings():
        last[one["responder"], one["channel"]] = one
    return {key: one["said"] for key, one in last.items() if one["state"] == State.FAILED}


def facts_of(connection: sa.Connection, of: Row, now_ms: int) -> Facts:
    """Whether the incident of a row is open, and somebody has it; of a drill, who answered."""
    if of.incident_id is None:
        escalation, answer = tables.escalation.c, tables.answer.c
        ended = sa.select(escalation.ended_ms).where(escalation.id == of.escalation_id)
        taken = (
            sa.select(answer.id)
            .join(tables.outbox, tables.outbox.c.id == answer.outbox_id)
            .where(tables.outbox.c.escalation_id == of.escalation_id, answer.what == TAKE)
        )
        return Facts(
            began_ms=0,
            is_open=connection.execute(ended).scalar_one() is None,
            is_held=connection.execute(taken).first() is not None,
        )
    state = sa.select(schema.incident).where(schema.incident.c.id == of.incident_id)
    incident = Incident(**connection.execute(state).mappings().one())
    held = claims.holder(connection, of.incident_id, now_ms)
    is_open = incident.state != wire.STATUS_CLOSED
    return Facts(incident.received_ms, is_open=is_open, is_held=held is not None)


def _end_of_round(connection: sa.Connection, escalation_id: int, turn: int) -> Row | None:
    columns = tables.outbox.c
    mine = _rows(connection, columns.escalation_id == escalation_id, columns.round == turn)
    first = [one for one in mine if one.place == 0]
    return max(first, key=lambda one: one.position, default=None)


def _add(
    connection: sa.Connection, escalation_id: int, turn: int, one: Planned, position: int
) -> None:
    channels: Iterable[Any] = one.channels if not one.skipped else ()
    common = {
        "escalation_id": escalation_id,
        "round": turn,
        "position": position,
        "responder": one.person.key if one.person is not None else one.step.whom,
        "name": one.person.name if one.person is not None else one.step.whom,
        "until": str(one.step.until),
        "tries": 0,
        "repeated": False,
    }
    for place, channel in enumerate(channels):
        due_ms = one.due_ms if place == 0 else None
        values = {"place": place, "channel": channel.name, "due_ms": due_ms, "said": ""}
        waiting = common | values | {"state": State.WAITING}
        connection.execute(tables.outbox.insert().values(waiting))
    if one.skipped:
        values = {"place": 0, "channel": "", "due_ms": one.due_ms, "said": one.skipped}
        skipped = common | values | {"state": State.SKIPPED}
        connection.execute(tables.outbox.insert().values(skipped))


def _is_reached(connection: sa.Connection, of: Row) -> bool:
    sent = _rows(connection, *_of_step(of), tables.outbox.c.state == State.SENT)
    return bool(sent)


def _of_step(of: Row) -> tuple[sa.ColumnElement[bool], ...]:
    columns = tables.outbox.c
    return (
        columns.escalation_id == of.escalation_id,
        columns.round == of.round,
        columns.position == of.position,
    )


def _end_rows(connection: sa.Connection, mine: sa.ColumnElement[bool]) -> None:
    waits = tables.outbox.c.state == State.WAITING
    connection.execute(tables.outbox.update().where(mine, waits).values(state=State.OVER))


def _set(connection: sa.Connection, row_id: int, **values: Any) -> None:
    mine = tables.outbox.c.id == row_id
    connection.execute(tables.outbox.update().where(mine).values(values))


def _rows(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Row]:
    outbox, escalation = tables.outbox, tables.escalation
    statement = (
        sa.select(outbox, escalation.c.incident_id, escalation.c.plan)
        .join(escalation, escalation.c.id == outbox.c.escalation_id)
        .where(*where)
        .order_by(outbox.c.due_ms, outbox.c.id)
    )
    return [
        Row(**{**found, "until": Until(found["until"]), "state": State(found["state"])})
        for found in connection.execute(statement).mappings()
    ]

"""Plans at work: each begins for an incident or a drill, goes on, begins anew and ends.

A round is one time through the steps of a plan; its rows are those of the outbox. Each function
works inside the transaction of its caller.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre.database import escalation_tables as tables
from nabij.centre.database import schema
from nabij.centre.escalation import outbox
from nabij.centre.escalation.outbox import CANNOT, Row, State
from nabij.centre.escalation.plan import DEFAULT_REPEAT_MIN, Book, Plan
from nabij.centre.escalation.schedule import Planned, planned, schedule
from nabij.centre.incidents import claims

# Who cannot come and is the only one there is, is not called again sooner.
AGAIN_MS: Final = 60_000


@dataclass(frozen=True)
class Begun:
    """What a plan begins for: an event of an incident, or a drill, which is of none."""

    incident_id: int | None
    event_id: int
    at_ms: int


@dataclass(frozen=True)
class Left:
    """Whether there is anybody who did not say that they cannot come; `is_news`: there is nobody,
    and that has to be told."""

    is_anybody: bool
    is_news: bool = False


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
        outbox.end_rows(connection, tables.outbox.c.escalation_id == escalation_id)
    for one in schedule(book, plan, what.at_ms):
        _add(connection, escalation_id, turn, one, one.position)
    return escalation_id


def cannot_come(connection: sa.Connection, book: Book, row: Row, now_ms: int) -> Left:
    """Who was told by that row cannot come: somebody else is called now, not at the next repeat.

    The next in turn, else from the beginning whoever did not say that they cannot come either,
    else the last step.
    """
    found = _found(connection, row.escalation_id)
    later = [
        one
        for one in outbox.rows_of(connection, row.escalation_id)
        if one.round == found["round"]
        and one.place == 0
        and one.responder != row.responder
        and (one.round > row.round or one.position > row.position)
        and one.state in {State.WAITING, State.SENDING}
    ]
    for one in later[:1]:
        if one.state is State.WAITING:
            outbox.set_row(connection, one.id, due_ms=min(now_ms, one.due_ms or now_ms))
    if later or row.incident_id is None:
        return Left(bool(later))
    plan = _plan_of(book, found)
    if plan is None:
        return Left(is_anybody=False)
    if _call_others(connection, book, plan, found, now_ms):
        return Left(is_anybody=True)
    end = _end_of_round(connection, found["id"], found["round"])
    if end is not None:
        called_ms = _last_called_ms(connection, row.escalation_id, end.responder)
        _repeat(connection, book, plan, end, max(now_ms, called_ms + AGAIN_MS))
    return Left(is_anybody=False, is_news=_is_new_that_nobody_answers(connection, found, now_ms))


def end_closed(connection: sa.Connection, now_ms: int) -> None:
    """With an incident dies all that was still to be told of it."""
    escalation, incident = tables.escalation, schema.incident
    is_open = sa.select(incident.c.id).where(schema.IS_OPEN)
    # A drill is of none, and NULL is not in a set that is empty.
    over = sa.and_(
        escalation.c.ended_ms.is_(None),
        escalation.c.incident_id.is_not(None),
        escalation.c.incident_id.not_in(is_open),
    )
    ids = list(connection.execute(sa.select(escalation.c.id).where(over)).scalars())
    if ids:
        mine = escalation.c.id.in_(ids)
        connection.execute(escalation.update().where(mine).values(ended_ms=now_ms))
        outbox.end_rows(connection, tables.outbox.c.escalation_id.in_(ids))


def end_one(connection: sa.Connection, incident_id: int, event_id: int, now_ms: int) -> None:
    """Somebody else has what the plan began for: nobody is called, until it begins anew."""
    columns = tables.escalation.c
    mine = sa.and_(columns.incident_id == incident_id, columns.event_id == event_id)
    found = connection.execute(sa.select(columns.id).where(mine, columns.ended_ms.is_(None)))
    for escalation_id in found.scalars().all():
        this = columns.id == escalation_id
        connection.execute(tables.escalation.update().where(this).values(ended_ms=now_ms))
        outbox.end_rows(connection, tables.outbox.c.escalation_id == escalation_id)


def repeat_last(connection: sa.Connection, book: Book, now_ms: int) -> list[tuple[int, int]]:
    """Tell the last step again where nobody answered in time.

    (escalation, incident) of those of which that is new.
    """
    columns = tables.escalation.c
    new = []
    running = sa.and_(columns.ended_ms.is_(None), columns.incident_id.is_not(None))
    for found in connection.execute(_WITH_BADGE.where(running)).mappings().all():
        plan = _plan_of(book, found)
        end = _end_of_round(connection, found["id"], found["round"])
        repeat_min = DEFAULT_REPEAT_MIN if plan is None else plan.repeat_min
        if end is None or (end.due_ms or 0) + repeat_min * 60_000 > now_ms:
            continue
        if claims.holder(connection, found["incident_id"], now_ms) is not None:
            continue
        if plan is not None:
            _repeat(connection, book, plan, end, now_ms)
        if _is_new_that_nobody_answers(connection, found, now_ms):
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
            is_late = is_late or outbox.facts_of(connection, end, now_ms).is_held
        if is_late:
            mine = table.c.id == found["id"]
            connection.execute(table.update().where(mine).values(ended_ms=now_ms))
            outbox.end_rows(connection, tables.outbox.c.escalation_id == found["id"])


def is_any_running(connection: sa.Connection) -> bool:
    """Whether a plan is at work."""
    running = tables.escalation.c.ended_ms.is_(None)
    return connection.execute(sa.select(tables.escalation.c.id).where(running)).first() is not None


_WITH_BADGE: Final = sa.select(tables.escalation, schema.incident.c.badge).outerjoin(
    schema.incident, schema.incident.c.id == tables.escalation.c.incident_id
)


def _found(connection: sa.Connection, escalation_id: int) -> sa.RowMapping:
    mine = _WITH_BADGE.where(tables.escalation.c.id == escalation_id)
    return connection.execute(mine).mappings().one()


def _plan_of(book: Book, found: sa.RowMapping) -> Plan | None:
    """Of a plan that was renamed or removed meanwhile: who is called for the badge now."""
    return book.plans.get(found["plan"]) or book.plan_of(found["badge"])


def _call_others(
    connection: sa.Connection, book: Book, plan: Plan, found: sa.RowMapping, now_ms: int
) -> bool:
    """A new round of those who did not say that they cannot come; False when there are none."""
    answer, row = tables.answer.c, tables.outbox.c
    said = (
        sa.select(row.responder)
        .join(tables.answer, answer.outbox_id == row.id)
        .where(
            row.escalation_id == found["id"],
            answer.what == CANNOT,
            answer.at_ms >= found["began_ms"],
        )
    )
    cannot = set(connection.execute(said).scalars())
    steps = [
        replace(one, skipped="cannot come")
        if one.person is not None and one.person.key in cannot and not one.skipped
        else one
        for one in schedule(book, plan, now_ms)
    ]
    first_ms = min((one.due_ms for one in steps if not one.skipped), default=None)
    if first_ms is None:
        return False
    turn = int(found["round"]) + 1
    mine = tables.escalation.c.id == found["id"]
    connection.execute(tables.escalation.update().where(mine).values(round=turn))
    for one in steps:
        due_ms = max(now_ms, one.due_ms - first_ms + now_ms)
        _add(connection, int(found["id"]), turn, replace(one, due_ms=due_ms), one.position)
    return True


def _repeat(connection: sa.Connection, book: Book, plan: Plan, end: Row, at_ms: int) -> None:
    """The last step again, after the row that its round ends with."""
    outbox.end_rows(connection, sa.and_(*outbox.of_step(end)))
    last = planned(book, plan, len(plan.steps), at_ms - plan.last.after_s * 1000)
    _add(connection, end.escalation_id, end.round, last, end.position + 1)


def _last_called_ms(connection: sa.Connection, escalation_id: int, responder: str) -> int:
    columns = tables.outbox.c
    latest = sa.select(sa.func.coalesce(sa.func.max(columns.began_ms), 0)).where(
        columns.escalation_id == escalation_id, columns.responder == responder
    )
    return int(connection.execute(latest).scalar_one())


def _is_new_that_nobody_answers(
    connection: sa.Connection, found: sa.RowMapping, now_ms: int
) -> bool:
    if found["unanswered_ms"] is not None:
        return False
    mine = tables.escalation.c.id == found["id"]
    connection.execute(tables.escalation.update().where(mine).values(unanswered_ms=now_ms))
    return True


def _end_of_round(connection: sa.Connection, escalation_id: int, turn: int) -> Row | None:
    columns = tables.outbox.c
    mine = (columns.escalation_id == escalation_id, columns.round == turn)
    first = [one for one in outbox.rows_where(connection, *mine) if one.place == 0]
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

"""Who is being told by which channel: rows that are claimed before anything is sent.

A row waits until it is due, is sending, and then sent or failed. When one fails, or has no answer
for a while, the next channel of the step is due. A row that is found sending after a restart is
sent again and says so. Each function works inside the transaction of its caller.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import escalation_tables as tables
from nabij.centre.database import schema
from nabij.centre.escalation.plan import Until
from nabij.centre.escalation.schedule import Facts, is_wanted
from nabij.centre.incidents import claims
from nabij.centre.incidents.incident import Incident

# So long a channel may be without an answer before the next one is tried beside it.
PATIENCE_MS: Final = 5_000
# After each failure but the last.
RETRY_MS: Final = (30_000, 120_000)
# After each end of whoever was sending it, but the last.
INTERRUPTED_MS: Final = (0, 5_000, 30_000, 120_000)
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
    interrupted: int = 0


def due(connection: sa.Connection, now_ms: int) -> list[Row]:
    """The rows whose time has come, oldest first; whether they are wanted, `claim` asks."""
    columns = tables.outbox.c
    return rows_where(connection, columns.state == State.WAITING, columns.due_ms <= now_ms)


def rows_of(connection: sa.Connection, escalation_id: int) -> list[Row]:
    """All rows of a plan at work, in the order of its steps."""
    columns = tables.outbox.c
    found = rows_where(connection, columns.escalation_id == escalation_id)
    return sorted(found, key=lambda row: (row.round, row.position, row.place))


def row(connection: sa.Connection, row_id: int) -> Row | None:
    """That row."""
    return next(iter(rows_where(connection, tables.outbox.c.id == row_id)), None)


def claim(connection: sa.Connection, row_id: int, now_ms: int) -> Row | None:
    """Begin to send a row; None when it is not due or not wanted any more."""
    found = row(connection, row_id)
    if found is None or found.state is not State.WAITING or (found.due_ms or now_ms) > now_ms:
        return None
    facts = facts_of(connection, found, now_ms)
    if not facts.is_open:
        set_row(connection, row_id, state=State.OVER, done_ms=now_ms)
        return None
    if not is_wanted(found.until, facts):
        return None
    if _is_reached(connection, found):
        set_row(connection, row_id, state=State.SPARED, done_ms=now_ms)
        return None
    set_row(connection, row_id, state=State.SENDING, tries=found.tries + 1, began_ms=now_ms)
    hasten_next(connection, found, now_ms + PATIENCE_MS)
    return row(connection, row_id)


def hasten_next(connection: sa.Connection, before: Row, at_ms: int) -> None:
    """The next channel of the step is due at that time, unless it is sooner."""
    columns = tables.outbox.c
    mine = sa.and_(*of_step(before), columns.place == before.place + 1)
    late = sa.or_(columns.due_ms.is_(None), columns.due_ms > at_ms)
    waits = sa.and_(columns.state == State.WAITING, columns.tries == 0)
    connection.execute(tables.outbox.update().where(mine, late, waits).values(due_ms=at_ms))


def record(
    connection: sa.Connection, row_id: int, now_ms: int, *, is_sent: bool, said: str
) -> None:
    """The channel has answered; what was recorded before, or is not being sent, stays."""
    found = row(connection, row_id)
    if found is None or found.state is not State.SENDING:
        return
    words = said[:LONGEST_SAID]
    if is_sent:
        set_row(connection, row_id, state=State.SENT, done_ms=now_ms, said=words)
        columns = tables.outbox.c
        untried = sa.and_(*of_step(found), columns.state == State.WAITING)
        spared = tables.outbox.update().where(untried).values(state=State.SPARED, done_ms=now_ms)
        connection.execute(spared)
        return
    hasten_next(connection, found, now_ms)
    refused = found.tries - found.interrupted
    if refused > len(RETRY_MS):
        set_row(connection, row_id, state=State.FAILED, done_ms=now_ms, said=words)
        return
    again_ms = now_ms + RETRY_MS[max(refused, 1) - 1]
    set_row(connection, row_id, state=State.WAITING, due_ms=again_ms, said=words)


def recover(connection: sa.Connection, now_ms: int, ours: Collection[int]) -> int:
    """What others were sending, who are no more, may have been sent, and is sent again; how many.

    `ours` are the rows that whoever asks is sending. A message of which the sender ends each time
    waits longer each time, and is given up for the next channel.
    """
    columns = tables.outbox.c
    sending = rows_where(connection, columns.state == State.SENDING, columns.id.not_in(ours))
    again = 0
    for found in sending:
        interrupted = found.interrupted + 1
        if interrupted > 1:
            hasten_next(connection, found, now_ms)
        if interrupted > len(INTERRUPTED_MS):
            said = f"whoever sent it ended {interrupted} times before there was an answer"
            set_row(
                connection,
                found.id,
                state=State.FAILED,
                done_ms=now_ms,
                said=said,
                interrupted=interrupted,
            )
            continue
        set_row(
            connection,
            found.id,
            state=State.WAITING,
            repeated=True,
            due_ms=now_ms + INTERRUPTED_MS[interrupted - 1],
            interrupted=interrupted,
        )
        again += 1
    return again


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


def _is_reached(connection: sa.Connection, of: Row) -> bool:
    sent = rows_where(connection, *of_step(of), tables.outbox.c.state == State.SENT)
    return bool(sent)


def of_step(of: Row) -> tuple[sa.ColumnElement[bool], ...]:
    """All channels of the same step."""
    columns = tables.outbox.c
    return (
        columns.escalation_id == of.escalation_id,
        columns.round == of.round,
        columns.position == of.position,
    )


def end_rows(connection: sa.Connection, mine: sa.ColumnElement[bool]) -> None:
    """What of these still waits is told to nobody."""
    waits = tables.outbox.c.state == State.WAITING
    connection.execute(tables.outbox.update().where(mine, waits).values(state=State.OVER))


def set_row(connection: sa.Connection, row_id: int, **values: Any) -> None:
    """Give columns of a row these values."""
    mine = tables.outbox.c.id == row_id
    connection.execute(tables.outbox.update().where(mine).values(values))


def rows_where(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Row]:
    """The rows of which that holds, by the time at which they are due."""
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

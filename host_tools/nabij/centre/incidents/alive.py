"""When receivers were alive, by which clocks, and what of theirs outlives them.

A deadline, and the end of a shift, counts by the steady clock of the machine whose receiver took
it, in an epoch of that machine. Whoever watches takes over those of other epochs. Each function
works inside the transaction of its caller.
"""

from typing import Final

import sqlalchemy as sa

from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.database.escalation_tables import escalation, outbox
from nabij.centre.database.statements import greatest, is_one_writers, least, upsert

# Who was not alive for so long, by the time of day, is not beside us.
GONE_MS: Final = 60_000

_TIMED: Final = (schema.alarm, schema.watch)


def last(connection: sa.Connection, now: Moment) -> Moment | None:
    """When a receiver was last alive, in this epoch if one was; None for never."""
    found = {row["epoch"]: Moment(**row) for row in _all(connection)}
    if now.epoch in found:
        return found[now.epoch]
    return max(found.values(), key=lambda one: one.wall_ms, default=None)


def wake(connection: sa.Connection, now: Moment) -> Moment | None:
    """Begin to watch: take over what others left; when one was last alive."""
    before = last(connection, now)
    adopt(connection, now)
    step_ms = 0
    if before is not None and before.epoch == now.epoch:
        step_ms = (now.wall_ms - now.steady_ms) - (before.wall_ms - before.steady_ms)
    columns = schema.alive.c
    is_near = columns.wall_ms.between(now.wall_ms - GONE_MS, now.wall_ms + GONE_MS)
    connection.execute(schema.alive.delete().where(columns.epoch != now.epoch, ~is_near))
    if step_ms:
        _time_was_set(connection, now, step_ms)
        if is_one_writers(connection):
            # Of receivers that share a database another one may have seen to that.
            _move_people(connection, step_ms)
    _keep(connection, now)
    return before


def mark(connection: sa.Connection, now: Moment, step_ms: int = 0) -> None:
    """A receiver is alive, and the time of day of its machine was set by `step_ms` meanwhile."""
    if step_ms:
        _time_was_set(connection, now, step_ms)
        _move_people(connection, step_ms)
    _keep(connection, now)


def _keep(connection: sa.Connection, now: Moment) -> None:
    values = {"wall_ms": now.wall_ms, "steady_ms": now.steady_ms}
    connection.execute(upsert(schema.alive, {"epoch": now.epoch}, values))


def prove(connection: sa.Connection, now: Moment) -> None:
    """As mark, of a receiver that does not look whether the time of day was set."""
    columns = schema.alive.c
    forward_ms = now.steady_ms - columns.steady_ms
    connection.execute(
        schema.alive.update()
        .where(columns.epoch == now.epoch, columns.steady_ms < now.steady_ms)
        .values(wall_ms=columns.wall_ms + forward_ms, steady_ms=now.steady_ms)
    )


def adopt(connection: sa.Connection, now: Moment) -> None:
    """Take over the deadlines, and the ends of shifts, of other epochs than this one.

    The time of day bridges the gap of a deadline, if it is right: at most what was left when a
    receiver of its epoch was last seen alive is left now. That is left of a shift, whatever the
    time of day is: a wrong one must end no watch, and the badge says itself when its shift is
    over.
    """
    for table in _TIMED:
        columns = table.c
        is_other = sa.and_(columns.due_steady_ms.is_not(None), columns.epoch != now.epoch)
        epochs = connection.execute(sa.select(columns.epoch).where(is_other).distinct()).scalars()
        for epoch in epochs.all():
            values = {
                "due_steady_ms": greatest(_left_ms(connection, table, epoch, now), 0)
                + now.steady_ms,
                "epoch": now.epoch,
                "adopted": True,
            }
            theirs = sa.and_(columns.due_steady_ms.is_not(None), columns.epoch == epoch)
            connection.execute(table.update().where(theirs).values(values))


def _left_ms(
    connection: sa.Connection, table: sa.Table, epoch: str, now: Moment
) -> sa.ColumnElement[int]:
    columns = table.c
    left_ms: sa.ColumnElement[int] = columns.due_ms - now.wall_ms
    alive = sa.select(schema.alive).where(schema.alive.c.epoch == epoch)
    found = connection.execute(alive).mappings().one_or_none()
    if found is None:
        return left_ms
    before_ms = columns.due_steady_ms - found["steady_ms"]
    return before_ms if table is schema.watch else least(left_ms, before_ms)


def _time_was_set(connection: sa.Connection, now: Moment, step_ms: int) -> None:
    """Keep what is left of each deadline, and correct its time of day."""
    for table in _TIMED:
        columns = table.c
        running = sa.and_(
            columns.due_steady_ms.is_not(None),
            columns.epoch == now.epoch,
            columns.adopted.is_(sa.false()),
        )
        connection.execute(table.update().where(running).values(due_ms=columns.due_ms + step_ms))
    watch = schema.watch.c
    lost = schema.watch.update().where(watch.lost_ms.is_not(None))
    connection.execute(lost.values(lost_ms=watch.lost_ms + step_ms))


def _move_people(connection: sa.Connection, step_ms: int) -> None:
    """Keep what is left until people are called, and of the time that they have an incident."""
    running = sa.select(escalation.c.id).where(escalation.c.ended_ms.is_(None))
    # Those that were made as well: from the last one on it is reckoned when to call again.
    calls = outbox.update().where(outbox.c.escalation_id.in_(running))
    connection.execute(calls.values(due_ms=outbox.c.due_ms + step_ms))
    columns = schema.claim.c
    times = (columns.since_ms, columns.said_ms, columns.until_ms)
    moved = {one.name: one + step_ms for one in times}
    connection.execute(schema.claim.update().values(moved))


def _all(connection: sa.Connection) -> list[sa.RowMapping]:
    return list(connection.execute(sa.select(schema.alive)).mappings())

"""When the receiver last ran, by both clocks: what its next run makes of deadlines.

Each function works inside the transaction of its caller and leaves committing to it.
"""

import sqlalchemy as sa

from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.incidents import deadlines


def wake(connection: sa.Connection, now: Moment) -> Moment | None:
    """Take over the deadlines of an earlier run; when that was last alive, None if never."""
    found = connection.execute(sa.select(schema.alive)).mappings().one_or_none()
    last = None if found is None else Moment(**found)
    step_ms = 0
    if last is not None and last.epoch == now.epoch:
        step_ms = (now.wall_ms - now.steady_ms) - (last.wall_ms - last.steady_ms)
    else:
        deadlines.adopt(connection, now, last)
    mark(connection, now, step_ms)
    return last


def mark(connection: sa.Connection, now: Moment, step_ms: int = 0) -> None:
    """Keep that the receiver runs, and that the time of day was set by `step_ms` meanwhile."""
    if step_ms:
        deadlines.time_was_set(connection, step_ms)
    connection.execute(schema.alive.delete())
    values = {"wall_ms": now.wall_ms, "steady_ms": now.steady_ms, "epoch": now.epoch}
    connection.execute(schema.alive.insert().values(values))


def prove(connection: sa.Connection, now: Moment) -> None:
    """As mark, of a receiver that does not look whether the time of day was set."""
    columns = schema.alive.c
    later = columns.steady_ms < now.steady_ms
    forward_ms = now.steady_ms - columns.steady_ms
    statement = (
        schema.alive.update()
        .where(columns.epoch == now.epoch, later)
        .values(wall_ms=columns.wall_ms + forward_ms, steady_ms=now.steady_ms)
    )
    connection.execute(statement)

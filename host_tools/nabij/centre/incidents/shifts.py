"""Which badges are on shift, as they say so themselves: those are watched for going quiet.

Each function works inside the transaction of its caller and leaves committing to it. A row stays
when its shift is over: it knows the newest key, so that no older message begins another.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.database.statements import upsert
from nabij.centre.incidents.incident import raised_ms
from nabij.centre.incidents.merge import due_in

_SHIFTS: Final = sa.select(schema.watch, schema.badge.c.keepalive_s).join(
    schema.badge, schema.badge.c.badge == schema.watch.c.badge
)


@dataclass(frozen=True)
class Shift:
    """A badge's shift. `due_steady_ms` is None once it is over, `lost_ms` while connected.

    `keepalive_s`: each how many seconds the badge promises a sign; None where it does not say.
    """

    badge: str
    boot: int
    seq: int
    since_ms: int
    due_ms: int
    due_steady_ms: int | None
    epoch: str
    adopted: bool
    lost_ms: int | None
    incident_id: int | None
    heard_ms: int | None = None
    keepalive_s: int | None = None
    # Of incidents/outages.py.
    out_since_ms: int | None = None
    out_until_ms: int | None = None
    out_why: int | None = None
    out_cause: int | None = None

    def is_over(self, now: Moment) -> bool:
        """The shift has ended, or its end has come."""
        if self.due_steady_ms is None:
            return True
        # By another machine's clock, until the end is taken over, nothing can be said.
        return self.epoch == now.epoch and self.due_steady_ms <= now.steady_ms


def take(
    connection: sa.Connection, message: wire.AlarmMessage, now: Moment, lag_ms: int
) -> int | None:
    """Let a test begin, renew or end a shift; when it ends (ms), None when it says nothing new.

    Only a higher (boot, seq) than any before counts: neither a copy nor a replay does anything.
    """
    if message.watch_s is None or not message.flags & wire.FLAG_TEST:
        return None
    row = find(connection, message.badge)
    if row is not None and (message.boot, message.seq) <= (row.boot, row.seq):
        return None
    due = due_in(message.watch_s, now, lag_ms)
    since_ms = raised_ms(message, now.wall_ms - lag_ms)
    if row is not None and row.boot == message.boot and row.due_steady_ms is not None:
        since_ms = row.since_ms
    values = {
        "boot": message.boot,
        "seq": message.seq,
        "since_ms": since_ms,
        "due_ms": due.wall_ms,
        "due_steady_ms": due.steady_ms if message.watch_s else None,
        "epoch": due.epoch,
        "adopted": False,
    }
    connection.execute(upsert(schema.watch, {"badge": message.badge}, values))
    return due.wall_ms


def begins(message: wire.AlarmMessage) -> bool:
    """Whether that is meant to begin or renew a shift."""
    return bool(message.watch_s) and bool(message.flags & wire.FLAG_TEST)


def find(connection: sa.Connection, badge: str) -> Shift | None:
    """What is known of the badge's shift."""
    statement = _SHIFTS.where(schema.watch.c.badge == badge)
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Shift(**row)


def running(connection: sa.Connection) -> list[Shift]:
    """Those that are watched, and those whose silence has not ended yet."""
    columns = schema.watch.c
    statement = _SHIFTS.where(
        sa.or_(columns.due_steady_ms.is_not(None), columns.incident_id.is_not(None))
    )
    return [Shift(**row) for row in connection.execute(statement).mappings()]


def end(connection: sa.Connection, badge: str) -> None:
    """The shift is over."""
    _set(connection, [badge], due_steady_ms=None, adopted=False)


def note_lost(connection: sa.Connection, lost: Mapping[str, int]) -> None:
    """Badges are not connected, each since a time."""
    for badge, at_ms in lost.items():
        _set(connection, [badge], lost_ms=at_ms)


def note_found(connection: sa.Connection, badges: Collection[str]) -> None:
    """Badges are connected, and nobody was told that they were not."""
    _set(connection, badges, lost_ms=None)


def note_heard(connection: sa.Connection, heard: Mapping[str, int]) -> None:
    """A receiver that does not watch heard badges, each at a time."""
    for badge, at_ms in sorted(heard.items()):
        _set(connection, [badge], heard_ms=at_ms)


def note_keepalives(connection: sa.Connection, told: Mapping[str, int]) -> None:
    """Hellos told each how many seconds there is a sign of their badges; 0: there is none."""
    table = schema.badge
    for badge, keepalive_s in sorted(told.items()):
        value = keepalive_s or None
        # One that tells nothing new costs no page of the disk.
        is_other = table.c.keepalive_s.is_distinct_from(value)
        connection.execute(
            table.update().where(table.c.badge == badge, is_other).values(keepalive_s=value)
        )


def link(connection: sa.Connection, badge: str, incident_id: int | None) -> None:
    """The silence of the badge is this incident; with None it is over."""
    values = {"lost_ms": None} if incident_id is None else {}
    _set(connection, [badge], incident_id=incident_id, **values)


def forget(connection: sa.Connection, badge: str, *, unless_key: bytes | None = None) -> None:
    """The badge is nobody's, or has a new key, under which no old message counts.

    With `unless_key`: only if it had another key than that.
    """
    if unless_key is not None:
        columns = schema.badge.c
        same = sa.select(columns.badge).where(
            columns.badge == badge, columns.hmac_key == unless_key
        )
        if connection.execute(same).first() is not None:
            return
    connection.execute(schema.watch.delete().where(schema.watch.c.badge == badge))
    note_keepalives(connection, {badge: 0})


def _set(connection: sa.Connection, badges: Collection[str], **values: object) -> None:
    statement = schema.watch.update().where(schema.watch.c.badge == sa.bindparam("which"))
    if badges:
        connection.execute(statement.values(**values), [{"which": badge} for badge in badges])

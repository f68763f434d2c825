"""Messages taken in: what each changes of its alarm, and the incident that it may open.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.database.prepared import Prepared
from nabij.centre.database.statements import lock_badges
from nabij.centre.incidents import badge_clocks, rows, shifts, sightings, standing
from nabij.centre.incidents.incident import Incident, raised_ms
from nabij.centre.incidents.merge import Due, Known, Merged, What, merge, reply_state
from nabij.centre.incidents.quotas import Quotas, fold, state_of

_REOPEN: Final = {What.DURESS, What.ESCALATED}

# Built once: to build a statement takes SQLAlchemy longer than SQLite takes to do it.
_FIND: Final = sa.select(schema.alarm).where(
    schema.alarm.c.badge == sa.bindparam("of_badge"),
    schema.alarm.c.boot == sa.bindparam("of_boot"),
    schema.alarm.c.seq == sa.bindparam("of_seq"),
)
# Most are new: that is told sooner than what an old one is.
_IS_THERE: Final = Prepared(_FIND.with_only_columns(schema.alarm.c.id))
_CHANGE_ALARM: Final = schema.alarm.update().where(schema.alarm.c.id == sa.bindparam("of_id"))
_ADD_ALARM: Final = Prepared(schema.alarm.insert().returning(schema.alarm.c.id))
_EARLIER: Final = schema.message.alias("earlier")
_COPY: Final = sa.exists().where(
    _EARLIER.c.alarm_id == sa.bindparam("of_alarm"), _EARLIER.c.rev == sa.bindparam("of_rev")
)
_ADD_MESSAGE: Final = Prepared(
    schema.message.insert().values(copy=sa.select(_COPY).scalar_subquery())
)


@dataclass(frozen=True)
class Taken:
    """What to answer a badge (`rev` and `state` of the status), and the news that came of it.

    `number` is that of the status, 0 for an alarm that nobody knows any more. `old_shift`: a
    shift that has not been heard of before, under a number that is not the newest.
    """

    rev: int
    state: int
    incident: Incident | None
    created: bool
    news: tuple[int, ...]
    old_shift: bool = False
    number: int = 0


def take(
    connection: sa.Connection,
    message: wire.AlarmMessage,
    frame: bytes,
    now: Moment,
    lag_ms: int,
    limits: Quotas | None = None,
) -> Taken:
    """Keep a message and what it changes; the deadline and the incident it may mean included."""
    lock_badges(connection, [message.badge])
    row = _find(connection, message)
    if row is None and _is_forgotten(connection, message):
        return Taken(message.rev or 0, wire.STATUS_RECEIVED, None, created=False, news=())
    known = None if row is None else _known(row)
    incident_id = None if row is None else row["incident_id"]
    merged = merge(known, message, now, lag_ms, open_=incident_id is not None)
    number = _number(connection, message.badge, row, merged)
    created = merged.incident and incident_id is None
    folded = None
    if created:
        folded = fold(connection, message.badge, row, merged.known, now, limits)
        created = folded is None
    until_ms = shifts.take(connection, message, now, lag_ms)
    changes = merged.changes if folded is None else ()
    incident = None
    if created:
        incident = _open(
            connection, message, merged.known, row, now, lag_ms=lag_ms, until_ms=until_ms
        )
    elif incident_id is not None:
        changes = _update(connection, incident_id, message, merged)
        incident = rows.by_id(connection, incident_id)
    state = None if incident is None else incident.state
    if folded is not None:
        state = state_of(connection, message.badge, folded)
    also = {"number": number, "incident_id": None if incident is None else incident.id}
    alarm_id = _keep(connection, message, merged.known, row, now.wall_ms - lag_ms, also)
    if _may_place(message, merged.known, incident):
        when = sightings.When(now.wall_ms - lag_ms, None if row is None else row["set_ms"])
        moved = sightings.take(connection, alarm_id, message, when)
        if moved and incident is not None and not created:
            changes = (*changes, What.PLACED)
    else:
        sightings.drop(connection, alarm_id)
        # Badges of now do not say where a shift begins; what others sent is no record of it.
        if sightings.tells(message):
            frame = b""
    values = {
        "alarm_id": alarm_id,
        "received_ms": now.wall_ms,
        "rev": message.rev or 0,
        "attempt": message.attempt,
        "frame": frame,
        "of_alarm": alarm_id,
        "of_rev": message.rev or 0,
    }
    _ADD_MESSAGE.first(connection, values)
    news = tuple(rows.tell(connection, alarm_id, what, now.wall_ms) for what in changes)
    answer = reply_state(message, merged.known, state)
    old_shift = row is None and until_ms is None and shifts.begins(message)
    return Taken(
        rev=merged.known.rev,
        state=answer,
        incident=incident,
        created=created,
        news=news,
        old_shift=old_shift,
        number=number,
    )


def _may_place(message: wire.AlarmMessage, known: Known, incident: Incident | None) -> bool:
    """Whether it is kept where the badge is: of a shift that begins, and of what ended, never."""
    is_over = incident is None and known.ended
    return not is_over and message.watch_s is None


def _number(
    connection: sa.Connection, badge: str, row: sa.RowMapping | None, merged: Merged
) -> int:
    """The number of the answer: that of before, when this message changes nothing."""
    is_same = row is not None and row["rev"] == merged.known.rev and not merged.changes
    if is_same and row is not None and row["number"]:
        return int(row["number"])
    return standing.next_number(connection, badge)


def _find(connection: sa.Connection, message: wire.AlarmMessage) -> sa.RowMapping | None:
    key = {"of_badge": message.badge, "of_boot": message.boot, "of_seq": message.seq}
    if _IS_THERE.first(connection, key) is None:
        return None
    return connection.execute(_FIND, key).mappings().one_or_none()


def _is_forgotten(connection: sa.Connection, message: wire.AlarmMessage) -> bool:
    """A deadline or withdrawal so old that its row is gone; an alarm is never taken for one."""
    cancelled = message.flags & wire.FLAG_CANCELLED
    if message.flags & wire.FLAG_DURESS or (message.due_s is None and not cancelled):
        return False
    columns = schema.forgotten.c
    statement = sa.select(columns.seq).where(
        columns.badge == message.badge, columns.boot == message.boot
    )
    seq = connection.execute(statement).scalar_one_or_none()
    return seq is not None and message.seq <= seq


def _known(row: sa.RowMapping) -> Known:
    deadline = None
    if row["due_steady_ms"] is not None:
        deadline = Due(row["due_ms"], row["due_steady_ms"], row["epoch"], row["adopted"])
    names = ("kind", "rev", "alarm_rev", "test", "ended", "false_alarm", "duress")
    return Known(**{name: row[name] for name in names}, due=deadline)


def _keep(
    connection: sa.Connection,
    message: wire.AlarmMessage,
    known: Known,
    row: sa.RowMapping | None,
    arrived_ms: int,
    also: dict[str, int | None],
) -> int:
    values = vars(known) | also
    deadline = values.pop("due")
    values |= {"heard_ms": arrived_ms, "due_steady_ms": None, "adopted": False}
    if deadline is not None:
        values |= {
            "due_ms": deadline.wall_ms,
            "due_steady_ms": deadline.steady_ms,
            "epoch": deadline.epoch,
            "adopted": deadline.adopted,
        }
    if row is not None:
        connection.execute(_CHANGE_ALARM, {"of_id": row["id"], **values})
        return int(row["id"])
    values |= {"badge": message.badge, "boot": message.boot, "seq": message.seq}
    values["set_ms"] = raised_ms(message, arrived_ms)
    return int(_ADD_ALARM.first(connection, values)[0])


def _open(
    connection: sa.Connection,
    message: wire.AlarmMessage,
    known: Known,
    row: sa.RowMapping | None,
    now: Moment,
    *,
    lag_ms: int,
    until_ms: int | None,
) -> Incident:
    arrived_ms = now.wall_ms - lag_ms
    raised = raised_ms(message, arrived_ms)
    due_ms = None if row is None else row["due_ms"]
    if due_ms is not None and kinds.of(message.kind).begins == kinds.DEADLINE:
        # Set when the wearer set it, but raised when it came due.
        raised = max(raised, min(due_ms, arrived_ms))
    return rows.insert(
        connection,
        message.badge,
        boot=message.boot,
        seq=message.seq,
        kind=known.kind,
        state=wire.STATUS_CLOSED if known.test else wire.STATUS_RECEIVED,
        test=known.test,
        raised_ms=raised,
        received_ms=now.wall_ms,
        age_ms=message.age_ms + lag_ms,
        age_at_least=bool(message.flags & wire.FLAG_AGE_AT_LEAST),
        attempt=message.attempt,
        peak_mg=message.peak_mg,
        tilt_deg=message.tilt_deg,
        due_ms=due_ms,
        heard_ms=arrived_ms,
        duress=known.duress,
        false_alarm=known.false_alarm,
        ended=known.ended,
        battery_percent=message.battery_percent,
        reason=message.reason,
        clock_off_s=badge_clocks.off_s(message, arrived_ms),
        until_ms=until_ms,
    )


def _update(
    connection: sa.Connection, incident_id: int, message: wire.AlarmMessage, merged: Merged
) -> tuple[What, ...]:
    """Bring an incident up to date with its alarm; the changes, with a reopening if it was one."""
    known = merged.known
    values: dict[str, Any] = {
        "kind": known.kind,
        "test": known.test,
        "duress": known.duress,
        "false_alarm": known.false_alarm,
        "ended": known.ended,
    }
    if (message.rev or 0) >= known.rev:
        for name in ("peak_mg", "tilt_deg", "battery_percent", "reason"):
            if getattr(message, name) is not None:
                values[name] = getattr(message, name)
    table = schema.incident
    mine = table.c.id == incident_id
    connection.execute(table.update().where(mine).values(values))
    if not _REOPEN.intersection(merged.changes):
        return merged.changes
    closed = sa.and_(mine, table.c.state == wire.STATUS_CLOSED)
    reopened = connection.execute(
        table.update().where(closed).values(state=wire.STATUS_RECEIVED)
    ).rowcount
    return (*merged.changes, What.REOPENED) if reopened else merged.changes

"""How an alarm stands, as its badge may know it: what the receiver remembers in place of a broker.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import schema
from nabij.centre.database.prepared import Prepared
from nabij.centre.database.statements import lock_badges, upsert_next
from nabij.centre.incidents import quotas
from nabij.centre.incidents.merge import told_state

# What a badge claims to have heard beyond this is not believed: numbers must not run out.
MOST_BELIEVED: Final = wire.U32_MAX // 2

# Built once: it is done with every alarm.
_NEXT: Final = Prepared(
    upsert_next(
        schema.numbered,
        {"badge": sa.bindparam("of_badge")},
        "number",
        sa.bindparam("above", type_=sa.BigInteger),
    )
)


@dataclass(frozen=True)
class Standing:
    """What a badge is told of one alarm. `number` rises, for each badge, with all it is told."""

    boot: int
    seq: int
    rev: int
    state: int
    number: int


def next_number(connection: sa.Connection, badge: str, above: int = 0) -> int:
    """A number higher than any that the badge was given, and than `above`."""
    return int(_NEXT.first(connection, {"of_badge": badge, "above": above})[0])


def renumber(connection: sa.Connection, alarm_id: int, above: int = 0) -> int:
    """The badge is to be told of the alarm anew."""
    table = schema.alarm
    statement = sa.select(table.c.badge).where(table.c.id == alarm_id)
    number = next_number(connection, connection.execute(statement).scalar_one(), above)
    connection.execute(table.update().where(table.c.id == alarm_id).values(number=number))
    return number


def told(
    connection: sa.Connection, badge: str, heard: Iterable[wire.Standing]
) -> tuple[Standing, ...]:
    """How the alarms of a hello stand, or the newest for one with none.

    Those that nobody knows are left out.
    A badge that has heard a higher number was told so before a backup of this database: it would
    take nothing under a lower one.
    """
    lock_badges(connection, [badge])
    found = []
    for one in tuple(heard) or _newest(connection, badge):
        row = _find(connection, badge, one)
        if row is None:
            continue
        number = row["number"]
        above = one.number if one.number <= MOST_BELIEVED else 0
        if number == 0 or number < above:
            number = renumber(connection, row["id"], above)
        state = _state(connection, row)
        found.append(Standing(one.boot, one.seq, row["rev"], state, number))
    return tuple(found)


def _newest(connection: sa.Connection, badge: str) -> list[wire.Standing]:
    """The newest alarm of a badge, as one that has heard nothing of it."""
    columns = schema.alarm.c
    mine = sa.select(columns.boot, columns.seq).where(columns.badge == badge, columns.boot > 0)
    last = mine.order_by(columns.boot.desc(), columns.seq.desc()).limit(1)
    return [wire.Standing(*row, 1, wire.STATUS_NONE, 0) for row in connection.execute(last)]


def _find(connection: sa.Connection, badge: str, one: wire.Standing) -> sa.RowMapping | None:
    alarm, incident = schema.alarm, schema.incident
    statement = (
        sa.select(alarm, incident.c.state)
        .outerjoin(incident, incident.c.id == alarm.c.incident_id)
        .where(alarm.c.badge == badge, alarm.c.boot == one.boot, alarm.c.seq == one.seq)
    )
    return connection.execute(statement).mappings().one_or_none()


def _state(connection: sa.Connection, row: sa.RowMapping) -> int:
    folded = quotas.folded(row)
    state = row["state"]
    if folded is not None:
        state = quotas.state_of(connection, row["badge"], folded)
    # Who ended or cancelled it, forced or not, hears no more than the receipt.
    if state is None or row["ended"]:
        return int(wire.STATUS_RECEIVED)
    watched = row["duress"] or row["false_alarm"]
    return told_state(state, watched=watched, deadline=row["due_steady_ms"] is not None)

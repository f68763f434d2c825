"""By which text messages an alarm came, beside the badge's own link.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import schema
from nabij.centre.database import sms_tables as tables
from nabij.centre.database.statements import upsert
from nabij.centre.incidents.incident import EARLIEST_UTC_S
from nabij.centre.incidents.words import duration, local_time

# Networks keep a message for a telephone that is off for some days; a time beyond is no time.
MOST_LAG_MS: Final = 14 * 86_400_000
_TAIL: Final = 3


@dataclass(frozen=True)
class Arrival:
    """A message as a service brought it: `message_id` is the service's own.

    `sender` is who is said to have sent it, which anybody can forge; `sent_ms` is when the network
    had it, where the service says so.
    """

    service: str
    message_id: str
    sender: str
    sent_ms: int | None = None

    @property
    def copy(self) -> bytes:
        """The same for the same message only."""
        return f"{self.service} {self.message_id}".encode()


@dataclass(frozen=True)
class BySms:
    """A message that brought something of an incident; `sender` are the last digits of that."""

    service: str
    came_ms: int
    sent_ms: int | None
    sender: str
    is_own: bool | None

    def fields(self) -> dict[str, Any]:
        """Everything about it, for JSON."""
        return asdict(self)

    @property
    def late_ms(self) -> int:
        """How long it was under way, as far as that is known."""
        return 0 if self.sent_ms is None else max(0, self.came_ms - self.sent_ms)

    def sentence(self) -> str:
        """That it came."""
        late = f", {duration(self.late_ms)} after it was sent" if self.late_ms >= 60_000 else ""
        return f"came by SMS ({self.service}) at {local_time(self.came_ms)}{late}, {self.whose()}"

    def whose(self) -> str:
        """What its sender says about it, which is not much."""
        if self.is_own:
            return "from the number of the badge"
        if not self.sender:
            return "from a number that is not told"
        if self.is_own is None:
            return f"from a number that ends in {self.sender}"
        return f"from ANOTHER number than that of the badge, which ends in {self.sender}"


def lag_ms(message: wire.AlarmMessage, arrival: Arrival, now_ms: int) -> int:
    """How old the message is: as the network says or as the badge says, whichever is less.

    The network's time may have the wrong zone, the badge's clock may be wrong: a time that cannot
    be is none, and of two that can the later keeps a deadline from coming due too soon.
    """
    lags = [] if arrival.sent_ms is None else [now_ms - arrival.sent_ms]
    utc_s = message.utc_s
    if utc_s and utc_s >= EARLIEST_UTC_S and not message.flags & wire.FLAG_AGE_AT_LEAST:
        lags.append(now_ms - utc_s * 1000 - message.age_ms)
    return min((one for one in lags if 0 <= one <= MOST_LAG_MS), default=0)


def note(
    message: wire.AlarmMessage, arrival: Arrival, at_ms: int, connection: sa.Connection
) -> None:
    """Keep that this message came, and that its badge is owed an answer; once of each message."""
    key = schema.alarm.c
    find = sa.select(key.id).where(
        key.badge == message.badge, key.boot == message.boot, key.seq == message.seq
    )
    alarm_id = connection.execute(find).scalar_one_or_none()
    if alarm_id is None or is_known(connection, arrival):
        return
    mine = sa.select(tables.number.c.number).where(tables.number.c.badge == message.badge)
    own = connection.execute(mine).scalar_one_or_none()
    digits = digits_of(arrival.sender)
    connection.execute(
        tables.came.insert().values(
            alarm_id=alarm_id,
            service=arrival.service,
            message_id=arrival.message_id,
            came_ms=at_ms,
            sent_ms=arrival.sent_ms,
            sender=digits[-_TAIL:],
            is_own=None if own is None or not digits else digits_of(own) == digits,
        )
    )
    asked = {"asked_ms": at_ms, "tries": 0, "next_ms": at_ms, "done": False}
    connection.execute(upsert(tables.owed, {"alarm_id": alarm_id}, asked))


def is_known(connection: sa.Connection, arrival: Arrival) -> bool:
    """Whether that message was kept before."""
    columns = tables.came.c
    same = sa.select(columns.id).where(
        columns.service == arrival.service, columns.message_id == arrival.message_id
    )
    return connection.execute(same).first() is not None


def last_ms(connection: sa.Connection) -> int | None:
    """When the last one came, None for never."""
    found = connection.execute(sa.select(sa.func.max(tables.came.c.came_ms))).scalar()
    return None if found is None else int(found)


def digits_of(number: str) -> str:
    """A number without what services write around it, as + or 00."""
    return "".join(one for one in number if one in "0123456789").lstrip("0")


def of(connection: sa.Connection, incident_ids: Collection[int] | None) -> dict[int, list[BySms]]:
    """The messages of these incidents, or of all for None, in the order in which they came."""
    columns, alarm = tables.came.c, schema.alarm.c
    names = list(BySms.__dataclass_fields__)
    statement = (
        sa.select(alarm.incident_id, *(columns[name] for name in names))
        .join(schema.alarm, alarm.id == columns.alarm_id)
        .order_by(columns.id)
    )
    if incident_ids is not None:
        statement = statement.where(alarm.incident_id.in_(sorted(incident_ids)))
    else:
        statement = statement.where(alarm.incident_id.is_not(None))
    found: dict[int, list[BySms]] = {}
    for row in connection.execute(statement).mappings():
        one = BySms(**{name: row[name] for name in names})
        found.setdefault(row["incident_id"], []).append(one)
    return found

"""By which gateways and other badges an alarm came, beside the badge's own link.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.carried import PREFIX, is_gateway
from nabij.centre.database import schema
from nabij.centre.database.carried_table import carried
from nabij.centre.incidents.words import clock_words, local_time

# A clock that is off by more is told to be wrong; a frame goes up within seconds of being read.
MOST_OFF_MS: Final = 60_000


@dataclass(frozen=True)
class Via:
    """Who carried a message, a gateway or another badge, and how strong the badge came there.

    `said_s`: when, by the carrier's own clock; None of one that does not know the time. `off_ms`:
    what that was ahead of the broker's when it came there.
    """

    carrier: str
    rssi_dbm: int
    said_s: int | None = None
    off_ms: int | None = None


@dataclass(frozen=True)
class Carrier:
    """A gateway or a badge that carried something of an incident, `times` in all."""

    carrier: str
    first_ms: int
    last_ms: int
    times: int
    rssi_dbm: int
    # What its own clock said the last time, and what that is ahead of ours: nothing goes by it.
    said_s: int | None = None
    off_ms: int | None = None

    @property
    def kind(self) -> str:
        """ "gateway", or "badge" for a colleague's."""
        return "gateway" if is_gateway(self.carrier) else "badge"

    @property
    def name(self) -> str:
        """As people know it; of a badge its own, for who wears it is the register's to say."""
        return self.carrier.removeprefix(PREFIX)

    @property
    def clock_is_off(self) -> bool:
        """Whether its clock is wrong, as far as ours is right."""
        return self.off_ms is not None and abs(self.off_ms) > MOST_OFF_MS

    def fields(self) -> dict[str, Any]:
        """Everything about it, for JSON."""
        return {
            "by": self.kind,
            "name": self.name,
            "first_ms": self.first_ms,
            "last_ms": self.last_ms,
            "times": self.times,
            "rssi_dbm": self.rssi_dbm,
            "said_s": self.said_s,
            "off_ms": self.off_ms,
            "clock_is_off": self.clock_is_off,
        }

    def sentence(self) -> str:
        """That it did."""
        often = "" if self.times == 1 else f", {self.times} times until {local_time(self.last_ms)}"
        return (
            f"carried by {self.kind} {self.name} at {local_time(self.first_ms)}{often}, "
            f"{self.rssi_dbm} dBm{self._by_its_clock()}"
        )

    def _by_its_clock(self) -> str:
        if self.said_s is None or self.off_ms is None:
            return ""
        said = f"; its own clock said {local_time(self.said_s * 1000)}"
        return f"{said}, WHICH IS {self.off}" if self.clock_is_off else said

    @property
    def off(self) -> str:
        """By how much its clock is off, in words."""
        return clock_words((self.off_ms or 0) // 1000)


def note(message: wire.AlarmMessage, via: Via, at_ms: int, connection: sa.Connection) -> None:
    """Keep that this message came by a carrier; the alarm is there, unless it was forgotten."""
    key = schema.alarm.c
    find = sa.select(key.id).where(
        key.badge == message.badge, key.boot == message.boot, key.seq == message.seq
    )
    alarm_id = connection.execute(find).scalar_one_or_none()
    if alarm_id is None:
        return
    columns = carried.c
    last = {
        "last_ms": at_ms,
        "rssi_dbm": via.rssi_dbm,
        "said_s": via.said_s,
        "off_ms": via.off_ms,
    }
    again = (
        carried.update()
        .where(columns.alarm_id == alarm_id, columns.gateway == via.carrier)
        .values(times=columns.times + 1, **last)
    )
    if connection.execute(again).rowcount:
        return
    connection.execute(
        carried.insert().values(
            alarm_id=alarm_id, gateway=via.carrier, first_ms=at_ms, times=1, **last
        )
    )


def of(
    connection: sa.Connection, incident_ids: Collection[int] | None
) -> dict[int, list[Carrier]]:
    """The carriers of these incidents, or of all for None, in the order in which they came."""
    columns, alarm = carried.c, schema.alarm.c
    statement = (
        sa.select(alarm.incident_id, *(one for one in columns if one is not columns.alarm_id))
        .join(schema.alarm, alarm.id == columns.alarm_id)
        .order_by(columns.first_ms, columns.gateway)
    )
    if incident_ids is not None:
        statement = statement.where(alarm.incident_id.in_(sorted(incident_ids)))
    else:
        statement = statement.where(alarm.incident_id.is_not(None))
    found: dict[int, list[Carrier]] = {}
    for row in connection.execute(statement):
        one = Carrier(
            *(row.gateway, row.first_ms, row.last_ms, row.times, row.rssi_dbm),
            *(row.said_s, row.off_ms),
        )
        found.setdefault(row.incident_id, []).append(one)
    return found

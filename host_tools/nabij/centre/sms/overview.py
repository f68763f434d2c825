"""What there is of SMS, for whoever runs the receiver; no secret is in it.

Works inside the transaction of its caller.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre.database import sms_tables as tables
from nabij.centre.incidents import by_sms
from nabij.centre.incidents.words import local_time
from nabij.centre.sms import settings

_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True)
class Overview:
    """Services with whether they send, numbers by badge, when the last message came and went."""

    services: dict[str, dict[str, Any]]
    has_pin: bool
    numbers: dict[str, str]
    came_ms: int | None
    told_ms: int | None
    told_in_an_hour: int

    def fields(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For a person."""
        lines = [
            f"{name} posts to {one['url']} {'and sends receipts' if one['sends'] else 'only'}."
            for name, one in self.services.items()
        ]
        came = "never" if self.came_ms is None else f"at {local_time(self.came_ms)}"
        told = "never" if self.told_ms is None else f"at {local_time(self.told_ms)}"
        last = (
            f"The last alarm by SMS came {came}; the last receipt went {told}, "
            f"{self.told_in_an_hour} within the hour."
        )
        return [
            *(lines or ["No service is set that brings text messages."]),
            "A PIN is kept for the SIM of a modem." if self.has_pin else "No PIN is kept.",
            *(f"Badge {badge}: {number}" for badge, number in self.numbers.items()),
            last,
        ]


def read(connection: sa.Connection, now_ms: int) -> Overview:
    """As it is kept."""
    kept = settings.read(connection)
    told = tables.told.c.at_ms
    newest = sa.select(sa.func.max(told), sa.func.count().filter(told > now_ms - _HOUR_MS))
    told_ms, in_an_hour = connection.execute(newest).one()
    return Overview(
        services={
            name: {"url": one.url, "sends": one.send is not None}
            for name, one in kept.services.items()
        },
        has_pin=kept.pin is not None,
        numbers=settings.numbers(connection),
        came_ms=by_sms.last_ms(connection),
        told_ms=told_ms,
        told_in_an_hour=in_an_hour,
    )

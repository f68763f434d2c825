"""How far the hand-over of incidents to alarm centres is, for whoever looks at one.

Works inside the transaction of its caller.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from nabij.centre.database.handover_tables import handover
from nabij.centre.incidents.words import local_time


@dataclass(frozen=True)
class HandedOver:
    """One message about an incident to an alarm centre. Times are ms since 1970 UTC.

    `what`: alarm, restore or cancel. `state`: waiting, acknowledged, refused or dropped, since
    `done_ms`; `tries` that failed, and what was said to the last of them.
    """

    arc: str
    what: str
    event: str
    state: str
    queued_ms: int
    done_ms: int | None
    tries: int
    answered_by: str
    said: str

    def sentence(self) -> str:
        """One line for a person."""
        whole = f"{self.what} to alarm centre {self.arc}"
        if self.state == "acknowledged":
            at = local_time(self.done_ms or self.queued_ms)
            return f"{whole}: acknowledged at {at} by {self.answered_by}"
        if self.state == "waiting":
            why = f" ({self.said})" if self.said else ""
            return f"{whole}: NOT ACKNOWLEDGED, {self.tries} tries{why}"
        return f"{whole}: {self.state.upper()} ({self.said})"

    def fields(self) -> dict[str, Any]:
        """Everything about it, for JSON."""
        return asdict(self)


def of(
    connection: sa.Connection, incident_ids: Collection[int] | None
) -> dict[int, list[HandedOver]]:
    """What was sent of those incidents, None for all, in order; not those of which nothing was."""
    names = list(HandedOver.__dataclass_fields__)
    columns = [handover.c[name] for name in names]
    statement = sa.select(handover.c.incident_id, *columns).order_by(handover.c.id)
    if incident_ids is None:
        statement = statement.where(handover.c.incident_id.is_not(None))
    else:
        statement = statement.where(handover.c.incident_id.in_(incident_ids))
    found: dict[int, list[HandedOver]] = {}
    for row in connection.execute(statement).mappings():
        one = HandedOver(**{name: row[name] for name in names})
        found.setdefault(row["incident_id"], []).append(one)
    return found

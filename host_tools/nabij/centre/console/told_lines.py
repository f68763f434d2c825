"""Lines of an incident about who was told of it: alarm centres, and people by their channels.

Works inside the transaction of its caller.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import sqlalchemy as sa

from nabij.centre.console.models import Line
from nabij.centre.database import escalation_tables as tables
from nabij.centre.escalation import outbox
from nabij.centre.escalation.outbox import Row, State
from nabij.centre.incidents.by_sms import BySms
from nabij.centre.incidents.carriers import Carrier
from nabij.centre.incidents.handed_over import HandedOver
from nabij.centre.incidents.words import duration, local_time

# How a message to an alarm centre stands, as the page has words for it.
_CENTRE: Final = {
    "waiting": "centre_silent",
    "acknowledged": "centre_has_it",
    "refused": "centre_refused",
    "dropped": "centre_gone",
}


def of_centres(handed: Iterable[HandedOver]) -> Iterator[Line]:
    """That each message was queued, and what came of it."""
    for one in handed:
        given = {"centre": one.arc, "event": one.event, "tries": str(one.tries)}
        yield Line(one.queued_ms, f"centre_{one.what}", "", "", given)
        # While nothing came of it, it stands with the message that it is about.
        at_ms = one.queued_ms if one.done_ms is None else one.done_ms
        yield Line(at_ms, _CENTRE[one.state], one.answered_by, one.said, given)


def of_carriers(carriers: Iterable[Carrier], zone: str) -> Iterator[Line]:
    """Which gateway or badge nearby carried it first, and what its own clock said at last."""
    for one in carriers:
        given = {"name": one.name, "dbm": str(one.rssi_dbm)}
        yield Line(one.first_ms, f"carried_by_{one.kind}", "", "", given)
        if one.said_s is None or one.off_ms is None:
            continue
        said = {"name": one.name, "said": local_time(one.said_s * 1000, zone)}
        what = "carrier_said"
        if one.clock_is_off:
            what = "carrier_ahead" if one.off_ms > 0 else "carrier_behind"
            said["off"] = duration(abs(one.off_ms))
        yield Line(one.last_ms, what, "", "", said)


def of_sms(came: Iterable[BySms]) -> Iterator[Line]:
    """Which text messages brought it."""
    for one in came:
        given = {"service": one.service, "minutes": str(one.late_ms // 60_000)}
        yield Line(one.came_ms, "sms_late" if one.late_ms >= 60_000 else "sms", "", "", given)
        if one.is_own is False:
            yield Line(one.came_ms, "sms_other", "", "", {"digits": one.sender})


def of_people(connection: sa.Connection, incident_id: int) -> Iterator[Line]:
    """Who was called, by what, and whether that channel took it; and who said they cannot come."""
    mine = tables.escalation.c.incident_id == incident_id
    rows = outbox.rows_where(connection, mine)
    for row in rows:
        if (line := _called(row)) is not None:
            yield line
    answer = tables.answer.c
    names = {row.id: row.name for row in rows}
    statement = sa.select(answer.outbox_id, answer.at_ms).where(
        answer.outbox_id.in_(names), answer.what == outbox.CANNOT
    )
    for found in connection.execute(statement):
        yield Line(found.at_ms, "cannot_come", names[found.outbox_id], "")


def _called(row: Row) -> Line | None:
    """None of whom nobody tried to call."""
    given = {"name": row.name, "channel": row.channel, "tries": str(row.tries)}
    began_ms = row.began_ms or 0
    if row.state is State.SENT:
        return Line(row.done_ms or began_ms, "called", "", "", given)
    # Whom another channel reached, or whose incident ended, was still not reached by this one.
    if row.state is State.FAILED or (row.state in {State.SPARED, State.OVER} and row.tries):
        return Line(row.done_ms or began_ms, "not_called", "", row.said, given)
    if row.state is State.SENDING:
        return Line(began_ms, "is_called", "", "", given)
    if row.state is State.WAITING and row.tries:
        return Line(began_ms, "called_again", "", row.said, given)
    return None

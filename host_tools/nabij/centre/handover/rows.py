"""What alarm centres are sent: rows that keep their bytes until the centre has acknowledged them.

Each function works inside the transaction of its caller.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from nabij.centre.database import handover_tables as tables
from nabij.centre.handover import arcs
from nabij.centre.handover.arcs import Arc
from nabij.centre.handover.frame import SEQ_MAX

# Of one that has no answer, or is refused without a reason that we can mend.
RETRY_MS: Final = (1_000, 2_000, 5_000, 10_000, 30_000, 60_000)
LONGEST_SAID: Final = 200
# The block of a frame that has an address with more (the "verification URL" of DC-09).
LINK: Final = "V"


class State(StrEnum):
    """Of a row."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    # The centre understands it and takes no such event, not the one sent instead either.
    REFUSED = "refused"
    # Its centre was taken out before it had an answer.
    DROPPED = "dropped"


class What(StrEnum):
    """Of a message."""

    ALARM = "alarm"
    RESTORE = "restore"
    CANCEL = "cancel"
    TEST = "test"


@dataclass(frozen=True)
class Message:
    """What is to be sent; `event` is a name of handover.codes, `data` goes by `protocol`."""

    account: str
    zone: int
    what: What
    event: str
    protocol: str
    data: str
    extended: tuple[str, ...]
    incident_id: int | None = None
    event_id: int | None = None


@dataclass(frozen=True)
class Row:
    """A message with its number, and how far it is. Times are ms since 1970 UTC."""

    id: int
    arc: str
    seq: int
    message: Message
    state: State
    tries: int
    queued_ms: int
    due_ms: int
    done_ms: int | None
    answered_by: str
    said: str


class Kept(NamedTuple):
    """A centre as the database has it."""

    name: str
    settings: str
    key: bytes


def replace_arcs(connection: sa.Connection, wanted: Sequence[Arc], now_ms: int) -> None:
    """Keep these centres in place of all others; what waits for one that goes is dropped."""
    names = [arc.name for arc in wanted]
    columns = tables.handover.c
    gone = sa.and_(columns.state == State.WAITING, columns.arc.not_in(names))
    said = {"state": State.DROPPED, "done_ms": now_ms, "said": "its centre was taken out"}
    connection.execute(tables.handover.update().where(gone).values(said))
    connection.execute(tables.arc_badge.delete())
    connection.execute(tables.arc.delete())
    for place, arc in enumerate(wanted):
        settings = json.dumps(arcs.to_table(arc))
        values = {"name": arc.name, "place": place, "settings": settings, "secret_key": arc.key}
        connection.execute(tables.arc.insert().values(values))
        for badge in arc.badges:
            held = {"hold_s": arc.hold_s, "technical": arc.technical}
            connection.execute(tables.arc_badge.insert().values(badge=badge, arc=arc.name, **held))


def read_arcs(connection: sa.Connection) -> list[Arc]:
    """The centres, in the order in which they were given."""
    return [parsed(one) for one in kept_arcs(connection)]


def kept_arcs(connection: sa.Connection) -> list[Kept]:
    """The same as they are kept: to see whether they are still those of before costs little."""
    found = connection.execute(sa.select(tables.arc).order_by(tables.arc.c.place))
    return [Kept(row.name, row.settings, bytes(row.secret_key)) for row in found]


def parsed(kept: Kept) -> Arc:
    """The centre of what is kept of it."""
    return arcs.of_table(kept.name, json.loads(kept.settings), {kept.name: kept.key})


def arc_of(connection: sa.Connection, badge: str) -> Arc | None:
    """The centre that is told of that badge."""
    columns = tables.arc_badge.c
    name = connection.execute(sa.select(columns.arc).where(columns.badge == badge)).scalar()
    return None if name is None else named(connection, name)


def named(connection: sa.Connection, name: str) -> Arc | None:
    """The centre of that name."""
    return next((parsed(one) for one in kept_arcs(connection) if one.name == name), None)


def add(connection: sa.Connection, arc: Arc, message: Message, now_ms: int) -> int | None:
    """Have that sent after what waits for its account; its id, None when it was added before."""
    columns = tables.handover.c
    if message.event_id is not None and was_added(connection, arc, message.event_id, message.what):
        return None
    values = _fields(message) | {
        "arc": arc.name,
        "seq": _next_seq(connection, arc.name, message.account),
        "state": State.WAITING,
        "tries": 0,
        "queued_ms": now_ms,
        "due_ms": now_ms,
        "answered_by": "",
        "said": "",
    }
    added = tables.handover.insert().values(values).returning(columns.id)
    return int(connection.execute(added).scalar_one())


def was_added(connection: sa.Connection, arc: Arc, event_id: int, what: What) -> bool:
    """Whether a centre is told that of an event already."""
    columns = tables.handover.c
    same = (columns.arc == arc.name, columns.event_id == event_id, columns.what == what)
    return connection.execute(sa.select(columns.id).where(*same)).first() is not None


def due(connection: sa.Connection, now_ms: int) -> set[tuple[str, str]]:
    """(arc, account) of which the oldest row is due: what comes after it waits for it."""
    columns = tables.handover.c
    by = (columns.arc, columns.account)
    first = sa.select(sa.func.min(columns.id)).where(tables.WAITS).group_by(*by)
    # Later than any pause is long is what a clock says that was set back meanwhile.
    is_due = sa.or_(columns.due_ms <= now_ms, columns.due_ms > now_ms + RETRY_MS[-1])
    found = sa.select(*by).where(columns.id.in_(first), is_due)
    return {(row.arc, row.account) for row in connection.execute(found)}


def head(connection: sa.Connection, arc: str, account: str, now_ms: int) -> Row | None:
    """The oldest row of an account that waits, when it is due."""
    columns = tables.handover.c
    mine = sa.and_(columns.arc == arc, columns.account == account, tables.WAITS)
    found = next(iter(_rows(connection, mine, most=1)), None)
    if found is None or now_ms < found.due_ms <= now_ms + RETRY_MS[-1]:
        return None
    return found


def waiting(connection: sa.Connection) -> dict[str, int]:
    """How many rows wait for each centre, of those of which any does."""
    columns = tables.handover.c
    count = sa.select(columns.arc, sa.func.count()).where(tables.WAITS).group_by(columns.arc)
    return {name: int(number) for name, number in connection.execute(count)}


def of_incident(connection: sa.Connection, incident_id: int) -> list[Row]:
    """All that was sent of an incident, and is yet to be, in order."""
    return _rows(connection, tables.handover.c.incident_id == incident_id)


def newest(connection: sa.Connection, most: int) -> list[Row]:
    """The newest rows, oldest first."""
    columns = tables.handover.c
    last = sa.select(columns.id).order_by(columns.id.desc()).limit(most)
    return _rows(connection, columns.id.in_(last))


def row(connection: sa.Connection, row_id: int) -> Row | None:
    """That row."""
    return next(iter(_rows(connection, tables.handover.c.id == row_id)), None)


def was_told(connection: sa.Connection, incident_id: int) -> bool:
    """Whether a centre is told of that incident: then it is told of its end as well."""
    return any(one.message.what is What.ALARM for one in of_incident(connection, incident_id))


def acknowledged(connection: sa.Connection, found: Row, now_ms: int, by: str) -> None:
    """The centre has it, with its link, which is kept here no longer."""
    kept = [one for one in found.message.extended if not one.startswith(LINK)]
    values = {"extended": json.dumps(kept), "answered_by": by}
    _set(connection, found.id, state=State.ACKNOWLEDGED, done_ms=now_ms, **values)


def again(connection: sa.Connection, found: Row, now_ms: int, said: str) -> None:
    """It has to be sent again, later each time."""
    wait_ms = RETRY_MS[min(found.tries, len(RETRY_MS) - 1)]
    values = {"tries": found.tries + 1, "due_ms": now_ms + wait_ms, "said": said[:LONGEST_SAID]}
    _set(connection, found.id, **values)


def refused(connection: sa.Connection, found: Row, now_ms: int, instead: Message | None) -> None:
    """The centre takes no such event: send the other in its place, with a number of its own."""
    said = f"it takes no event {found.message.data}"[:LONGEST_SAID]
    if instead is None:
        _set(connection, found.id, state=State.REFUSED, done_ms=now_ms, said=said)
        return
    seq = _next_seq(connection, found.arc, instead.account)
    _set(connection, found.id, **_fields(instead), seq=seq, tries=0, due_ms=now_ms, said=said)


def _fields(message: Message) -> dict[str, Any]:
    return {**message.__dict__, "extended": json.dumps(message.extended)}


def _next_seq(connection: sa.Connection, arc: str, account: str) -> int:
    """1 to 9999 and from the beginning: 0 is of what only shows that the path is there."""
    table = tables.arc_account
    mine = sa.and_(table.c.arc == arc, table.c.account == account)
    found = connection.execute(sa.select(table.c.last_seq).where(mine).with_for_update()).scalar()
    seq = 1 if found is None else found % SEQ_MAX + 1
    if found is None:
        connection.execute(table.insert().values(arc=arc, account=account, last_seq=seq))
    else:
        connection.execute(table.update().where(mine).values(last_seq=seq))
    return int(seq)


def _set(connection: sa.Connection, row_id: int, **values: object) -> None:
    # What one receiver had no answer to, another has sent meanwhile.
    mine = sa.and_(tables.handover.c.id == row_id, tables.WAITS)
    connection.execute(tables.handover.update().where(mine).values(values))


def _rows(
    connection: sa.Connection, where: sa.ColumnElement[bool], most: int | None = None
) -> list[Row]:
    statement = sa.select(tables.handover).where(where).order_by(tables.handover.c.id).limit(most)
    return [_row(dict(found)) for found in connection.execute(statement).mappings()]


def _row(found: dict[str, Any]) -> Row:
    message = Message(
        account=found["account"],
        zone=found["zone"],
        what=What(found["what"]),
        event=found["event"],
        protocol=found["protocol"],
        data=found["data"],
        extended=tuple(json.loads(found["extended"])),
        incident_id=found["incident_id"],
        event_id=found["event_id"],
    )
    names = ("id", "arc", "seq", "tries", "queued_ms", "due_ms", "done_ms", "answered_by", "said")
    values = {name: found[name] for name in names}
    return Row(message=message, state=State(found["state"]), **values)

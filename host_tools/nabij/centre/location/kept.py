"""Sealed positions in the database: the newest of each badge, and what may become of it.

Each function works inside the transaction of its caller.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from badge.core.alarm import kinds
from nabij.centre.clocks import Moment
from nabij.centre.database import people_schema as people
from nabij.centre.database import schema
from nabij.centre.database.location_tables import sealed_position as table
from nabij.centre.database.retention import DAY_MS
from nabij.centre.database.statements import upsert
from nabij.centre.incidents import shifts, whereabouts
from nabij.centre.incidents.incident import OWN_BOOT
from nabij.centre.incidents.words import QUIET
from nabij.centre.location.consent import Switch
from nabij.centre.people import assignments

# Why a position is not kept.
OFF: Final = "it is off"
NO_CONSENT: Final = "no consent covers its wearer"
NO_SHIFT: Final = "its badge is not on shift"
NOBODY: Final = "its badge is nobody's"
# Asked for again while the incident is open; all else is an answer for good.
OPENED: Final = "opened"
AGAIN: Final = "again"


@dataclass(frozen=True)
class Place:
    """A position as it came, whose time is `at_ms`; `text` is what is sealed."""

    at_ms: int
    text: bytes


@dataclass(frozen=True)
class Sealing:
    """What may be sealed: whose, in which shift, and what shows the keeper that there is one."""

    badge: str
    shift_ms: int
    person_id: int
    verify: bytes
    begin: bytes
    place: Place


@dataclass(frozen=True)
class Wish:
    """An incident for which a position is to be opened; `frames` of its badge, newest first."""

    incident_id: int
    badge: str
    shift_ms: int
    sealed: bytes
    is_silence: bool
    frames: tuple[bytes, ...]


def sort_out(
    connection: sa.Connection, found: Mapping[str, Place], switch: Switch, now: Moment
) -> tuple[list[Sealing], Counter[str]]:
    """Which of these may be sealed, and how many not, by reason."""
    dropped: Counter[str] = Counter()
    if not switch.is_on(now.wall_ms):
        return [], Counter({OFF: len(found)})
    may = []
    for badge, place in found.items():
        one = _sealing(connection, badge, place, switch, now)
        if isinstance(one, str):
            dropped[one] += 1
        else:
            may.append(one)
    return may, dropped


def keep(connection: sa.Connection, sealed: Iterable[tuple[Sealing, bytes]]) -> None:
    """Each in place of the one before."""
    for one, text in sealed:
        values = {
            "shift_ms": one.shift_ms,
            "person_id": one.person_id,
            "at_ms": one.place.at_ms,
            "sealed": text,
        }
        # What was opened for an incident stays known: a later one is not opened for it as well.
        connection.execute(upsert(table, {"badge": one.badge}, values))


def wishes(connection: sa.Connection) -> list[Wish]:
    """The open incidents of people of whom a position is sealed that is newer than all known."""
    incident = schema.incident.c
    statement = (
        sa.select(
            *(incident[name] for name in _OF_INCIDENT),
            table.c.shift_ms.label("sealed_shift_ms"),
            *(table.c[name] for name in ("person_id", "sealed", "at_ms")),
        )
        .join(table, table.c.badge == incident.badge)
        .where(
            schema.IS_OPEN,
            ~incident.test,
            sa.or_(
                table.c.incident_id.is_(None),
                table.c.incident_id != incident.id,
                table.c.answer == AGAIN,
            ),
        )
        .order_by(incident.id)
    )
    return [
        one
        for row in connection.execute(statement).mappings()
        if (one := _wish(connection, row)) is not None
    ]


def note_answer(connection: sa.Connection, wish: Wish, answer: str) -> None:
    """What came of asking for it."""
    mine = sa.and_(table.c.badge == wish.badge, table.c.shift_ms == wish.shift_ms)
    values = {"incident_id": wish.incident_id, "answer": answer}
    connection.execute(table.update().where(mine).values(values))


def let_go(connection: sa.Connection, switch: Switch, now: Moment) -> int:
    """Remove what is past its term, of who has another badge now, or which no consent covers."""
    if not switch.is_on(now.wall_ms):
        return connection.execute(table.delete()).rowcount
    consent = switch.consent
    assert consent is not None  # noqa: S101 - it is on
    before_ms = now.wall_ms - switch.days * DAY_MS
    given, person, team = people.assignment, people.person, people.team
    has_it = sa.and_(given.c.badge == table.c.badge, given.c.until_ms.is_(None))
    # In one: each query of thousands of badges would keep alarms waiting.
    statement = (
        sa.select(
            *(table.c.badge, table.c.person_id, table.c.at_ms, person.c.team_id, team.c.site_id),
            given.c.person_id.label("holder"),
        )
        .join(person, person.c.id == table.c.person_id)
        .outerjoin(team, team.c.id == person.c.team_id)
        .outerjoin(given, has_it)
    )
    gone = [
        row.badge
        for row in connection.execute(statement)
        if row.at_ms < before_ms
        or row.holder != row.person_id
        or not consent.covers(row.team_id, row.site_id)
    ]
    return _remove(connection, gone)


def remove_dead(connection: sa.Connection, held: Collection[tuple[str, int]]) -> int:
    """Remove what nobody can open any more, for its key is none of these; how many."""
    dead = [badge for badge, shift_ms in sealed(connection) if (badge, shift_ms) not in held]
    return _remove(connection, dead)


def _remove(connection: sa.Connection, badges: list[str]) -> int:
    for begin in range(0, len(badges), _AT_ONCE):
        mine = table.c.badge.in_(badges[begin : begin + _AT_ONCE])
        connection.execute(table.delete().where(mine))
    return len(badges)


def sealed(connection: sa.Connection) -> list[tuple[str, int]]:
    """Of which shifts there is one."""
    rows = connection.execute(sa.select(table.c.badge, table.c.shift_ms))
    return [(row.badge, row.shift_ms) for row in rows]


def running(connection: sa.Connection, now: Moment) -> set[tuple[str, int]]:
    """The shifts that go on, as `Sealing` has them."""
    watch, given = schema.watch, people.assignment
    has_it = sa.and_(given.c.badge == watch.c.badge, given.c.until_ms.is_(None))
    # By another machine's clock nothing can be said of its end, as incidents/shifts.py has it.
    is_over = sa.and_(watch.c.epoch == now.epoch, watch.c.due_steady_ms <= now.steady_ms)
    statement = (
        sa.select(watch.c.badge, watch.c.since_ms, given.c.from_ms)
        .join(given, has_it)
        .where(watch.c.due_steady_ms.is_not(None), ~is_over)
    )
    rows = connection.execute(statement)
    return {(badge, _number(since_ms, from_ms)) for badge, since_ms, from_ms in rows}


# In one statement.
_AT_ONCE: Final = 500
_OF_INCIDENT: Final = ("id", "badge", "boot", "seq", "kind", "duress", "raised_ms")


def _sealing(
    connection: sa.Connection, badge: str, place: Place, switch: Switch, now: Moment
) -> Sealing | str:
    shift = shifts.find(connection, badge)
    if shift is None or shift.is_over(now):
        return NO_SHIFT
    holder = assignments.now(connection, badge)
    if holder is None:
        return NOBODY
    consent = switch.consent
    if consent is None or not consent.covers(*_team_and_site(connection, holder.person_id)):
        return NO_CONSENT
    key = sa.select(schema.badge.c.hmac_key).where(schema.badge.c.badge == badge)
    verify = bytes(connection.execute(key).scalar_one())
    begin = _frames(connection, badge, shift.boot, shift.seq)
    number = _number(shift.since_ms, holder.from_ms)
    return Sealing(badge, number, holder.person_id, verify, (*begin, b"")[0], place)


def _number(since_ms: int, from_ms: int) -> int:
    """That of a shift: who has a badge of somebody else's from then on has another key."""
    return max(since_ms, from_ms)


def _wish(connection: sa.Connection, row: sa.RowMapping) -> Wish | None:
    is_silence = row["kind"] == QUIET and row["boot"] == OWN_BOOT
    if row["boot"] == OWN_BOOT and not is_silence:
        return None
    if kinds.of(row["kind"]).category != kinds.RED and not row["duress"] and not is_silence:
        return None
    worn = assignments.at(connection, row["badge"], row["raised_ms"])
    if worn is None or worn.person_id != row["person_id"]:
        return None
    # Nor where the alarm itself says so, or somebody saw them: a hint is less than what is sealed.
    fixes = [one for one in whereabouts.one_of(connection, row["id"]).spots if not one.hint]
    if any(one.has_position and one.at_ms >= row["at_ms"] for one in fixes):
        return None
    frames = () if is_silence else _frames(connection, row["badge"], row["boot"], row["seq"])
    shift_ms, sealed_text = row["sealed_shift_ms"], bytes(row["sealed"])
    return Wish(row["id"], row["badge"], shift_ms, sealed_text, is_silence, frames)


def _frames(connection: sa.Connection, badge: str, boot: int, seq: int) -> tuple[bytes, ...]:
    """What the badge sent under that number, the newest first."""
    alarm, message = schema.alarm.c, schema.message.c
    statement = (
        sa.select(message.frame)
        .join(schema.alarm, alarm.id == message.alarm_id)
        .where(alarm.badge == badge, alarm.boot == boot, alarm.seq == seq)
        .where(~message.copy, message.frame != b"")
        .order_by(message.rev.desc(), message.id.desc())
    )
    return tuple(bytes(one) for one in connection.execute(statement).scalars())


def _team_and_site(connection: sa.Connection, person_id: int) -> tuple[int | None, int | None]:
    person, team = people.person, people.team
    statement = (
        sa.select(person.c.team_id, team.c.site_id)
        .outerjoin(team, team.c.id == person.c.team_id)
        .where(person.c.id == person_id)
    )
    row = connection.execute(statement).one()
    return row.team_id, row.site_id

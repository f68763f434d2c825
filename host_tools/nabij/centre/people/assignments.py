"""Who wears which badge, now and at any time before: hand-out, return, replacement.

Each function works inside the transaction of its caller. A badge has one wearer at a time; one
that is shared goes from hand to hand, each for as long as it lasts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.carried import is_gateway
from nabij.centre.database import people_schema as tables
from nabij.centre.database import schema
from nabij.centre.database.statements import lock_badges
from nabij.centre.people import persons
from nabij.errors import UsageError

LOST: Final = "lost"

_A: Final = tables.assignment.c
# The name that an incident of a badge is kept under (binds of_badge, of_ms): that of who had the
# badge when it was raised, else the one that it was enrolled with.
_WORE: Final = (
    sa.select(tables.person.c.name)
    .join(tables.assignment, _A.person_id == tables.person.c.id)
    .where(
        _A.badge == sa.bindparam("of_badge"),
        _A.from_ms <= sa.bindparam("of_ms", type_=sa.BigInteger),
        sa.or_(_A.until_ms.is_(None), _A.until_ms > sa.bindparam("of_ms", type_=sa.BigInteger)),
    )
    .order_by(_A.from_ms.desc(), _A.id.desc())
    .limit(1)
)
_ENROLLED: Final = sa.select(schema.badge.c.wearer).where(
    schema.badge.c.badge == sa.bindparam("of_badge")
)
WEARER: Final = sa.func.coalesce(_WORE.scalar_subquery(), _ENROLLED.scalar_subquery())


@dataclass(frozen=True)
class Assignment:
    """A badge with a person; `until_ms` is None while it lasts, and why and by whom it ended."""

    id: int
    badge: str
    person_id: int
    from_ms: int
    until_ms: int | None
    given_by: str
    ended_by: str
    ended_why: str


def hand_out(
    connection: sa.Connection,
    badge: str,
    person_id: int,
    now_ms: int,
    by: str,
    *,
    had_by: int | None = None,
) -> Assignment:
    """Give a badge to a person, from `had_by`, who has it now (None for nobody).

    UsageError for a badge or person that cannot have it, and when somebody else has it than the
    caller believes.
    """
    lock_badges(connection, [badge])
    _check_badge(connection, badge)
    person = persons.find(connection, person_id)
    if person.left_ms is not None or not person.wears:
        raise UsageError(f"{person.name} is not one of those who wear a badge.")
    holder = now(connection, badge)
    if (None if holder is None else holder.person_id) != had_by:
        whose = "nobody" if holder is None else persons.find(connection, holder.person_id).name
        raise UsageError(f"Badge {badge} is with {whose} by now: look again.")
    if holder is not None:
        if holder.person_id == person_id:
            raise UsageError(f"Badge {badge} is with {person.name} already.")
        _end(connection, holder, now_ms, by, "handed on")
    values = {"badge": badge, "person_id": person_id, "from_ms": now_ms, "given_by": by}
    insert = tables.assignment.insert().values(values).returning(tables.assignment)
    return Assignment(**connection.execute(insert).mappings().one())


def give_back(
    connection: sa.Connection, badge: str, now_ms: int, by: str, why: str = "returned"
) -> Assignment:
    """The badge is nobody's from now on; UsageError when it is nobody's already."""
    lock_badges(connection, [badge])
    holder = now(connection, badge)
    if holder is None:
        raise UsageError(f"Badge {badge} is with nobody: look again.")
    return _end(connection, holder, now_ms, by, why)


def replace(
    connection: sa.Connection, lost: str, instead: str, now_ms: int, by: str
) -> Assignment:
    """Who had the lost badge has the other one from now on; UsageError when that cannot be.

    The lost one still sends for whoever found it until it is revoked (`nabij revoke`).
    """
    if lost == instead:
        raise UsageError("Name another badge than the lost one.")
    lock_badges(connection, [lost, instead])
    ended = give_back(connection, lost, now_ms, by, LOST)
    return hand_out(connection, instead, ended.person_id, now_ms, by)


def now(connection: sa.Connection, badge: str) -> Assignment | None:
    """Who has the badge now."""
    mine = sa.select(tables.assignment).where(_A.badge == badge, _A.until_ms.is_(None))
    row = connection.execute(mine).mappings().one_or_none()
    return None if row is None else Assignment(**row)


def at(connection: sa.Connection, badge: str, at_ms: int) -> Assignment | None:
    """Who had the badge then."""
    statement = (
        sa.select(tables.assignment)
        .where(
            _A.badge == badge,
            _A.from_ms <= at_ms,
            sa.or_(_A.until_ms.is_(None), _A.until_ms > at_ms),
        )
        .order_by(_A.from_ms.desc(), _A.id.desc())
        .limit(1)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Assignment(**row)


def all_now(connection: sa.Connection) -> dict[str, Assignment]:
    """Every badge that somebody has."""
    statement = sa.select(tables.assignment).where(_A.until_ms.is_(None))
    rows = connection.execute(statement).mappings()
    return {row["badge"]: Assignment(**row) for row in rows}


def history(
    connection: sa.Connection, *, badge: str | None = None, people: Collection[int] | None = None
) -> list[Assignment]:
    """What was handed out, newest first; of one badge, of some people, or all."""
    statement = sa.select(tables.assignment).order_by(_A.id.desc())
    if badge is not None:
        statement = statement.where(_A.badge == badge)
    if people is not None:
        statement = statement.where(_A.person_id.in_(sorted(people)))
    return [Assignment(**row) for row in connection.execute(statement).mappings()]


def _end(
    connection: sa.Connection, holder: Assignment, now_ms: int, by: str, why: str
) -> Assignment:
    # A clock that was set back must not end it before it began.
    values = {"until_ms": max(now_ms, holder.from_ms), "ended_by": by, "ended_why": why}
    update = tables.assignment.update().where(_A.id == holder.id).values(values)
    row = connection.execute(update.returning(tables.assignment)).mappings().one()
    return Assignment(**row)


def _check_badge(connection: sa.Connection, badge: str) -> None:
    columns = schema.badge.c
    statement = sa.select(columns.revoked_ms).where(columns.badge == badge)
    row = connection.execute(statement).one_or_none()
    if row is None or is_gateway(badge):
        raise UsageError(f"There is no badge {badge}: enrol it first with nabij enrol.")
    if row.revoked_ms is not None:
        raise UsageError(f"Badge {badge} is revoked: enrol it anew before it is worn.")

"""What badges are to be told by SMS of alarms that came so: each state once, and not too often.

A stranger who has a copy of a message can have it answered again, and no more: what is new can
come of the badge alone, so it has limits of its own. Each function works inside the transaction of
its caller and leaves committing to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import schema
from nabij.centre.database import sms_tables as tables
from nabij.centre.incidents import standing
from nabij.centre.sms import settings

HOUR_MS: Final = 3_600_000
# In an hour: to a badge what is new to it, and what it was told before; and to all of them.
MOST_NEW: Final = 20
MOST_AGAIN: Final = 4
MOST: Final = 300
# One that is being sent is nobody else's for so long.
HOLD_MS: Final = 90_000
# After each try that failed; the last of them again and again.
RETRY_MS: Final = (5_000, 15_000, 60_000, 300_000)
MOST_TRIES: Final = 20
# A badge with a session hears by that; should it be none any more, it is told after all.
LINK_MS: Final = 30_000
# An alarm of which there is nothing to tell is looked at again after so long, or at the next news.
IDLE_MS: Final = LINK_MS
# One for whom there is no room to send just now.
BUSY_MS: Final = 2_000
# What waits longer waits because the time of day was set back.
LONGEST_WAIT_MS: Final = RETRY_MS[-1]
# The same of one that nobody is at.
LONGEST_IDLE_MS: Final = RETRY_MS[2]
# An alarm that nobody moves on is let go of.
LONGEST_MS: Final = 7 * 24 * HOUR_MS
_AT_ONCE: Final = 50
_OWED, _TOLD = tables.owed.c, tables.told.c
_NEWEST: Final = sa.select(sa.func.coalesce(sa.func.max(schema.event.c.id), 0))


@dataclass(frozen=True)
class Due:
    """How an alarm stands of which its badge is to be told now, at `number`.

    `asked_ms` is when the message came that this answers, None when nobody asked; `again`: it was
    told so before.
    """

    alarm_id: int
    badge: str
    boot: int
    seq: int
    rev: int
    state: int
    status_number: int
    number: str
    service: str
    asked_ms: int | None
    again: bool
    tries: int


@dataclass(frozen=True)
class Looked:
    """What is due, the badges without a number that asked, and whether limits hold some back."""

    due: tuple[Due, ...]
    unknown: tuple[str, ...] = ()
    is_limited: bool = False


def newest_event(connection: sa.Connection) -> int:
    """Rises with all that happens to alarms."""
    return int(connection.execute(_NEWEST).scalar_one())


def is_any(connection: sa.Connection, now_ms: int, news_ms: int) -> bool:
    """Whether `look` has anything to do; as it, and without writing."""
    found = sa.select(_OWED.alarm_id).where(*_at_hand(now_ms, news_ms)).limit(1)
    return connection.execute(found).first() is not None


def look(
    connection: sa.Connection,
    present: frozenset[str],
    now_ms: int,
    news_ms: int,
    may_send: Callable[[Due, Sequence[Due]], bool] = lambda _one, _claimed: True,
) -> Looked:
    """Claim what is due; `present` are badges with a session, who hear of news by that.

    `news_ms` is when something last happened to any alarm. `may_send(one, claimed)`: whether
    there is room to send one, beside those that were claimed already.
    """
    alarm = schema.alarm.c
    statement = (
        sa.select(tables.owed, alarm.badge, alarm.boot, alarm.seq)
        .join(schema.alarm, alarm.id == _OWED.alarm_id)
        .where(*_at_hand(now_ms, news_ms))
        .order_by(_OWED.next_ms, _OWED.alarm_id)
        .limit(_AT_ONCE)
    )
    due: list[Due] = []
    unknown, is_limited = [], False
    for row in connection.execute(statement).mappings().all():
        one = _judge(connection, row, present, now_ms)
        if one is None:
            continue
        if not one.number:
            unknown.append(one.badge)
            _set(connection, row, asked_ms=None, next_ms=now_ms + LONGEST_IDLE_MS)
        elif not _has_room(connection, one, now_ms):
            is_limited = is_limited or not one.again
            # What was told before need not be told at all.
            asked_ms = None if one.again else one.asked_ms
            _set(connection, row, asked_ms=asked_ms, next_ms=now_ms + LONGEST_IDLE_MS)
        elif not may_send(one, due):
            _set(connection, row, next_ms=now_ms + BUSY_MS)
        elif _set(connection, row, tries=one.tries + 1, next_ms=now_ms + HOLD_MS):
            due.append(one)
    return Looked(tuple(due), tuple(unknown), is_limited)


def sent(connection: sa.Connection, one: Due, service: str, now_ms: int) -> None:
    """The service took it."""
    connection.execute(
        tables.told.insert().values(
            alarm_id=one.alarm_id,
            badge=one.badge,
            service=service,
            state=one.state,
            at_ms=now_ms,
            again=one.again,
        )
    )
    # One that came meanwhile has its own answer.
    is_answered = sa.or_(_OWED.asked_ms.is_(None), _OWED.asked_ms == one.asked_ms)
    connection.execute(
        tables.owed.update()
        .where(_OWED.alarm_id == one.alarm_id)
        .values(
            told_rev=one.rev,
            told_state=one.state,
            tries=0,
            next_ms=now_ms,
            asked_ms=sa.case((is_answered, None), else_=_OWED.asked_ms),
        )
    )


def failed(connection: sa.Connection, one: Due, now_ms: int) -> None:
    """Nobody took it: it is tried again, not for ever."""
    if one.tries + 1 >= MOST_TRIES:
        values = {"asked_ms": None, "told_rev": one.rev, "told_state": one.state, "tries": 0}
    else:
        values = {"next_ms": now_ms + RETRY_MS[min(one.tries, len(RETRY_MS) - 1)]}
    mine = tables.owed.update().where(_OWED.alarm_id == one.alarm_id)
    connection.execute(mine.values(values))


def _at_hand(now_ms: int, news_ms: int) -> tuple[sa.ColumnElement[bool], ...]:
    # Nobody asked and nobody is at it: it was found so at the latest IDLE_MS before its time.
    is_idle = sa.and_(_OWED.asked_ms.is_(None), _OWED.tries == 0)
    return (
        _OWED.done.is_(sa.false()),
        sa.or_(
            _OWED.next_ms <= now_ms,
            _OWED.next_ms > now_ms + LONGEST_WAIT_MS,
            sa.and_(is_idle, _OWED.next_ms <= news_ms + IDLE_MS),
            sa.and_(is_idle, _OWED.next_ms > now_ms + LONGEST_IDLE_MS),
        ),
    )


def _judge(
    connection: sa.Connection, row: sa.RowMapping, present: frozenset[str], now_ms: int
) -> Due | None:
    heard = wire.Standing(row["boot"], row["seq"], 1, wire.STATUS_NONE, 0)
    found = standing.told(connection, row["badge"], [heard])
    if not found:
        _set(connection, row, done=True)
        return None
    [now] = found
    is_news = now.rev > row["told_rev"] or now.state > row["told_state"]
    asked_ms = row["asked_ms"]
    if asked_ms is None and not is_news:
        is_over = now.state == wire.STATUS_CLOSED or _is_old(connection, row, now_ms)
        _set(connection, row, done=is_over, next_ms=now_ms + IDLE_MS)
        return None
    if asked_ms is None and row["badge"] in present:
        _set(connection, row, next_ms=now_ms + LINK_MS)
        return None
    return Due(
        alarm_id=row["alarm_id"],
        badge=row["badge"],
        boot=row["boot"],
        seq=row["seq"],
        rev=now.rev,
        state=now.state,
        status_number=now.number,
        number=settings.number_of(connection, row["badge"]) or "",
        service=_came_by(connection, row["alarm_id"]),
        asked_ms=asked_ms,
        again=not is_news,
        tries=row["tries"],
    )


def _set(connection: sa.Connection, row: sa.RowMapping, **values: object) -> bool:
    """Whether it was as it was found: of several receivers one has it."""
    same = sa.and_(_OWED.alarm_id == row["alarm_id"], _OWED.next_ms == row["next_ms"])
    return bool(connection.execute(tables.owed.update().where(same).values(values)).rowcount)


def _has_room(connection: sa.Connection, one: Due, now_ms: int) -> bool:
    since = sa.and_(_TOLD.at_ms > now_ms - HOUR_MS, _TOLD.at_ms <= now_ms + HOLD_MS)
    mine = sa.and_(_TOLD.badge == one.badge, _TOLD.again.is_(one.again))
    counts = sa.select(sa.func.count(), sa.func.count().filter(mine)).where(since)
    in_all, of_badge = connection.execute(counts).one()
    return bool(in_all < MOST and of_badge < (MOST_AGAIN if one.again else MOST_NEW))


def _came_by(connection: sa.Connection, alarm_id: int) -> str:
    columns = tables.came.c
    last = sa.select(columns.service).where(columns.alarm_id == alarm_id)
    found = connection.execute(last.order_by(columns.id.desc()).limit(1)).scalar_one_or_none()
    return "" if found is None else str(found)


def _is_old(connection: sa.Connection, row: sa.RowMapping, now_ms: int) -> bool:
    columns = tables.came.c
    last = sa.select(sa.func.max(columns.came_ms)).where(columns.alarm_id == row["alarm_id"])
    return now_ms - int(connection.execute(last).scalar() or 0) > LONGEST_MS

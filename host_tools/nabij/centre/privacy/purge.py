"""Lets go of what has been kept for its term: a little at a time, over and over."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import duties, escalation_tables, people_schema, schema
from nabij.centre.database import workforce_tables as workforce
from nabij.centre.database.retention import DAY_MS
from nabij.centre.people import audit
from nabij.centre.privacy import terms
from nabij.centre.privacy.erase import erase
from nabij.centre.privacy.held import HELD
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.errors import UsageError

LOOK_S: Final = 60.0
# In one transaction, during which no alarm can be taken.
AT_ONCE: Final = 500
_PEOPLE_AT_ONCE: Final = 5
RECEIVER: Final = "nabij"


class Purge:
    """Remembers how far it is in tables that are too long to be looked through each time."""

    def __init__(self) -> None:
        self._incident_id = 0
        self._audit_id = 0

    def job(self, store: Store, now_ms: Callable[[], int] | None = None) -> Job:
        """What has to recur."""
        clock = now_ms or (lambda: time.time_ns() // 1_000_000)

        def look() -> None:
            store.write(lambda one: self.look(one, clock()))

        return Job(
            "nabij-privacy",
            LOOK_S,
            lambda: asyncio.to_thread(look),
            "What is kept of people beyond its term does not go",
            "What is kept of people beyond its term goes again.",
        )

    def look(self, connection: sa.Connection, now_ms: int) -> int:
        """One round, of whoever has that duty; how many rows it went through."""
        if not duties.take(connection, duties.WATCHING):
            return 0
        before = {
            name: now_ms - term.days * DAY_MS for name, term in terms.all_of(connection).items()
        }
        done = self._incidents(connection, before["incident"])
        done += self._access_log(connection, before["access_log"])
        done += _shifts(connection, before["shift"])
        done += _permits(connection, before["permit"])
        done += _calls(connection, before["call"])
        done += _people(connection, before["person"], now_ms)
        return done + _badge_use(connection, before["badge_use"])

    def _incidents(self, connection: sa.Connection, before_ms: int) -> int:
        incident = schema.incident.c
        rows = connection.execute(
            sa.select(incident.id, incident.received_ms, incident.state)
            .where(incident.id > self._incident_id)
            .order_by(incident.id)
            .limit(AT_ONCE)
        ).all()
        past = [row for row in rows if row.received_ms < before_ms]
        if past:
            # One that is open still is looked at again after the next start.
            strip(connection, [row.id for row in past if row.state == wire.STATUS_CLOSED])
            self._incident_id = past[-1].id
        return len(past)

    def _access_log(self, connection: sa.Connection, before_ms: int) -> int:
        line = people_schema.audit.c
        mine = sa.select(line.id).where(line.id > self._audit_id, line.at_ms < before_ms)
        old = list(connection.execute(mine.order_by(line.id).limit(AT_ONCE)).scalars())
        if old:
            audit.erase(connection, line.id.in_(old))
            self._audit_id = old[-1]
        return len(old)


def strip(connection: sa.Connection, incident_ids: list[int]) -> None:
    """Take from incidents whom they were about; kind, times and states stay."""
    alarm = schema.alarm.c
    alarms = sa.select(alarm.id).where(alarm.incident_id.in_(incident_ids))
    for one in HELD:
        if one.stays or one.term != "incident":
            continue
        columns = one.table.c
        if one.table is schema.incident:
            mine = columns.id.in_(incident_ids)
        elif "incident_id" in columns:
            mine = columns.incident_id.in_(incident_ids)
        else:
            mine = columns.alarm_id.in_(alarms)
        statement: sa.Update | sa.Delete = one.table.delete().where(mine)
        if one.emptied is not None:
            statement = one.table.update().where(mine).values(dict(one.emptied))
        connection.execute(statement)


def _shifts(connection: sa.Connection, before_ms: int) -> int:
    shift = workforce.planned_shift
    old = sa.select(shift.c.id).where(shift.c.begins_ms < before_ms).limit(AT_ONCE)
    return connection.execute(shift.delete().where(shift.c.id.in_(old))).rowcount


def _permits(connection: sa.Connection, before_ms: int) -> int:
    permit = workforce.permit
    day = time.strftime("%Y-%m-%d", time.gmtime(before_ms / 1000))
    return connection.execute(permit.delete().where(permit.c.last < day)).rowcount


def _calls(connection: sa.Connection, before_ms: int) -> int:
    told, plan = escalation_tables.outbox, escalation_tables.escalation.c
    over = sa.select(plan.id).where(plan.ended_ms < before_ms)
    mine = sa.and_(told.c.escalation_id.in_(over), told.c.name != "")
    old = sa.select(told.c.id).where(mine).limit(AT_ONCE)
    emptied = {"responder": "", "name": "", "said": ""}
    return connection.execute(told.update().where(told.c.id.in_(old)).values(emptied)).rowcount


def _badge_use(connection: sa.Connection, before_ms: int) -> int:
    given = people_schema.assignment
    old = sa.select(given.c.id).where(given.c.until_ms < before_ms).limit(AT_ONCE)
    return connection.execute(given.delete().where(given.c.id.in_(old))).rowcount


def _people(connection: sa.Connection, before_ms: int, now_ms: int) -> int:
    person = people_schema.person.c
    is_erased = person.name == sa.literal("#") + sa.cast(person.id, sa.Text)
    left = sa.select(person.id).where(person.left_ms < before_ms, ~is_erased)
    done = 0
    for person_id in connection.execute(left.limit(_PEOPLE_AT_ONCE)).scalars().all():
        try:
            with connection.begin_nested():
                erase(connection, person_id, by=RECEIVER, now_ms=now_ms)
            done += 1
        except UsageError:
            # A plan still calls them, or an incident is open: another day.
            continue
    return done

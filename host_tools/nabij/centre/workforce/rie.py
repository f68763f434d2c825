"""What the risk assessment (RI&E) asks about lone work: who, where, when, risk and measures.

No name stands in it: works council and inspectorate read it. Names are an annex of their own.
"""

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, Final

import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import wire
from badge.core.wearer import reasons
from nabij.centre.database import escalation_tables, people_schema, schema
from nabij.centre.database import workforce_tables as tables
from nabij.centre.incidents.words import OWN, QUIET, kind_name
from nabij.centre.workforce import rows

_WEEK_MS: Final = 7 * 86_400_000
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass
class _Group:
    people: set[int] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    days: set[int] = field(default_factory=set)
    # Minutes from the midnight before they begin.
    first_min: int = 24 * 60
    last_min: int = 0
    shifts: int = 0
    hours: float = 0.0
    with_badge: int = 0


def build(connection: sa.Connection, from_ms: int, until_ms: int) -> dict[str, Any]:
    """Everything of that time, as one document of plain values."""
    weeks = max(1.0, (until_ms - from_ms) / _WEEK_MS)
    measures = [_plain(row) for row in rows.read(connection, "measures")]
    return {
        "from": _day(from_ms),
        "until": _day(until_ms - 1),
        "lone_work": _lone_work(connection, from_ms, until_ms, weeks),
        "measures": measures,
        "open_measures": _open_measures(measures, _day(until_ms - 1)),
        "incidents": _incidents(connection, from_ms, until_ms),
        "response": _response(connection, from_ms, until_ms),
        "drills": _drills(connection, from_ms, until_ms),
        "coverage": _coverage(connection, from_ms, until_ms),
        "consent": _consent(connection),
    }


def names(connection: sa.Connection, from_ms: int, until_ms: int) -> list[dict[str, Any]]:
    """The annex: who worked alone, at which task and site, and how often."""
    counts: dict[tuple[str, str, str], int] = {}
    for shift in rows.shifts(connection, from_ms, until_ms):
        if shift.alone:
            key = shift.worker, shift.task, shift.site
            counts[key] = counts.get(key, 0) + 1
    return [
        {"name": name, "task": task, "site": site, "shifts": count}
        for (name, task, site), count in sorted(counts.items())
    ]


def _lone_work(
    connection: sa.Connection, from_ms: int, until_ms: int, weeks: float
) -> list[dict[str, Any]]:
    table, worker = tables.planned_shift, tables.worker
    within = sa.and_(table.c.begins_ms >= from_ms, table.c.begins_ms < until_ms, table.c.alone)
    statement = (
        sa.select(
            table.c.person_id,
            table.c.site,
            table.c.task,
            table.c.begins,
            table.c.begins_ms,
            table.c.ends_ms,
            worker.c.role,
        )
        .outerjoin(worker, worker.c.person_id == table.c.person_id)
        .where(within)
    )
    wore = _who_wore(connection, from_ms, until_ms)
    groups: dict[tuple[str, str], _Group] = {}
    weekday = functools.cache(lambda day: dt.date.fromisoformat(day).weekday())
    for row in connection.execute(statement):
        group = groups.setdefault((row.site, row.task), _Group())
        group.people.add(row.person_id)
        group.roles.add(row.role or "")
        group.days.add(weekday(row.begins[:10]))
        begins_min = _minutes(row.begins)
        group.first_min = min(group.first_min, begins_min)
        lasts_min = round((row.ends_ms - row.begins_ms) / 60_000)
        group.last_min = max(group.last_min, begins_min + lasts_min)
        group.shifts += 1
        group.hours += (row.ends_ms - row.begins_ms) / 3_600_000
        group.with_badge += any(
            since < row.ends_ms and row.begins_ms < until
            for since, until in wore.get(row.person_id, ())
        )
    listed = rows.tasks(connection)
    found = []
    for (site, task), group in groups.items():
        risk = listed.get(task)
        found.append(
            {
                "role": ", ".join(sorted(group.roles - {""})),
                "site": site,
                "task": task,
                "window": f"{_weekdays(group.days)} {_hours(group.first_min, group.last_min)}",
                "people": len(group.people),
                "exposure_h_week": round(group.hours / weeks, 1),
                "effect": None if risk is None else risk.effect,
                "probability": None if risk is None else risk.probability,
                "priority": None if risk is None else risk.priority,
                "shifts": group.shifts,
                "shifts_with_a_badge": group.with_badge,
            }
        )
    return sorted(found, key=lambda one: (-(one["priority"] or 99), one["site"], one["task"]))


def _who_wore(
    connection: sa.Connection, from_ms: int, until_ms: int
) -> dict[int, list[tuple[int, int]]]:
    """When each person had a badge in their hands, at most to the end of the time asked about."""
    columns = people_schema.assignment.c
    late = sa.func.coalesce(columns.until_ms, until_ms)
    within = sa.and_(columns.from_ms < until_ms, late > from_ms)
    found: dict[int, list[tuple[int, int]]] = {}
    for row in connection.execute(
        sa.select(columns.person_id, columns.from_ms, late.label("until_ms")).where(within)
    ):
        found.setdefault(row.person_id, []).append((row.from_ms, row.until_ms))
    return found


def _incidents(connection: sa.Connection, from_ms: int, until_ms: int) -> list[dict[str, Any]]:
    columns = schema.incident.c
    statement = (
        sa.select(columns.kind, columns.test, sa.func.count().label("count"))
        .where(columns.received_ms >= from_ms, columns.received_ms < until_ms)
        .group_by(columns.kind, columns.test)
        .order_by(columns.test, columns.kind)
    )
    return [
        {
            "kind": kind_name(row.kind),
            "class": _class(row.kind),
            "test": bool(row.test),
            "count": row.count,
        }
        for row in connection.execute(statement)
    ]


def _class(kind: int) -> str:
    return "technical" if kind in OWN else str(kinds.of(kind).category)


def _open_measures(measures: Sequence[dict[str, Any]], last_day: str) -> dict[str, int]:
    left = [one for one in measures if one["status"] != "done"]
    late = [one for one in left if one["last"] is not None and one["last"] <= last_day]
    return {"open": len(left), "overdue": len(late)}


def _coverage(connection: sa.Connection, from_ms: int, until_ms: int) -> dict[str, int]:
    """How often a badge on shift told of a weak network, and was not heard any more."""
    columns = schema.incident.c
    within = sa.and_(columns.received_ms >= from_ms, columns.received_ms < until_ms)
    weak = sa.and_(columns.kind == kinds.FAULT, columns.reason == reasons.of("coverage").number)
    count = sa.select(sa.func.count()).select_from(schema.incident)
    return {
        name: int(connection.execute(count.where(within, which)).scalar_one())
        for name, which in (("weak_network", weak), ("not_heard", columns.kind == QUIET))
    }


def _response(connection: sa.Connection, from_ms: int, until_ms: int) -> dict[str, Any]:
    """From the alarm's arrival to the first person who took it, of real ones."""
    incident, action = schema.incident.c, schema.action.c
    first = (
        sa.select(action.incident_id, sa.func.min(action.at_ms).label("at_ms"))
        .where(action.state == wire.STATUS_TAKEN)
        .group_by(action.incident_id)
        .subquery()
    )
    within = sa.and_(
        incident.received_ms >= from_ms, incident.received_ms < until_ms, ~incident.test
    )
    statement = (
        sa.select(first.c.at_ms - incident.received_ms)
        .select_from(schema.incident)
        .outerjoin(first, first.c.incident_id == incident.id)
        .where(within)
    )
    times = list(connection.execute(statement).scalars())
    taken_s = sorted(ms / 1000 for ms in times if ms is not None)
    return {
        "alarms": len(times),
        "taken": len(taken_s),
        "median_s": round(median(taken_s), 1) if taken_s else None,
        "p95_s": round(quantiles(taken_s, n=20)[-1], 1) if len(taken_s) > 1 else None,
        "longest_s": round(taken_s[-1], 1) if taken_s else None,
    }


def _drills(connection: sa.Connection, from_ms: int, until_ms: int) -> dict[str, Any]:
    plan, told, answer = (
        escalation_tables.escalation.c,
        escalation_tables.outbox.c,
        escalation_tables.answer.c,
    )
    within = sa.and_(
        plan.incident_id.is_(None), plan.began_ms >= from_ms, plan.began_ms < until_ms
    )
    count = sa.select(sa.func.count()).select_from(escalation_tables.escalation).where(within)
    answered = (
        sa.select(sa.func.count(sa.distinct(plan.id)))
        .select_from(escalation_tables.escalation)
        .join(escalation_tables.outbox, told.escalation_id == plan.id)
        .join(escalation_tables.answer, answer.outbox_id == told.id)
        .where(within)
    )
    return {
        "drills": int(connection.execute(count).scalar_one()),
        "answered": int(connection.execute(answered).scalar_one()),
    }


def _consent(connection: sa.Connection) -> dict[str, Any] | None:
    columns = people_schema.consent.c
    newest = sa.select(columns.on_date, columns.reference).order_by(columns.id.desc()).limit(1)
    found = connection.execute(newest).first()
    return None if found is None else {"on": found.on_date, "reference": found.reference}


def _minutes(local: str) -> int:
    return int(local[11:13]) * 60 + int(local[14:16])


def _hours(first_min: int, last_min: int) -> str:
    if last_min - first_min >= 24 * 60:
        return "00:00-24:00"
    last_min = last_min if last_min <= 24 * 60 else last_min - 24 * 60
    return "-".join(f"{at // 60:02d}:{at % 60:02d}" for at in (first_min, last_min))


def _weekdays(days: set[int]) -> str:
    if days == set(range(7)):
        return "mon-sun"
    ordered = sorted(days)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{_DAYS[ordered[0]]}-{_DAYS[ordered[-1]]}"
    return ", ".join(_DAYS[day] for day in ordered)


def _day(at_ms: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC):%Y-%m-%d}"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    names: Sequence[str] = [name for name in row if name != "id"]
    return {
        name: row[name].isoformat() if isinstance(row[name], dt.date) else row[name]
        for name in names
    }

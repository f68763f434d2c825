"""The sheets of the register in the database.

Each function works inside the transaction of its caller. People are named by their name, which
has to be that of one person of now.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nabij.centre.database import people_schema
from nabij.centre.database import workforce_tables as tables
from nabij.centre.people import persons, room_tags
from nabij.centre.people.persons import Wanted
from nabij.centre.workforce import rules, sheets
from nabij.centre.workforce.rules import Permit, Planned, Sort, Task
from nabij.errors import UsageError

_LOCAL: Final = "%Y-%m-%d %H:%M"


def check(connection: sa.Connection, sheet: str, given: Sequence[Mapping[str, Any]]) -> None:
    """UsageError that names the line of what `keep` would not keep; changes nothing."""
    if sheet == "workers":
        known = _people(connection)
        for row in given:
            _only(known, row)
    elif sheet == "tasks":
        _check_tasks(given)
    elif sheet == "permits":
        _made_permits(connection, given)
    elif sheet == "shifts":
        _made_shifts(connection, given)
    elif sheet == "tags":
        room_tags.check(connection, given)


def keep(connection: sa.Connection, sheet: str, given: Sequence[Mapping[str, Any]]) -> int:
    """Keep the rows of a sheet; how many. UsageError names the line that cannot be.

    Workers are added or changed. Shifts take the place of those that begin on the same days; of
    the other sheets what is given takes the place of all.
    """
    return _KEEP[sheet](connection, given)


def read(connection: sa.Connection, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet, as `keep` takes them."""
    return _READ[sheet](connection)


def tasks(connection: sa.Connection) -> dict[str, Task]:
    """By name."""
    rows = connection.execute(sa.select(tables.lone_task).order_by(tables.lone_task.c.name))
    return {row["name"]: Task(**row) for row in rows.mappings()}


def permits(connection: sa.Connection) -> dict[str, list[Permit]]:
    """By name of the worker."""
    found: dict[str, list[Permit]] = {}
    for row in _permits(connection):
        values = row | {"sort": Sort(row["sort"])}
        found.setdefault(row["worker"], []).append(Permit(**values))
    return found


def born(connection: sa.Connection) -> dict[str, dt.date | None]:
    """Dates of birth by name of the worker."""
    return {row["name"]: row["born"] for row in _workers(connection)}


def shifts(connection: sa.Connection, from_ms: int, until_ms: int) -> list[Planned]:
    """The shifts that begin in that time, in order."""
    table = tables.planned_shift
    within = sa.and_(table.c.begins_ms >= from_ms, table.c.begins_ms < until_ms)
    return [
        Planned(
            worker=row["worker"],
            task=row["task"],
            site=row["site"],
            begins=_local(row["begins"]),
            ends=_local(row["ends"]),
            alone=row["alone"],
        )
        for row in connection.execute(_named(table).where(within).order_by(table.c.begins_ms))
        .mappings()
        .all()
    ]


def _keep_workers(connection: sa.Connection, given: Sequence[Mapping[str, Any]]) -> int:
    known = _people(connection)
    for row in given:
        person_id = _only(known, row)
        if person_id is None:
            person_id = persons.add(connection, Wanted(row["name"])).id
        known[row["name"]] = [person_id]
        values = {"born": _day(row["born"]), "role": row["role"]}
        mine = tables.worker.c.person_id == person_id
        changed = connection.execute(tables.worker.update().where(mine).values(values))
        if not changed.rowcount:
            connection.execute(tables.worker.insert().values(person_id=person_id, **values))
    return len(given)


def _only(known: Mapping[str, list[int]], row: Mapping[str, Any]) -> int | None:
    """The person of that name, None when there is none yet."""
    ids = known.get(row["name"], [])
    if len(ids) > 1:
        raise _line(row, f"{len(ids)} people are called {row['name']}: give them two names")
    return ids[0] if ids else None


def _check_tasks(given: Sequence[Mapping[str, Any]]) -> None:
    names = set()
    for row in given:
        if row["name"] in names:
            raise _line(row, f"task {row['name']} was named before: leave one out")
        names.add(row["name"])


def _keep_tasks(connection: sa.Connection, given: Sequence[Mapping[str, Any]]) -> int:
    _check_tasks(given)
    connection.execute(tables.lone_task.delete())
    keys = ("name", "article", "effect", "probability", "note")
    for row in given:
        values = {key: row[key] for key in keys}
        # A name of the law's list is never alone, whatever a file says.
        values["article"] = rules.never_alone(row["name"]) or row["article"]
        connection.execute(tables.lone_task.insert().values(values))
    return len(given)


def _keep_permits(connection: sa.Connection, given: Sequence[Mapping[str, Any]]) -> int:
    made = _made_permits(connection, given)
    connection.execute(tables.permit.delete())
    if made:
        connection.execute(tables.permit.insert(), made)
    return len(made)


def _made_permits(
    connection: sa.Connection, given: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    known = _people(connection)
    made = []
    for row in given:
        if row["last"] < row["first"]:
            raise _line(row, "the permit ends before it begins: mend its days")
        values = {key: row[key] for key in ("sort", "task", "site", "granted", "given_by")}
        days = {"first": _day(row["first"]), "last": _day(row["last"])}
        made.append({"person_id": _one(known, row), **values, **days})
    return made


def _keep_shifts(connection: sa.Connection, given: Sequence[Mapping[str, Any]]) -> int:
    made = _made_shifts(connection, given)
    days = {one["begins"][:10] for one in made}
    table = tables.planned_shift
    if days:
        between = sa.and_(table.c.begins >= min(days), table.c.begins < max(days) + " ~")
        connection.execute(table.delete().where(between))
        connection.execute(table.insert(), made)
    return len(made)


def _made_shifts(
    connection: sa.Connection, given: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    known, listed = _people(connection), tasks(connection)
    zones = {site.name: site.zone for site in persons.sites(connection)}
    ages, allowed = born(connection), permits(connection)
    made = []
    for row in given:
        if row["site"] not in zones:
            raise _line(row, f"there is no site {row['site']}: add it in the console first")
        if row["task"] not in listed:
            raise _line(row, f"there is no task {row['task']}: import the tasks first")
        if not row["begins"] < row["ends"]:
            raise _line(row, "the shift ends before it begins: mend its times")
        person_id = _one(known, row)
        names = ("worker", "task", "site", "begins", "ends", "alone")
        planned = Planned(**{name: row[name] for name in names})
        verdict = rules.judge(
            planned, ages.get(row["worker"]), listed[row["task"]], allowed.get(row["worker"], [])
        )
        if verdict.refused:
            raise _line(row, f"this shift is refused, since {verdict.refused[0]}")
        zone = ZoneInfo(zones[row["site"]] or "UTC")
        made.append(
            {
                "person_id": person_id,
                "task": row["task"],
                "site": row["site"],
                "begins": f"{row['begins']:{_LOCAL}}",
                "ends": f"{row['ends']:{_LOCAL}}",
                "begins_ms": _ms(row["begins"], zone),
                "ends_ms": _ms(row["ends"], zone),
                "alone": row["alone"],
            }
        )
    return made


def _keep_measures(connection: sa.Connection, given: Sequence[Mapping[str, Any]]) -> int:
    connection.execute(tables.measure.delete())
    keys = ("task", "site", "text", "effectiveness", "owner", "budget", "status")
    for row in given:
        days = {"first": _day(row["first"]), "last": _day(row["last"])}
        connection.execute(
            tables.measure.insert().values(**{key: row[key] for key in keys}, **days)
        )
    return len(given)


def _workers(connection: sa.Connection) -> list[dict[str, Any]]:
    person = people_schema.person
    statement = (
        sa.select(person.c.name, tables.worker.c.born, tables.worker.c.role)
        .join(tables.worker, tables.worker.c.person_id == person.c.id)
        .where(person.c.left_ms.is_(None))
        .order_by(person.c.name)
    )
    return _dated(map(dict, connection.execute(statement).mappings()), "born")


def _tasks(connection: sa.Connection) -> list[dict[str, Any]]:
    return [dict(one.__dict__) for one in tasks(connection).values()]


def _permits(connection: sa.Connection) -> list[dict[str, Any]]:
    table = tables.permit
    rows = connection.execute(_named(table).order_by(table.c.id)).mappings()
    keys = ("worker", "sort", "task", "site", "granted", "given_by", "first", "last")
    return _dated(({key: row[key] for key in keys} for row in rows), "first", "last")


def _shifts(connection: sa.Connection) -> list[dict[str, Any]]:
    table = tables.planned_shift
    rows = connection.execute(_named(table).order_by(table.c.begins_ms, table.c.id)).mappings()
    keys = ("worker", "task", "site", "begins", "ends", "alone")
    return [{key: row[key] for key in keys} for row in rows]


def _measures(connection: sa.Connection) -> list[dict[str, Any]]:
    rows = connection.execute(sa.select(tables.measure).order_by(tables.measure.c.id)).mappings()
    return _dated(map(dict, rows), "first", "last")


def _tags(connection: sa.Connection) -> list[dict[str, Any]]:
    return [
        {
            "site": one.site,
            "room": one.room,
            "sort": one.sort,
            "identity": one.identity,
            "lat": None if one.lat_e7 is None else sheets.Degrees(one.lat_e7),
            "lon": None if one.lon_e7 is None else sheets.Degrees(one.lon_e7),
        }
        for one in room_tags.all_of(connection)
    ]


_KEEP: Final[Mapping[str, Callable[[sa.Connection, Sequence[Mapping[str, Any]]], int]]] = {
    "workers": _keep_workers,
    "tasks": _keep_tasks,
    "permits": _keep_permits,
    "shifts": _keep_shifts,
    "measures": _keep_measures,
    "tags": room_tags.keep,
}
_READ: Final[Mapping[str, Callable[[sa.Connection], list[dict[str, Any]]]]] = {
    "workers": _workers,
    "tasks": _tasks,
    "permits": _permits,
    "shifts": _shifts,
    "measures": _measures,
    "tags": _tags,
}


def _named(table: sa.Table) -> sa.Select[Any]:
    person = people_schema.person
    return sa.select(person.c.name.label("worker"), table).join(
        person, person.c.id == table.c.person_id
    )


def _people(connection: sa.Connection) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in persons.present(connection):
        found.setdefault(one.name, []).append(one.id)
    return found


def _one(known: Mapping[str, list[int]], row: Mapping[str, Any]) -> int:
    ids = known.get(row["worker"], [])
    if len(ids) != 1:
        how = "nobody is" if not ids else f"{len(ids)} people are"
        raise _line(row, f"{how} called {row['worker']}: import the workers first")
    return ids[0]


def _dated(rows: Iterable[Mapping[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [
        {**row, **{name: row[name] and dt.date.fromisoformat(row[name]) for name in names}}
        for row in rows
    ]


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _ms(local: dt.datetime, zone: ZoneInfo) -> int:
    return round(local.replace(tzinfo=zone).timestamp() * 1000)


def _line(row: Mapping[str, Any], why: str) -> UsageError:
    return UsageError(f"Line {row['line']}: {why}.")

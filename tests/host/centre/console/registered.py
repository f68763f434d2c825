"""A register with something to say of both people of the console's site."""

import datetime as dt
import time

import sqlalchemy as sa

from nabij.centre.database import people_schema
from nabij.centre.people import persons
from nabij.centre.workforce import rows


def registered(one: sa.Connection) -> None:
    """Anna's training has ended, Bert's fitness ends soon; both work tomorrow."""
    bert = "Bert Bos"
    person = people_schema.person.c
    anna = one.execute(sa.select(person.name).where(person.id == 1)).scalar_one()
    today = dt.datetime.fromtimestamp(time.time()).astimezone().date()
    workers = [(anna, dt.date(1990, 5, 1)), (bert, dt.date(1985, 1, 1))]
    keep(one, "workers", [{"name": name, "born": born, "role": "guard"} for name, born in workers])
    tasks = (("round", "", 3, 2), ("high_voltage", "", 5, 2))
    keep(one, "tasks", [
        {"name": name, "article": article, "effect": effect, "probability": likely, "note": ""}
        for name, article, effect, likely in tasks
    ])  # fmt: skip
    far, near = today + dt.timedelta(300), today + dt.timedelta(9)
    permits = [
        (anna, "training", today - dt.timedelta(2), "J. Smit"),
        (anna, "permission", far, "J. Smit"),
        (anna, "fit", far, "Dr. B"),
        (bert, "training", far, "J. Smit"),
        (bert, "permission", far, "J. Smit"),
        (bert, "fit", near, "Dr. B"),
    ]
    keep(one, "permits", [
        {
            "worker": who, "sort": sort, "task": "", "site": "", "granted": True,
            "given_by": by, "first": dt.date(2026, 1, 1), "last": last,
        }
        for who, sort, last, by in permits
    ])  # fmt: skip
    begins = dt.datetime.combine(today + dt.timedelta(1), dt.time(22))
    site = persons.sites(one)[0].name
    keep(one, "shifts", [
        {
            "worker": who, "task": "round", "site": site, "alone": True,
            "begins": begins, "ends": begins + dt.timedelta(hours=8),
        }
        for who in (anna, bert)
    ])  # fmt: skip
    given = {"task": "round", "site": site, "text": "Lamps at the gate", "effectiveness": 4}
    more = {"owner": "J. Smit", "budget": "", "status": "busy", "first": None, "last": far}
    keep(one, "measures", [{**given, **more}])
    tag = {"site": site, "room": "cold store 2", "sort": "own", "identity": "A1:B2"}
    keep(one, "tags", [{**tag, "lat": None, "lon": None}])


def keep(one: sa.Connection, sheet: str, given: list[dict[str, object]]) -> None:
    """A sheet, as an import does."""
    rows.keep(one, sheet, [{"line": line, **row} for line, row in enumerate(given, start=2)])

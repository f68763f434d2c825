"""A year of a company: what is counted is what happened, and soon enough."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import wire
from badge.core.wearer import reasons
from nabij.centre.incidents.words import QUIET
from nabij.centre.people import assignments, consent, persons
from nabij.centre.store import Store
from nabij.centre.workforce import findings, lapses, report, rie, rows
from nabij.centre.workforce.sheets import Language
from tests.host.centre.deadline_world import START_MS, World, message

DAY_MS = 86_400_000
Result = TypeVar("Result")
SITES, TASKS = 12, 8
CONSENT = dt.date(2026, 1, 1)


def company(store: Store, workers: int, days: int, seed: int) -> None:
    """Names, sites, tasks, permits, and shifts of five days a week."""
    dice = random.Random(seed)
    first = dt.date(2026, 1, 1)
    people = [f"Worker {number}" for number in range(workers)]
    for number in range(SITES):
        site = f"Site {number}"
        store.write(partial(persons.add_site, name=site, zone="Europe/Amsterdam"))
    born = [{"name": name, "born": dt.date(1980, 1, 1), "role": "guard"} for name in people]
    store.write(lambda one: rows.keep(one, "workers", numbered(born)))
    tasks = [
        {"name": f"task {n}", "article": "", "effect": 1 + n % 5, "probability": 2, "note": ""}
        for n in range(TASKS)
    ]
    store.write(lambda one: rows.keep(one, "tasks", numbered(tasks)))
    permits = [
        {
            "worker": name,
            "sort": sort,
            "task": "",
            "site": "",
            "granted": True,
            "given_by": "J. Smit",
            "first": first,
            "last": dt.date(2027, 12, 31),
        }
        for name in people
        for sort in ("training", "permission", "fit")
    ]
    store.write(lambda one: rows.keep(one, "permits", numbered(permits)))
    shifts = []
    for name in people:
        site, task = f"Site {dice.randrange(SITES)}", f"task {dice.randrange(TASKS)}"
        hour = dice.choice((6, 14, 22))
        for day in range(days):
            at = dt.datetime.combine(first + dt.timedelta(day), dt.time(hour))
            if at.weekday() < 5:
                ends = at + dt.timedelta(hours=8)
                shifts.append(
                    {
                        "worker": name,
                        "task": task,
                        "site": site,
                        "begins": at,
                        "ends": ends,
                        "alone": dice.random() < 0.7,
                    }
                )
    store.write(lambda one: rows.keep(one, "shifts", numbered(shifts)))


def numbered(given: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    return [{"line": line, **row} for line, row in enumerate(given, start=2)]


@pytest.fixture
def filled(each_engine: str, world: World) -> Store:
    company(world.store, 6, 28, 1)
    return world.store


def test_hours_people_and_shifts_add_up(filled: Store) -> None:
    begin = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp() * 1000
    span = int(begin), int(begin) + 28 * DAY_MS
    document = filled.read(lambda one: rie.build(one, *span))
    lone = [shift for shift in filled.read(lambda one: rows.shifts(one, *span)) if shift.alone]
    assert sum(row["shifts"] for row in document["lone_work"]) == len(lone)
    hours = sum(row["exposure_h_week"] for row in document["lone_work"]) * 4
    assert hours == pytest.approx(8 * len(lone), rel=0.02)
    for row in document["lone_work"]:
        mine = {one.worker for one in lone if (one.site, one.task) == (row["site"], row["task"])}
        assert row["people"] == len(mine)
    assert filled.read(lambda one: findings.of(one, *span)) == []


def test_alarms_answers_and_badges_are_counted(each_engine: str, world: World) -> None:
    company(world.store, 1, 7, 2)
    [person] = world.store.read(persons.present)
    world.store.write(lambda one: assignments.hand_out(one, "anna", person.id, 1, "Jo"))
    world.store.write(lambda one: consent.note(one, CONSENT, "OR 7", START_MS, "Jo"))
    world.take(message(kind=kinds.SOS))
    world.take(message(seq=2, kind=kinds.SOS, flags=wire.FLAG_TEST))
    world.clock.wait(90)
    world.centre(world.incident(), wire.STATUS_TAKEN)
    document = world.store.read(lambda one: rie.build(one, START_MS - DAY_MS, START_MS + DAY_MS))
    assert document["response"] == {
        "alarms": 1,
        "taken": 1,
        "median_s": 90.0,
        "p95_s": None,
        "longest_s": 90.0,
    }
    assert document["incidents"] == [
        {"kind": "sos", "class": "red", "test": False, "count": 1},
        {"kind": "sos", "class": "red", "test": True, "count": 1},
    ]
    assert document["consent"] == {"on": "2026-01-01", "reference": "OR 7"}
    begin_ms = int(dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp() * 1000)
    [row] = world.store.read(lambda one: rie.build(one, begin_ms, begin_ms + 7 * DAY_MS))[
        "lone_work"
    ]
    assert row["shifts"] == row["shifts_with_a_badge"] > 0


def test_coverage_and_open_measures_are_counted(world: World) -> None:
    world.take(message(kind=kinds.FAULT, reason=reasons.of("coverage").number))
    world.take(message(seq=2, kind=kinds.FAULT, reason=reasons.of("memory").number))
    world.store.notice("anna", QUIET, world.clock.now(), "It is not heard.")
    given = {"task": "", "site": "", "text": "light", "effectiveness": 3, "owner": "J. Smit"}
    measures = [
        {**given, "budget": "", "status": status, "first": None, "last": last}
        for status, last in (
            ("open", dt.date(2026, 1, 1)),
            ("busy", None),
            ("done", dt.date(2026, 1, 1)),
        )
    ]
    world.store.write(lambda one: rows.keep(one, "measures", numbered(measures)))
    found = world.store.read(lambda one: rie.build(one, START_MS - DAY_MS, START_MS + DAY_MS))
    assert found["coverage"] == {"weak_network": 1, "not_heard": 1}
    assert found["open_measures"] == {"open": 2, "overdue": 1}
    assert {one["class"] for one in found["incidents"]} == {"technical"}


@pytest.mark.soak
def test_a_year_of_500_workers(tmp_path: Path) -> None:
    """The export in 10 s, and what somebody waits for at a page in 0.2 s: at load 1 or less."""
    world = World(tmp_path / "state")
    store = world.store
    company(store, 500, 365, 3)
    begin_ms = int(dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp() * 1000)
    whole = begin_ms, begin_ms + 365 * DAY_MS
    took: dict[str, float] = {}

    def timed(name: str, work: Callable[[sa.Connection], Result]) -> Result:
        for _ in range(3):
            began_s = time.monotonic()
            found = store.read(work)
            took[name] = min(took.get(name, 99), time.monotonic() - began_s)
        return found

    began_s = time.monotonic()
    document = timed("build", lambda one: rie.build(one, *whole))
    report.write_all(tmp_path / "rie", document, Language.NL)
    took["export"] = time.monotonic() - began_s
    assert sum(row["shifts"] for row in document["lone_work"]) > 80_000
    [person, *_] = store.read(persons.present)
    store.write(lambda one: assignments.hand_out(one, "anna", person.id, 1, "Jo"))
    soon = begin_ms + 180 * DAY_MS
    timed("shifts of a day", lambda one: rows.shifts(one, soon, soon + DAY_MS))
    timed("permits", rows.permits)
    timed("what is missing now", lambda one: lapses.of_badges(one, soon))
    timed("what is missing in a week", lambda one: findings.of(one, soon, soon + 7 * DAY_MS))
    print(f"a year of 500 workers, s: { {name: round(s, 3) for name, s in took.items()} }")
    world.close()
    assert took.pop("export") < 10
    del took["build"]
    assert max(took.values()) < 0.2

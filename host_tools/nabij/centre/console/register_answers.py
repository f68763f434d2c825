"""Answers about the employer's register: one's own people, and oneself."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, Final, TypeVar

from nabij.centre.console.asking import Ask
from nabij.centre.console.register_models import (
    OwnRegister,
    Register,
    RegisterFinding,
    RegisterMeasure,
    RegisterPermit,
    RegisterShift,
    RegisterTag,
    RegisterTask,
    RegisterWorker,
)
from nabij.centre.console.wearers import by_person
from nabij.centre.people import persons, room_tags
from nabij.centre.workforce import findings, rows, rules
from nabij.centre.workforce.rules import Permit, Planned

# What somebody can read; the sheets have all of it (nabij register export).
MOST: Final = 500
_DAY_MS: Final = 86_400_000
AHEAD_MS: Final = 7 * _DAY_MS
_Item = TypeVar("_Item")


def register(ask: Ask) -> Register:
    """The register, of those whom one may see."""
    seen = {one.name for one in by_person(ask.connection).values() if ask.visitor.sees(one)}
    today = _today(ask)
    left_out = 0

    def most(found: Sequence[_Item]) -> list[_Item]:
        nonlocal left_out
        left_out += max(0, len(found) - MOST)
        return list(found[:MOST])

    workers = [
        RegisterWorker(row["name"], row["role"], _is_adult(row["born"], today))
        for row in rows.read(ask.connection, "workers")
        if row["name"] in seen
    ]
    until_ms = ask.now_ms + AHEAD_MS
    found = [
        RegisterFinding(
            one.sentence,
            f"{one.first:%Y-%m-%d}",
            one.shifts,
            "refused" if one.refused else "soon" if one.soon else "missing",
        )
        for one in findings.of(ask.connection, ask.now_ms - _DAY_MS, until_ms)
        if one.worker in seen
    ]
    tasks = rows.tasks(ask.connection).values()
    return Register(
        findings=most(found),
        permits=most(_permits(ask, seen, today)),
        shifts=most(_shifts(ask, seen)),
        workers=most(workers),
        tasks=most(
            [
                RegisterTask(one.name, one.article, one.effect, one.probability, one.priority)
                for one in sorted(tasks, key=lambda task: (-task.priority, task.name))
            ]
        ),
        measures=most([_measure(row) for row in rows.read(ask.connection, "measures")]),
        tags=most(
            [
                RegisterTag(one.site, one.room, one.sort, one.identity, one.lat_e7 is not None)
                for one in room_tags.all_of(ask.connection)
            ]
        ),
        left_out=left_out,
    )


def own_register(ask: Ask) -> OwnRegister:
    """What the register has of oneself."""
    person_id = ask.visitor.account.person_id
    if person_id is None:
        return OwnRegister([], [])
    own = {persons.find(ask.connection, person_id).name}
    return OwnRegister(_permits(ask, own, _today(ask))[:MOST], _shifts(ask, own)[:MOST])


def _permits(ask: Ask, names: Collection[str], today: dt.date) -> list[RegisterPermit]:
    """Those that end first come first, after what nobody is allowed."""
    found = [
        RegisterPermit(
            worker=one.worker,
            sort=str(one.sort),
            task=one.task,
            site=one.site,
            given_by=one.given_by,
            first=one.first.isoformat(),
            last=one.last.isoformat(),
            state=_state(one, today),
        )
        for name, mine in rows.permits(ask.connection).items()
        if name in names
        for one in mine
    ]
    return sorted(found, key=lambda one: (one.last, one.worker, one.sort))


def _state(one: Permit, today: dt.date) -> str:
    if one.last < today:
        return "ended"
    if not one.granted:
        return "no"
    if one.first > today:
        return "to come"
    is_soon = one.last - today <= dt.timedelta(days=rules.SOON_DAYS)
    return "ends soon" if is_soon else "valid"


def _shifts(ask: Ask, names: Collection[str]) -> list[RegisterShift]:
    """From those of today to those of the week to come."""
    found = rows.shifts(ask.connection, ask.now_ms - _DAY_MS, ask.now_ms + AHEAD_MS)
    return [_shift(one) for one in found if one.worker in names]


def _shift(one: Planned) -> RegisterShift:
    begins, ends = (f"{at:%Y-%m-%d %H:%M}" for at in (one.begins, one.ends))
    return RegisterShift(one.worker, one.task, one.site, begins, ends, one.alone)


def _measure(row: dict[str, Any]) -> RegisterMeasure:
    last = "" if row["last"] is None else row["last"].isoformat()
    return RegisterMeasure(
        task=row["task"],
        site=row["site"],
        text=row["text"],
        owner=row["owner"],
        status=row["status"],
        last=last,
    )


def _is_adult(born: dt.date | None, today: dt.date) -> bool | None:
    return None if born is None else rules.age_on(born, today) >= rules.ADULT_YEARS


def _today(ask: Ask) -> dt.date:
    return dt.datetime.fromtimestamp(ask.now_ms / 1000).astimezone().date()

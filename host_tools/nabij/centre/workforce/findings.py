"""What is missing for the shifts that are planned, for whoever plans and supervises."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from nabij.centre.workforce import rows, rules, young_hours
from nabij.centre.workforce.rules import Planned


@dataclass(frozen=True)
class Finding:
    """A sentence about somebody's shifts: `first` begins first, and there are so many of them."""

    worker: str
    sentence: str
    first: dt.datetime
    shifts: int
    refused: bool
    soon: bool


def of(connection: sa.Connection, from_ms: int, until_ms: int) -> list[Finding]:
    """Of the shifts that begin in that time; each sentence once, refused ones first.

    A shift was allowed when it was planned: since then a task or an age may have changed.
    """
    tasks, born = rows.tasks(connection), rows.born(connection)
    permits = rows.permits(connection)
    found: dict[tuple[str, str], Finding] = {}
    of_worker: dict[str, list[Planned]] = {}

    def note(shift: Planned, sentence: str, *, refused: bool = False, soon: bool = False) -> None:
        key = shift.worker, sentence
        before = found.get(key)
        first = shift.begins if before is None else before.first
        count = 1 if before is None else before.shifts + 1
        found[key] = Finding(shift.worker, sentence, first, count, refused, soon)

    for shift in rows.shifts(connection, from_ms, until_ms):
        of_worker.setdefault(shift.worker, []).append(shift)
        task = tasks.get(shift.task)
        if task is None:
            note(shift, f"task {shift.task} is in no list: nobody says how dangerous it is")
            continue
        mine = permits.get(shift.worker, [])
        verdict = rules.judge(shift, born.get(shift.worker), task, mine)
        for sentence in verdict.refused:
            note(shift, sentence, refused=True)
        for sentence in verdict.missing:
            note(shift, sentence)
        for sentence in verdict.soon:
            note(shift, sentence, soon=True)
    for worker, shifts in of_worker.items():
        for shift, sentence in young_hours.said(shifts, born.get(worker)):
            note(shift, sentence)
    return sorted(found.values(), key=lambda one: (not one.refused, one.soon, one.first))

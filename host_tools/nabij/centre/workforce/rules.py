"""What law and permits say of one planned shift. Pure.

A register never disarms anybody: what is missing is told, and an SOS works all the same. Refused
is only a shift alone of somebody under 18, and a task that nobody may do alone. The articles are
Dutch law by secondary sources (arboportaal.nl, alleenwerken.nl): read the text in force.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ADULT_YEARS: Final = 18
# So long before its end a permit is told of.
SOON_DAYS: Final = 14
MINOR_RULE: Final = "Arbobesluit 1.37"
# Nobody does these alone, whatever a list of tasks says; by the names that a list may give them.
NEVER_ALONE: Final[Mapping[str, tuple[str, ...]]] = {
    "Arbobesluit 3.5 lid 2": ("high_voltage", "hoogspanning", "hoogspanningsruimte"),
    "Arbobesluit 3.5g lid 4": (
        *("closed_space", "confined_space", "besloten_ruimte", "besloten_ruimten"),
        "gesloten_ruimte",
    ),
    "Arbobesluit 6.16": ("diving", "duiken", "duikarbeid"),
    "Arbobesluit 6.19": ("caisson", "caissonarbeid", "caissonwerk"),
}


def never_alone(task: str) -> str:
    """The article by which nobody does a task of that name alone; empty where there is none."""
    name = "_".join(task.lower().replace("-", " ").replace("_", " ").split())
    return next((article for article, names in NEVER_ALONE.items() if name in names), "")


class Sort(StrEnum):
    """Of a permit. `fit` is a yes or no of the company doctor with a date, and never a reason."""

    TRAINING = "training"
    PERMISSION = "permission"
    FIT = "fit"


_WITHOUT_PLAN: Final[Mapping[Sort, str]] = {
    Sort.TRAINING: "training of {worker}",
    Sort.PERMISSION: "permission for {worker} to work alone",
    Sort.FIT: "statement that {worker} is fit to work alone",
}


@dataclass(frozen=True)
class Permit:
    """A fact with dates, both included; empty `task` or `site` is for any."""

    worker: str
    sort: Sort
    task: str
    site: str
    granted: bool
    given_by: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Task:
    """`article`: by which rule nobody does it alone, empty when one may. 1 to 5, 5 the worst."""

    name: str
    article: str
    effect: int
    probability: int
    note: str = ""

    @property
    def priority(self) -> int:
        """Effect times probability: 1 to 25."""
        return self.effect * self.probability


@dataclass(frozen=True)
class Planned:
    """A shift; times are local ones of its site, with their offset."""

    worker: str
    task: str
    site: str
    begins: dt.datetime
    ends: dt.datetime
    alone: bool


@dataclass(frozen=True)
class Verdict:
    """Sentences: why the shift cannot be planned so, what is missing for it, what ends soon."""

    refused: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    soon: tuple[str, ...] = ()


def judge(shift: Planned, born: dt.date | None, task: Task, permits: Iterable[Permit]) -> Verdict:
    """What is to be said of a shift; `permits` are those of its worker."""
    if not shift.alone:
        return Verdict()
    refused, missing = _by_age(shift, born)
    if task.article:
        refused.append(f"nobody does {task.name} alone ({task.article})")
    soon: list[str] = []
    for sort in Sort:
        _by_permit(shift, sort, list(permits), missing, soon)
    return Verdict(tuple(refused), tuple(missing), tuple(soon))


def lapsed(worker: str, permits: Iterable[Permit], day: dt.date) -> tuple[str, ...]:
    """What to say of who works where nothing is planned: any permit of each sort will do."""
    mine, found = list(permits), []
    for sort, words in _WITHOUT_PLAN.items():
        valid = [one for one in mine if one.sort is sort and one.first <= day <= one.last]
        if sort is Sort.FIT and _newest(valid) is not None:
            # Of the others there may be one for each task.
            valid = [one for one in valid if one == _newest(valid)]
        if not any(one.granted for one in valid):
            found.append(f"there is no {words.format(worker=worker)} that is valid on {day}")
    return tuple(found)


def age_on(born: dt.date, day: dt.date) -> int:
    """Whole years; who is born on 29 February has a birthday on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _by_age(shift: Planned, born: dt.date | None) -> tuple[list[str], list[str]]:
    if born is None:
        return [], [f"the date of birth of {shift.worker} is not known"]
    day = shift.begins.date()
    if age_on(born, day) >= ADULT_YEARS:
        return [], []
    return [f"{shift.worker} is under {ADULT_YEARS} on {day} ({MINOR_RULE})"], []


def _newest(permits: Iterable[Permit]) -> Permit | None:
    """A later no counts, whatever yes is still valid."""
    return max(permits, key=lambda one: (one.first, not one.granted), default=None)


def _by_permit(
    shift: Planned, sort: Sort, permits: list[Permit], missing: list[str], soon: list[str]
) -> None:
    fitting = [
        one
        for one in permits
        if one.sort is sort and one.task in {"", shift.task} and one.site in {"", shift.site}
    ]
    first, last = shift.begins.date(), shift.ends.date()
    valid = [one for one in fitting if one.first <= first and last <= one.last]
    name = {
        Sort.TRAINING: f"training of {shift.worker} for {shift.task}",
        Sort.PERMISSION: f"permission for {shift.worker} to do {shift.task} alone at {shift.site}",
        Sort.FIT: f"statement that {shift.worker} is fit to work alone",
    }[sort]
    newest = _newest(valid)
    if newest is None:
        ended = max((one.last for one in fitting if one.granted), default=None)
        when = f", it ended on {ended}" if ended is not None and ended < last else ""
        missing.append(f"there is no {name}{when}")
    elif not newest.granted:
        missing.append(f"there is no {name}: {newest.given_by} says no")
    elif newest.last - last <= dt.timedelta(days=SOON_DAYS):
        soon.append(f"the {name} ends on {newest.last}")

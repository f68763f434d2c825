"""Plans as a TOML file: read with every mistake named, and written so that it can be read again.

A channel's address is a secret: it is written as KEPT, and KEPT is read as the one that is known.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

import tomlkit

from nabij.centre.escalation import hours
from nabij.centre.escalation.plan import (
    DEFAULT_CLAIM_MIN,
    DEFAULT_REPEAT_MIN,
    EMPTY,
    Away,
    Book,
    Channel,
    Person,
    Plan,
    Step,
    Until,
    When,
)
from nabij.centre.people import zones
from nabij.errors import UsageError

KEPT: Final = "kept"
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_LINK: Final = re.compile(r"https?://[^\s/?#@]+(/[^\s?#@]*)?")
_LONGEST: Final = 100
_MOST_AFTER_S: Final = 86_400
_MOST_MIN: Final = 8 * 60
Value = TypeVar("Value")
Named = TypeVar("Named", bound=StrEnum)


@dataclass
class _Table:
    """A table of the file of which each key has to be asked for; `where` names it for people."""

    where: str
    left: dict[str, Any]

    def get(self, key: str, kind: type[Value], default: Value | None = None) -> Value:
        if key not in self.left:
            if default is None:
                raise UsageError(f"{self.where} has no {key}: give one.")
            return default
        value = self.left.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise UsageError(f"{key} of {self.where} is not of the right sort: {_KINDS[kind]}.")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value = " ".join(self.get(key, str, default).split())
        if len(value) > _LONGEST:
            raise UsageError(f"{key} of {self.where} is longer than {_LONGEST} characters.")
        return value

    def number(self, key: str, most: int, default: int | None = None) -> int:
        value = self.get(key, int, default)
        least = 0 if key == "after_s" else 1
        if not least <= value <= most:
            raise UsageError(f"{key} of {self.where} is {value}: give {least} to {most}.")
        return value

    def choice(self, key: str, names: type[Named], default: Named) -> Named:
        value = self.get(key, str, str(default))
        if value not in [str(one) for one in names]:
            raise UsageError(
                f"{key} of {self.where} is '{value}': give one of {', '.join(map(str, names))}."
            )
        return names(value)

    def texts(self, key: str) -> tuple[str, ...]:
        values: list[Any] = self.get(key, list, [])
        if not all(isinstance(one, str) for one in values):
            raise UsageError(f"{key} of {self.where} is not of the right sort: a list of texts.")
        return tuple(values)

    def tables(self, key: str) -> list["_Table"]:
        values: list[Any] = self.get(key, list, [])
        if not all(isinstance(one, dict) for one in values):
            raise UsageError(f"{key} of {self.where} has to be written as [[...{key}]].")
        return [
            _Table(f"{key} {number} of {self.where}", dict(one))
            for number, one in enumerate(values, start=1)
        ]

    def end(self) -> None:
        """All was asked for; UsageError for a key that nobody knows."""
        if self.left:
            raise UsageError(f"{self.where} has the unknown {', '.join(self.left)}: remove it.")


_KINDS: Final[Mapping[type, str]] = {
    str: "a text in quotes",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    date: "a day as 2026-12-24",
}


def read(text: str, known: Book = EMPTY) -> Book:
    """The plans of a file; UsageError that names what is wrong. `known` has what is KEPT."""
    try:
        document = _Table("the file", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"This is no TOML ({error}): mend the file.") from error
    people = {key: _person(key, table, known) for key, table in _named(document, "people").items()}
    plans = {key: _plan(key, table) for key, table in _named(document, "plans").items()}
    document.end()
    book = Book(people, plans)
    check(book)
    return book


def person(key: str, values: Mapping[str, Any], known: Book = EMPTY) -> Person:
    """Somebody who can be called, of what the file would say; UsageError for what is wrong."""
    [(name, table)] = _named(_Table("this", {"people": {key: dict(values)}}), "people").items()
    return _person(name, table, known)


def _named(document: _Table, what: str) -> dict[str, _Table]:
    tables: dict[str, Any] = document.get(what, dict, {})
    for key, table in tables.items():
        if not isinstance(table, dict):
            raise UsageError(f"{what}.{key} has to be a table: write [{what}.{key}].")
        if not _KEY.fullmatch(key):
            raise UsageError(
                f"'{key}' cannot name one of the {what}: use up to 32 of a-z, 0-9, _ and -."
            )
    return {key: _Table(f"{what}.{key}", dict(table)) for key, table in tables.items()}


def _person(key: str, table: _Table, known: Book) -> Person:
    before = known.people.get(key)
    channels = []
    for name, url in table.get("channels", dict, {}).items():
        found = before.channel(name) if before is not None and url == KEPT else None
        if not isinstance(url, str) or not _KEY.fullmatch(name):
            raise UsageError(f"The channels of {table.where} are not names with texts.")
        if url == KEPT and found is None:
            raise UsageError(f"No {name} of {table.where} is known to be kept: give its address.")
        channels.append(found or Channel(name, url))
    zone = table.text("zone")
    zones.zone(zone)
    person = Person(
        key,
        table.text("name"),
        tuple(channels),
        zone,
        hours.parse(table.text("quiet", "")),
        tuple(map(_away, table.tables("away"))),
    )
    table.end()
    return person


def _away(table: _Table) -> Away:
    first, last = table.get("first", date), table.get("last", date)
    if isinstance(first, datetime) or isinstance(last, datetime):
        raise UsageError(f"{table.where} has a time of day: give days alone.")
    if last < first:
        raise UsageError(f"{table.where} ends before it begins: change its days.")
    away = Away(first, last, table.text("stand_in", ""))
    table.end()
    return away


def _plan(key: str, table: _Table) -> Plan:
    zone = table.text("zone")
    zones.zone(zone)
    link = table.text("link", "").rstrip("/")
    if link and not _LINK.fullmatch(link):
        raise UsageError(f"The link of {table.where} is no address as https://host:port.")
    last = _Table(f"the last step of {table.where}", dict(table.get("last", dict)))
    repeat_min = last.number("repeat_min", _MOST_MIN, DEFAULT_REPEAT_MIN)
    steps = tuple(_step(one, is_last=False) for one in table.tables("steps"))
    plan = Plan(
        name=key,
        zone=zone,
        steps=steps,
        last=_step(last, is_last=True),
        badges=table.texts("badges"),
        working=hours.parse(table.text("working", "")),
        claim_min=table.number("claim_min", _MOST_MIN, DEFAULT_CLAIM_MIN),
        repeat_min=repeat_min,
        link=link,
    )
    table.end()
    return plan


def _step(table: _Table, *, is_last: bool) -> Step:
    step = Step(
        table.number("after_s", _MOST_AFTER_S), table.text("whom"), table.texts("channels")
    )
    if not is_last:
        step = Step(
            step.after_s,
            step.whom,
            step.channels,
            table.choice("when", When, When.ALWAYS),
            table.get("wakes", bool, False),
            table.choice("until", Until, Until.TAKEN),
        )
    else:
        # Whatever the hour: there is nothing after it.
        step = Step(step.after_s, step.whom, step.channels, wakes=True)
    table.end()
    return step


def check(book: Book) -> None:
    """UsageError for what names nobody, or is named twice."""
    names = [person.name for person in book.people.values()]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"Two people have the name {twice[0]}: who has an alarm is told by it.")
    for person in book.people.values():
        for away in person.away:
            if away.stand_in and away.stand_in not in book.people:
                raise _unknown(f"people.{person.key}", away.stand_in)
    owners: dict[str, str] = {}
    for plan in book.plans.values():
        where = f"plans.{plan.name}"
        for badge in plan.badges:
            if badge in owners:
                raise UsageError(
                    f"Both {owners[badge]} and {where} are for the badge '{badge}': choose one."
                )
            owners[badge] = where
        for step in plan.all_steps:
            _check_step(book, where, step)
        if any(step.after_s > plan.last.after_s for step in plan.steps):
            raise UsageError(f"The last step of {where} comes before another: change its after_s.")


def _check_step(book: Book, where: str, step: Step) -> None:
    person = book.people.get(step.whom)
    if person is None:
        raise _unknown(where, step.whom)
    for name in step.channels:
        if person.channel(name) is None:
            has = ", ".join(one.name for one in person.channels) or "none"
            raise UsageError(f"{where} names the {name} of {step.whom}, who has {has}.")


def _unknown(where: str, key: str) -> UsageError:
    return UsageError(f"{where} names {key}, who is not among the people: add [people.{key}].")


def write(book: Book, show: Callable[[Channel], str] = lambda _channel: KEPT) -> str:
    """The file of these plans; `show` gives what is written of a channel."""
    people = {key: _of_person(person, show) for key, person in book.people.items()}
    plans = {key: _of_plan(plan) for key, plan in book.plans.items()}
    return tomlkit.dumps({"people": people, "plans": plans})


def _of_person(person: Person, show: Callable[[Channel], str]) -> dict[str, Any]:
    away = [
        {"first": one.first, "last": one.last, **_unless(stand_in=one.stand_in)}
        for one in person.away
    ]
    quiet = _unless(quiet=person.quiet.text)
    channels = {one.name: show(one) for one in person.channels}
    return {
        "name": person.name,
        "zone": person.zone,
        **quiet,
        "channels": channels,
        **_unless(away=away),
    }


def _of_plan(plan: Plan) -> dict[str, Any]:
    return {
        "zone": plan.zone,
        "badges": list(plan.badges),
        **_unless(working=plan.working.text, link=plan.link),
        "claim_min": plan.claim_min,
        "steps": [_of_step(step) for step in plan.steps],
        "last": {**_of_last(plan.last), "repeat_min": plan.repeat_min},
    }


def _of_step(step: Step) -> dict[str, Any]:
    return {
        **_of_last(step),
        "when": str(step.when),
        "wakes": step.wakes,
        "until": str(step.until),
    }


def _of_last(step: Step) -> dict[str, Any]:
    channels = _unless(channels=list(step.channels))
    return {"after_s": step.after_s, "whom": step.whom, **channels}


def _unless(**empty: Collection[object]) -> dict[str, Any]:
    """What is not empty."""
    return {key: value for key, value in empty.items() if value}

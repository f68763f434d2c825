"""Who is called when an alarm comes, in which order, by what, and what ends that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from nabij.centre.escalation.hours import NEVER, Hours

# The plan of all badges that no other plan names.
ALL_OTHERS: Final = "*"
DEFAULT_CLAIM_MIN: Final = 15
DEFAULT_REPEAT_MIN: Final = 10


class When(StrEnum):
    """In which hours of its plan a step is done."""

    ALWAYS = "always"
    WORKING = "working"
    OUTSIDE = "outside"


class Until(StrEnum):
    """What ends a step that is not done yet."""

    # Somebody has the incident. One who goes on being told is informed, which is another thing.
    TAKEN = "taken"
    CLOSED = "closed"


@dataclass(frozen=True)
class Channel:
    """A way to a person; the `url` is one of apprise's, and holds secrets."""

    name: str
    url: str = field(repr=False)


@dataclass(frozen=True)
class Away:
    """On these days, both included, the person is not called, and the stand-in is."""

    first: date
    last: date
    stand_in: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody who can be called; `channels` in the order in which they are tried.

    In `quiet` hours, local to `zone`, only a step that wakes people calls them.
    """

    key: str
    name: str
    channels: tuple[Channel, ...]
    zone: str
    quiet: Hours = NEVER
    away: tuple[Away, ...] = ()

    def channel(self, name: str) -> Channel | None:
        """The channel of that name."""
        return next((one for one in self.channels if one.name == name), None)


@dataclass(frozen=True)
class Step:
    """So long after the alarm came somebody is told, by these channels, or by all they have."""

    after_s: int
    whom: str
    channels: tuple[str, ...] = ()
    when: When = When.ALWAYS
    wakes: bool = False
    until: Until = Until.TAKEN


@dataclass(frozen=True)
class Plan:
    """The steps, and the last one, which is repeated until somebody answers.

    `working` hours are local to `zone`. Who takes the incident by a link has it for `claim_min`.
    `link` is where links lead, as https://alarm.example.org:8443; without one there are none.
    """

    name: str
    zone: str
    steps: tuple[Step, ...]
    last: Step
    badges: tuple[str, ...]
    working: Hours = NEVER
    claim_min: int = DEFAULT_CLAIM_MIN
    repeat_min: int = DEFAULT_REPEAT_MIN
    link: str = ""

    @property
    def all_steps(self) -> tuple[Step, ...]:
        return (*self.steps, self.last)


@dataclass(frozen=True)
class Book:
    """All plans and all people of a receiver, by key."""

    people: Mapping[str, Person]
    plans: Mapping[str, Plan]

    def plan_of(self, badge: str) -> Plan | None:
        """The plan that names the badge, or the one of all others."""
        named = [plan for plan in self.plans.values() if badge in plan.badges]
        others = [plan for plan in self.plans.values() if ALL_OTHERS in plan.badges]
        return next(iter([*named, *others]), None)


EMPTY: Final = Book({}, {})

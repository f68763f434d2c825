"""What the JSON API takes and gives about plans and drills: as models.py says."""

from typing import Annotated

from msgspec import Meta, Struct

from nabij.centre.console.models import Asked, Name


class PlansAsked(Asked, frozen=True):
    """All plans, as the TOML of docs/escalation.md, in place of those that there are."""

    toml: Annotated[str, Meta(max_length=60_000)]


class Practice(Asked, frozen=True):
    """A drill of an alarm of that badge."""

    badge: Name


class StepItem(Struct, frozen=True):
    """A step of a plan. `now`: why it would not be done for an alarm of now; empty if it would.

    `person` is whoever it reaches, `whom` whoever the plan names.
    """

    after_s: int
    whom: str
    person: str
    channels: list[str]
    when: str
    wakes: bool
    until: str
    now: str


class PlanItem(Struct, frozen=True):
    """A plan; the last of its steps is repeated each `repeat_min` until somebody answers."""

    name: str
    zone: str
    working: str
    badges: list[str]
    claim_min: int
    repeat_min: int
    link: str
    steps: list[StepItem]


class ToldItem(Struct, frozen=True):
    """Who was called in a drill, and what became of it."""

    name: str
    channel: str
    state: str
    sent_ms: int | None
    said: str


class AnswerItem(Struct, frozen=True):
    """Who answered what (take, cannot, help), so long after it was sent to them."""

    name: str
    channel: str
    what: str
    after_ms: int


class DrillItem(Struct, frozen=True):
    """A plan that was tried from end to end; `ended_ms` is null while it runs."""

    id: int
    plan: str
    began_ms: int
    ended_ms: int | None
    told: list[ToldItem]
    answers: list[AnswerItem]


class PracticeItem(Struct, frozen=True):
    """A drill at the console: who took it how fast."""

    incident_id: int
    wearer: str
    began_ms: int
    taken_by: str
    taken_after_ms: int | None
    closed: bool


class Begun(Struct, frozen=True):
    """The number of what was begun."""

    id: int


class Plans(Struct, frozen=True):
    """The plans that call for one's own people; what is wrong with any, and as of when.

    `is_looked_over` is false for the moments after a change.
    """

    now_ms: int
    plans: list[PlanItem]
    is_looked_over: bool
    looked_ms: int
    findings: list[str]
    drills: list[DrillItem]
    practices: list[PracticeItem]


class PlanText(Struct, frozen=True):
    """The plans as TOML, each address as "kept"."""

    toml: str

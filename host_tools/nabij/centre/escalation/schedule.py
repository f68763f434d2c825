"""From a plan to who is told when: pure, so that every night of the year can be tried."""

from collections.abc import Collection
from dataclasses import dataclass

from nabij.centre.escalation import hours
from nabij.centre.escalation.plan import Book, Channel, Person, Plan, Step, Until, When


@dataclass(frozen=True)
class Planned:
    """A step as it will be done: `channels` of `person`, first to last, from `due_ms` on.

    `skipped` says why it is not done. `instead_of` is who is away.
    """

    position: int
    step: Step
    due_ms: int
    person: Person | None
    channels: tuple[Channel, ...] = ()
    instead_of: str = ""
    skipped: str = ""


@dataclass(frozen=True)
class Facts:
    """How the incident stands: since when it waits for somebody, and whether anybody has it."""

    began_ms: int
    is_open: bool = True
    is_held: bool = False


def schedule(book: Book, plan: Plan, began_ms: int) -> tuple[Planned, ...]:
    """All steps of the plan for an alarm of that time, the last included, in their order."""
    return tuple(
        planned(book, plan, position, began_ms) for position in range(len(plan.all_steps))
    )


def due(
    book: Book, plan: Plan, facts: Facts, now_ms: int, done: Collection[int] = ()
) -> list[Planned]:
    """The steps to do now, given the positions of those that were done."""
    return [
        one
        for one in schedule(book, plan, facts.began_ms)
        if one.due_ms <= now_ms
        and not one.skipped
        and one.position not in done
        and is_wanted(one.step.until, facts)
    ]


def is_wanted(until: Until, facts: Facts) -> bool:
    """Whether a step that is due is still to be done."""
    return facts.is_open and (until is Until.CLOSED or not facts.is_held)


def planned(book: Book, plan: Plan, position: int, began_ms: int) -> Planned:
    """One step for an alarm of that time.

    The plan's hours count as of the alarm: else who is told in working hours after one minute, and
    outside them after two, would not be told at all of an alarm just before they begin.
    """
    step = plan.all_steps[position]
    due_ms = began_ms + step.after_s * 1000
    if _is_outside(step, plan, began_ms):
        person = book.people.get(step.whom)
        return Planned(position, step, due_ms, person, skipped=f"not in {step.when} hours")
    person, why = reached(book, step.whom, due_ms)
    if person is None:
        return Planned(position, step, due_ms, None, skipped=why)
    instead_of = "" if person.key == step.whom else step.whom
    quiet = not step.wakes and person.quiet.hold(hours.local(due_ms, person.zone))
    skipped = "quiet hours" if quiet else ""
    channels = _channels(step, person)
    if not channels:
        skipped = "no channel"
    return Planned(
        position, step, due_ms, person, channels=channels, instead_of=instead_of, skipped=skipped
    )


def reached(book: Book, key: str, at_ms: int) -> tuple[Person | None, str]:
    """The person, or who stands in for them at that time; None and why when there is nobody."""
    seen: list[str] = []
    while key not in seen:
        seen.append(key)
        person = book.people.get(key)
        if person is None:
            return None, f"there is no {key}"
        today = hours.local(at_ms, person.zone).date()
        away = next((one for one in person.away if one.first <= today <= one.last), None)
        if away is None:
            return person, ""
        if not away.stand_in:
            return None, f"{person.name} is away and nobody stands in"
        key = away.stand_in
    return None, f"{', '.join(seen)} are away and stand in for each other"


def _is_outside(step: Step, plan: Plan, began_ms: int) -> bool:
    if step.when is When.ALWAYS:
        return False
    working = plan.working.hold(hours.local(began_ms, plan.zone))
    return working is not (step.when is When.WORKING)


def _channels(step: Step, person: Person) -> tuple[Channel, ...]:
    named = tuple(one for name in step.channels if (one := person.channel(name)) is not None)
    # A stand-in may have none of that name: all are better than none.
    return named or (person.channels if person.key != step.whom or not step.channels else ())

"""What is wrong with plans before an alarm finds it out: looked for at each change, and daily."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from nabij.centre.escalation import hours
from nabij.centre.escalation.plan import ALL_OTHERS, Book, Person, Plan, When
from nabij.centre.escalation.schedule import Planned, reached, schedule
from nabij.centre.people.zones import zone

# A gap of every kind of day shows within a week; the rest shows the days to come.
_LOOK_DAYS: Final = 15
_DAY_MS: Final = 86_400_000
_EVERY_MS: Final = 300_000


@dataclass(frozen=True)
class Known:
    """What is known beside the plans: whether a URL of a channel can be used at all, which
    channels of whom failed last and with which answer, and the badges in use."""

    can_use: Callable[[str], bool]
    failing: Mapping[tuple[str, str], str]
    badges: Collection[str] = ()


def findings(book: Book, now_ms: int, known: Known) -> list[str]:
    """A sentence about each fault; empty when there is none."""
    found: list[str] = []
    for person in book.people.values():
        found += _of_channels(person, known)
        found += _of_absences(book, person)
    for plan in book.plans.values():
        found += _of_plan(book, plan, now_ms)
    if book.plans:
        without = [badge for badge in sorted(known.badges) if book.plan_of(badge) is None]
        if without:
            found.append(
                f"Nobody is called for {', '.join(without)}: name them in a plan, or give one "
                f"plan the badge '{ALL_OTHERS}'."
            )
    return found


def _of_channels(person: Person, known: Known) -> Iterator[str]:
    if not person.channels:
        yield f"{person.name} has no channel: give at least one."
    for channel in person.channels:
        answer = known.failing.get((person.key, channel.name))
        if not known.can_use(channel.url):
            yield (
                f"The {channel.name} of {person.name} is no address that apprise knows: see "
                "docs/escalation.md for how they are written."
            )
        elif answer is not None:
            yield f"The {channel.name} of {person.name} failed when it was last used ({answer})."


def _of_absences(book: Book, person: Person) -> Iterator[str]:
    for away in person.away:
        if not away.stand_in:
            continue
        noon = dt.datetime.combine(away.first, dt.time(12), zone(person.zone))
        at_ms = int(noon.timestamp() * 1000)
        found, why = reached(book, person.key, at_ms)
        if found is None:
            yield f"From {away.first} nobody is reached for {person.name}: {why}."


def _of_plan(book: Book, plan: Plan, now_ms: int) -> Iterator[str]:
    if not plan.link:
        yield (
            f"Plan {plan.name} has no link: whoever is called can only answer at the console or "
            "by `nabij incident take`."
        )
    last = book.people.get(plan.last.whom)
    if last is not None and not _is_answerable(last, plan):
        yield (
            f"The last step of plan {plan.name} reaches {last.name} by no channel: nobody would "
            "answer it."
        )
    gap_ms = lost_ms = None
    days = _LOOK_DAYS if _is_by_the_hour(book, plan) else 0
    for at_ms in range(now_ms, now_ms + days * _DAY_MS + 1, _EVERY_MS):
        steps = schedule(book, plan, at_ms)
        *before, end = steps
        if lost_ms is None and end.skipped:
            lost_ms = at_ms
            why = end.skipped
        if gap_ms is None and not any(map(_reaches, before)):
            gap_ms = at_ms
    if lost_ms is not None:
        yield f"The last step of plan {plan.name} reaches nobody from {_at(lost_ms, plan)}: {why}."
    if gap_ms is not None:
        yield (
            f"Plan {plan.name} has a gap: an alarm of {_at(gap_ms, plan)} reaches nobody before "
            "the last step."
        )


def _is_by_the_hour(book: Book, plan: Plan) -> bool:
    """Whether an alarm of another time may reach others."""
    return any(step.when is not When.ALWAYS for step in plan.steps) or any(
        person.quiet.spans or person.away for person in book.people.values()
    )


def _is_answerable(person: Person, plan: Plan) -> bool:
    names = plan.last.channels
    return bool(person.channels) and (not names or any(map(person.channel, names)))


def _reaches(planned: Planned) -> bool:
    return not planned.skipped


def _at(at_ms: int, plan: Plan) -> str:
    return f"{hours.local(at_ms, plan.zone):%a %Y-%m-%d %H:%M}"

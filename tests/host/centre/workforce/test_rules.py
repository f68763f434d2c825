"""Each rule of lone work, with where it stands; and none that takes an SOS from anybody."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.workforce import rules
from nabij.centre.workforce.rules import Permit, Planned, Sort, Task, judge

WALK = Task("round", "", 3, 2)
BORN = dt.date(1990, 5, 1)
YEAR = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def shift(
    begins: str = "2026-06-02 08:00", ends: str = "2026-06-02 16:00", **more: object
) -> Planned:
    values = {"worker": "Anna", "task": "round", "site": "Yard", "alone": True, **more}
    times = {"begins": dt.datetime.fromisoformat(begins), "ends": dt.datetime.fromisoformat(ends)}
    return Planned(**values, **times)  # type: ignore[arg-type]


def permit(sort: Sort, **more: object) -> Permit:
    values = {
        "worker": "Anna",
        "sort": sort,
        "task": "",
        "site": "",
        "granted": True,
        "given_by": "J. Smit",
        "first": YEAR[0],
        "last": YEAR[1],
        **more,
    }
    return Permit(**values)  # type: ignore[arg-type]


DAYS = st.dates(dt.date(1930, 1, 1), dt.date(2060, 1, 1))
ALL = [permit(sort) for sort in Sort]


def test_with_everything_nothing_is_said() -> None:
    assert judge(shift(), BORN, WALK, ALL) == rules.Verdict()


@pytest.mark.requirement("R30")
@pytest.mark.parametrize(("born", "refused"), [("2008-06-02", False), ("2008-06-03", True)])
def test_who_is_under_18_at_the_date_of_the_shift_is_refused_alone(
    born: str, refused: bool
) -> None:
    """Arbobesluit 1.37, by alleenwerken.nl and arboportaal.nl."""
    verdict = judge(shift(), dt.date.fromisoformat(born), WALK, ALL)
    assert bool(verdict.refused) is refused
    if refused:
        assert "Arbobesluit 1.37" in verdict.refused[0]
    # With somebody beside them it is no shift alone.
    assert judge(shift(alone=False), dt.date.fromisoformat(born), WALK, ALL) == rules.Verdict()


@pytest.mark.requirement("R30")
@pytest.mark.parametrize(
    ("task", "article"),
    [
        # Rooms with unprotected parts of more than 1,000 V AC or 1,500 V DC.
        ("high_voltage", "Arbobesluit 3.5 lid 2"),
        ("Hoogspanning", "Arbobesluit 3.5 lid 2"),
        # Closed spaces where one may suffocate, be poisoned, burn, or where something explodes.
        ("closed_space", "Arbobesluit 3.5g lid 4"),
        ("Besloten ruimte", "Arbobesluit 3.5g lid 4"),
        ("confined-space", "Arbobesluit 3.5g lid 4"),
        ("diving", "Arbobesluit 6.16"),
        ("duiken", "Arbobesluit 6.16"),
        ("caisson", "Arbobesluit 6.19"),
        ("Caissonarbeid", "Arbobesluit 6.19"),
        ("ronde", ""),
    ],
)
def test_the_law_knows_a_task_by_any_name_that_people_give_it(task: str, article: str) -> None:
    """By alleenwerken.nl/nederlandse-wetgeving and arboportaal.nl."""
    assert rules.never_alone(task) == article


@pytest.mark.requirement("R30")
@pytest.mark.parametrize("article", rules.NEVER_ALONE)
def test_what_nobody_may_do_alone_is_refused(article: str) -> None:
    """Arbobesluit 3.5, 3.5g, 6.16, 6.19: with somebody beside them it is planned."""
    [task, *_] = rules.NEVER_ALONE[article]
    beside = judge(shift(task=task, alone=False), BORN, Task(task, article, 5, 5), ALL)
    assert not beside.refused
    verdict = judge(shift(task=task), BORN, Task(task, article, 5, 5), ALL)
    assert verdict.refused == (f"nobody does {task} alone ({article})",)


@pytest.mark.requirement("R30")
@pytest.mark.parametrize("sort", list(Sort))
def test_a_permit_that_is_missing_is_told_and_refuses_nothing(sort: Sort) -> None:
    verdict = judge(shift(), BORN, WALK, [one for one in ALL if one.sort is not sort])
    assert (verdict.refused, len(verdict.missing)) == ((), 1)


def test_a_permit_counts_to_the_end_of_the_shift_for_its_task_and_site() -> None:
    others = [one for one in ALL if one.sort is not Sort.PERMISSION]
    last = dt.date(2026, 6, 2)
    night = shift("2026-06-02 22:00", "2026-06-03 06:00")
    ended = judge(night, BORN, WALK, [*others, permit(Sort.PERMISSION, last=last)])
    assert "it ended on 2026-06-02" in ended.missing[0]
    for wrong in ({"task": "cash"}, {"site": "Shop"}, {"first": dt.date(2026, 6, 3)}):
        assert judge(shift(), BORN, WALK, [*others, permit(Sort.PERMISSION, **wrong)]).missing


def test_a_later_no_counts_whatever_yes_is_still_valid() -> None:
    no = permit(Sort.FIT, granted=False, first=dt.date(2026, 3, 1), given_by="Dr. B")
    assert "Dr. B says no" in judge(shift(), BORN, WALK, [*ALL, no]).missing[0]
    yes = permit(Sort.FIT, first=dt.date(2026, 4, 1))
    assert judge(shift(), BORN, WALK, [*ALL, no, yes]) == rules.Verdict()


def test_an_end_is_told_a_fortnight_ahead() -> None:
    others = [one for one in ALL if one.sort is not Sort.TRAINING]
    for last, count in ((dt.date(2026, 6, 16), 1), (dt.date(2026, 6, 17), 0)):
        assert (
            len(judge(shift(), BORN, WALK, [*others, permit(Sort.TRAINING, last=last)]).soon)
            == count
        )


def test_an_unknown_age_is_told() -> None:
    assert "date of birth" in judge(shift(), None, WALK, ALL).missing[0]


@given(
    st.dates(dt.date(1930, 1, 1), dt.date(2030, 1, 1)),
    st.dates(dt.date(1930, 1, 1), dt.date(2060, 1, 1)),
)
def test_age_is_that_of_a_calendar(born: dt.date, day: dt.date) -> None:
    born, day = min(born, day), max(born, day)
    age = rules.age_on(born, day)
    reached = (born.year + age, born.month, born.day)
    assert reached <= (day.year, day.month, day.day) < (born.year + age + 1, born.month, born.day)

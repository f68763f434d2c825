"""Hours of who is 16 or 17, by the Arbeidstijdenwet as arboportaal.nl tells it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.workforce.rules import Planned
from nabij.centre.workforce.young_hours import RULE, said

BORN = dt.date(2010, 1, 1)


def planned(begins: str, hours: float, *, alone: bool = False) -> Planned:
    at = dt.datetime.fromisoformat(begins)
    return Planned("Bert", "round", "Yard", at, at + dt.timedelta(hours=hours), alone)


def days(count: int, hours: float, first: str = "2027-03-01 09:00") -> list[Planned]:
    """So many working days of so many hours."""
    begin = dt.datetime.fromisoformat(first)
    found = []
    for number in range(count):
        week, day = divmod(number, 5)
        at = begin + dt.timedelta(days=7 * week + day)
        found.append(planned(f"{at}", hours))
    return found


@pytest.mark.requirement("R30")
@pytest.mark.parametrize(
    ("shifts", "words"),
    [
        ([planned("2027-03-01 08:00", 9)], ""),
        ([planned("2027-03-01 08:00", 9.25)], "more than 9 h"),
        ([planned("2027-03-01 15:00", 8)], ""),
        ([planned("2027-03-01 15:00", 8.1)], "between 23:00 and 06:00"),
        ([planned("2027-03-01 06:00", 8)], ""),
        ([planned("2027-03-01 05:55", 4)], "between 23:00 and 06:00"),
        ([planned("2027-03-01 14:00", 8), planned("2027-03-02 10:00", 4)], ""),
        (
            [planned("2027-03-01 14:00", 8), planned("2027-03-02 09:59", 4)],
            "rests less than 12 h before 2027-03-02 09:59",
        ),
        (days(5, 9), ""),
        (
            [*days(6, 9, "2027-03-01 09:00")[:5], planned("2027-03-06 09:00", 1)],
            "46 h in the week",
        ),
        (days(20, 8), ""),
        (days(20, 8.5), "42.5 h a week from 2027-03-01 for 4 weeks"),
    ],
)
def test_each_rule_is_told_with_its_source(shifts: list[Planned], words: str) -> None:
    found = [sentence for _shift, sentence in said(shifts, BORN)]
    assert bool(found) is bool(words)
    assert all(RULE in one for one in found)
    assert not words or words in found[0]


def test_from_the_eighteenth_birthday_nothing_is_told() -> None:
    grown = [planned("2028-01-01 20:00", 12), planned("2028-01-02 09:00", 12)]
    assert said(grown, BORN) == []
    assert said(grown, None) == []
    before = [planned("2027-12-31 20:00", 12)]
    assert len(said(before, BORN)) == 2


@given(
    st.lists(
        st.tuples(st.integers(0, 60 * 24 * 14), st.integers(1, 60 * 30)), max_size=8, unique=True
    )
)
def test_no_plan_is_too_odd(spans: list[tuple[int, int]]) -> None:
    """Also shifts that overlap; and each sentence is of a shift that was given."""
    begin = dt.datetime(2027, 3, 1)  # noqa: DTZ001 - of its site's clock
    given = [planned(f"{begin + dt.timedelta(minutes=at)}", minutes / 60) for at, minutes in spans]
    assert {id(one) for one, _ in said(given, BORN)} <= {id(one) for one in given}

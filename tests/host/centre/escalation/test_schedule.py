"""Who is told when: hours, quiet nights, holidays, summer time, and what ends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.escalation import plan_file
from nabij.centre.escalation.hours import local
from nabij.centre.escalation.plan import Until
from nabij.centre.escalation.schedule import Facts, due, is_wanted, reached, schedule
from tests.host.centre.escalation.plans import TEXT, ZONE, at, book

YEAR_2026 = (at("2026-01-01T00:00"), at("2027-01-01T00:00"))
times = st.integers(*YEAR_2026)

# When the alarm comes, and who is told by which channels after how many seconds.
DAY = [("smit", "sms mail", 0), ("jansen", "push", 60), ("desk", "phone", 300)]
NIGHT = [("jansen", "push", 120), ("desk", "phone", 300)]
EVENING = [("smit", "sms mail", 0), *NIGHT]
CASES = [
    ("2026-06-02T10:00", DAY),
    ("2026-06-02T23:00", NIGHT),
    ("2026-06-06T10:00", EVENING),
    # Quiet until 7, and the plan's hours begin at 8 and end at 17; both sides of each edge.
    ("2026-06-02T06:59:59", NIGHT),
    ("2026-06-02T07:00", EVENING),
    ("2026-06-02T07:59:59", EVENING),
    ("2026-06-02T08:00", DAY),
    ("2026-06-02T16:59:59", DAY),
    ("2026-06-02T17:00", EVENING),
    # A holiday: the stand-in has none of the channels that are named, and is told by what he has.
    ("2026-12-24T10:00", [("jansen", "push", 0), *DAY[1:]]),
    ("2026-12-31T23:00", [("jansen", "push", 0), *NIGHT]),
    ("2027-01-01T10:00", DAY),
    # The nights on which the clock is changed: quiet ends at 7 local, an hour sooner or later.
    ("2026-03-29T06:59", NIGHT),
    ("2026-03-29T07:00", EVENING),
    ("2026-10-25T06:59", NIGHT),
    ("2026-10-25T07:00", EVENING),
]


@pytest.mark.parametrize(("when", "expected"), CASES)
def test_who_is_told_when(when: str, expected: list[tuple[str, str, int]]) -> None:
    found = book()
    began_ms = at(when)
    told = [
        (
            one.person.key if one.person is not None else "",
            " ".join(channel.name for channel in one.channels),
            (one.due_ms - began_ms) // 1000,
        )
        for one in schedule(found, found.plans["yard"], began_ms)
        if not one.skipped
    ]
    assert told == expected


def test_what_is_skipped_says_why() -> None:
    found = book()
    steps = schedule(found, found.plans["yard"], at("2026-06-02T23:00"))
    assert [one.skipped for one in steps] == ["quiet hours", "not in working hours", "", ""]
    [_, stand_in, *_] = schedule(found, found.plans["yard"], at("2026-12-24T10:00"))
    assert stand_in.instead_of == ""
    [first, *_] = schedule(found, found.plans["yard"], at("2026-12-24T10:00"))
    assert first.instead_of == "smit"


@given(times)
def test_someone_is_told_at_every_minute_of_the_year(began_ms: int) -> None:
    found = book()
    plan = found.plans["yard"]
    *_, last = schedule(found, plan, began_ms)
    assert not last.skipped
    assert last.channels
    for one in schedule(found, plan, began_ms):
        if not one.skipped and not one.step.wakes and one.person is not None:
            night = local(one.due_ms, ZONE).hour
            assert one.person.key != "smit" or 7 <= night < 22


@given(times, st.integers(0, 600), st.booleans(), st.booleans(), st.sets(st.integers(0, 3)))
def test_a_step_is_due_once_in_its_time_and_while_it_is_wanted(
    began_ms: int, after_s: int, is_open: bool, is_held: bool, done: set[int]
) -> None:
    found = book()
    plan = found.plans["yard"]
    facts = Facts(began_ms, is_open=is_open, is_held=is_held)
    now_ms = began_ms + after_s * 1000
    steps = due(found, plan, facts, now_ms, done)
    assert all(one.due_ms <= now_ms and one.position not in done for one in steps)
    assert is_open or not steps
    if is_held:
        assert all(one.step.until is Until.CLOSED for one in steps)
    later = due(found, plan, facts, now_ms + 600_000, done)
    assert [one.position for one in steps] == [one.position for one in later][: len(steps)]


def test_who_is_informed_is_told_although_somebody_has_it() -> None:
    held = Facts(0, is_held=True)
    assert is_wanted(Until.CLOSED, held)
    assert not is_wanted(Until.TAKEN, held)
    assert not is_wanted(Until.CLOSED, Facts(0, is_open=False))


def test_stand_ins_who_stand_in_for_each_other_reach_nobody() -> None:
    away = "away = [{ first = 2026-12-24, last = 2026-12-31, stand_in = 'smit' }]\n"
    looped = TEXT.replace('name = "P. Jansen"', f'name = "P. Jansen"\n{away}')
    person, why = reached(plan_file.read(looped), "smit", at("2026-12-25T10:00"))
    assert person is None
    assert why == "smit, jansen are away and stand in for each other"

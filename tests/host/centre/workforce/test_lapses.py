"""What is missing for the work of now, of who has a badge."""

import pytest
import sqlalchemy as sa

from nabij.centre.people import assignments, persons
from nabij.centre.workforce import lapses
from tests.host.centre.deadline_world import World
from tests.host.centre.workforce.yard import ALL, SHIFT, filled, ms


def found(world: World, at: str) -> tuple[str, ...]:
    return world.store.read(lambda one: lapses.of_badges(one, ms(at))).get("anna", ())


@pytest.mark.requirement("R30")
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", "", None),
        ("2027-12-31\nAnna;toe", "2027-02-28\nAnna;toe", "training of Anna for ronde"),
        ("ronde;Yard", "ronde;Moon", "permission for Anna to do ronde alone at Yard"),
        ("geschikt;;;ja", "geschikt;;;nee", "fit to work alone: Dr. B says no"),
        ("J. Smit;2026-01-01;2027-12-31\nAnna;ges", "J. Smit;2026-01-01;2027-03-01\nAnna;ges",
         "it ended on 2027-03-01"),
    ],
)  # fmt: skip
def test_a_shift_that_is_planned_is_judged_by_its_own_task_and_site(
    world: World, old: str, new: str, words: str | None
) -> None:
    filled(world, ALL.replace(old, new, 1) if old else ALL, SHIFT)
    # Two hours early, while it lasts, and once it is over, when any permit will do.
    for at in ("2027-03-01T19:10+00:00", "2027-03-02T04:30+00:00"):
        said = found(world, at)
        assert (words is None and not said) or (words is not None and words in said[0]), said


@pytest.mark.requirement("R30")
@pytest.mark.parametrize(
    ("permits", "count"),
    [
        (ALL, 0),
        (ALL.replace("2027-12-31", "2027-02-28"), 3),
        # Of the others there may be one for each task; of a body there is one word, the newest.
        (ALL + "Anna;geschikt;;;nee;Dr. B;2027-02-01;2027-12-31\n", 1),
        (ALL + "Anna;opleiding;duiken;;nee;J. Smit;2027-02-01;2027-12-31\n", 0),
    ],
)
def test_where_nothing_is_planned_any_permit_that_is_valid_today_will_do(
    world: World, permits: str, count: int
) -> None:
    filled(world, permits)
    assert len(found(world, "2027-03-01T12:00+00:00")) == count


def test_nobody_is_told_of_permits_that_their_employer_does_not_keep(world: World) -> None:
    filled(world, "", SHIFT)
    assert not found(world, "2027-03-01T22:00+00:00")


def test_who_is_not_alone_needs_none(world: World) -> None:
    other = ALL.replace("2027-12-31", "2027-02-28")
    filled(world, other, SHIFT.replace(";ja", ";nee"))
    assert not found(world, "2027-03-01T22:00+00:00")
    assert found(world, "2027-03-03T22:00+00:00")


def test_who_is_in_no_register_needs_none(world: World) -> None:
    def fill(one: sa.Connection) -> None:
        mine = persons.add(one, persons.Wanted("Zoe"))
        assignments.hand_out(one, "anna", mine.id, 2, "x", had_by=1)

    filled(world, ALL.replace("2027-12-31", "2027-02-28"))
    assert found(world, "2027-03-01T12:00+00:00")
    world.store.write(fill)
    assert not found(world, "2027-03-01T12:00+00:00")

"""Who wears the badge at its start: after a reset, and after power went on a shift."""

import math

import pytest

from badge.core.body import wearing
from badge.core.body.wearing import Wearing
from badge.core.detector.second import Second

# A Second counts in 2 mg.
ONE_G_COUNTS = 500


@pytest.mark.parametrize(
    ("was_worn", "is_new_use", "state", "is_told"),
    [
        (False, False, wearing.WORN, False),
        (True, False, wearing.WORN, False),
        (None, False, wearing.WORN, False),
        (False, True, wearing.UNSEEN, False),
        (None, True, wearing.UNSEEN, False),
        (True, True, wearing.WORN, True),
    ],
)
def test_a_wearer_may_lie_there_after_a_reset_and_where_power_went_while_worn(
    was_worn: bool | None, is_new_use: bool, state: int, is_told: bool
) -> None:
    one = Wearing(rest_mg=30, impact_q=1)
    assert one.recall(was_worn=was_worn, is_new_use=is_new_use) is is_told
    assert one.state == state


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(
    ("was_worn", "is_new_use", "lies"),
    [
        (False, True, True),
        (None, True, True),
        (True, True, False),
        (False, False, True),
        (None, False, False),
        (True, False, False),
    ],
)
def test_a_badge_that_was_worn_before_a_start_is_not_taken_for_one_on_a_table(
    was_worn: bool | None, is_new_use: bool, lies: bool
) -> None:
    """A blow may have ended its power, or come just before a reset."""
    still = Second()
    still.z = ONE_G_COUNTS
    one = Wearing(rest_mg=30, impact_q=1_000_000)
    one.recall(was_worn=was_worn, is_new_use=is_new_use)
    for _ in range(60):
        one.second(still, None, False)
    assert one.lies_as_on_table() is lies


@pytest.mark.parametrize(
    ("tilt_deg", "lies"),
    [(0, True), (7, True), (10, False), (170, False), (173, True), (180, True)],
)
def test_a_badge_lies_on_a_table_on_its_back_and_on_its_face(tilt_deg: int, lies: bool) -> None:
    still = Second()
    still.z = round(ONE_G_COUNTS * math.cos(math.radians(tilt_deg)))
    still.x = round(ONE_G_COUNTS * math.sin(math.radians(tilt_deg)))
    one = Wearing(rest_mg=30, impact_q=1_000_000)
    for _ in range(60):
        one.second(still, None, False)
    assert one.lies_as_on_table() is lies


def second_of(moved_mg: int) -> Second:
    """One of a badge that hangs upright and moves by so much."""
    one = Second()
    one.y = ONE_G_COUNTS
    one.moved_mg = moved_mg
    return one


def test_three_seconds_of_movement_and_no_fewer_make_a_badge_worn() -> None:
    one = Wearing(rest_mg=30, impact_q=1_000_000)
    assert [one.second(second_of(30), None, False) for _ in range(4)] == [
        *(False, False, True, False),
    ]
    assert one.state == wearing.WORN
    once_still = Wearing(rest_mg=30, impact_q=1_000_000)
    told = [once_still.second(second_of(mg), None, False) for mg in (30, 30, 0, 30, 30)]
    assert told == [False, False, False, False, True]


@pytest.mark.requirement("R03")
def test_who_breathes_does_not_lie_like_a_badge_on_a_table() -> None:
    """4 mg show in a chest; a table is dead still, or knocked once in ten seconds."""
    flat = Second()
    flat.z = ONE_G_COUNTS
    one = Wearing(rest_mg=30, impact_q=1_000_000)
    for moved_mg in (0, 0, 0, 0, 0, 0, 0, 0, 0, 4):
        flat.moved_mg = moved_mg
        one.second(flat, None, False)
        assert not one.lies_as_on_table()
    flat.moved_mg = 3
    for _ in range(9):
        one.second(flat, None, False)
        assert not one.lies_as_on_table()
    one.second(flat, None, False)
    assert one.lies_as_on_table()


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(("lay_s", "lies"), [(4, True), (5, False), (60, False)])
def test_who_lay_before_a_blow_is_no_table(lay_s: int, lies: bool) -> None:
    """Taken off, a badge hangs turned over for a moment; in bed for longer."""
    one = Wearing(rest_mg=30, impact_q=1000)
    lying = second_of(40)
    for _ in range(lay_s):
        one.second(lying, True, False)
    flat = Second()
    flat.z, flat.peak_q = ONE_G_COUNTS, 1000
    one.second(flat, True, False)
    one.impact_judged(True, False)
    flat.peak_q = 0
    for _ in range(20):
        one.second(flat, True, False)
    assert one.lies_as_on_table() is lies


@pytest.mark.parametrize(("swings_s", "hangs"), [(29, True), (30, False)])
def test_a_badge_hangs_on_a_hook_that_was_turned_over_half_a_minute_ago(
    swings_s: int, hangs: bool
) -> None:
    one = Wearing(rest_mg=30, impact_q=1_000_000)
    for _ in range(4):
        one.second(second_of(40), True, False)
    for _ in range(swings_s):
        one.second(second_of(40), False, False)
    for _ in range(11):
        one.second(second_of(0), False, False)
    assert one.lies_as_on_table() is hangs


def test_who_sinks_onto_a_side_and_does_not_move_is_not_taken_for_one_on_a_hook() -> None:
    one = Wearing(rest_mg=30, impact_q=1_000_000)
    for _ in range(30):
        one.second(second_of(200), False, False)
    side = Second()
    side.x = ONE_G_COUNTS
    side.moved_mg = 200
    one.second(side, True, False)
    side.moved_mg = 0
    for _ in range(120):
        one.second(side, True, False)
    assert not one.lies_as_on_table()


def lies_flat(one: Wearing, seconds: int = 20) -> bool:
    """Whether it passes for one on a table after so long on its back, dead still."""
    flat = Second()
    flat.z = ONE_G_COUNTS
    for _ in range(seconds):
        one.second(flat, True, False)
    lies: bool = one.lies_as_on_table()
    return lies


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(("is_fall", "lies"), [(True, False), (False, True)])
def test_a_blow_that_was_a_fall_is_no_table_and_another_one_may_be(
    is_fall: bool, lies: bool
) -> None:
    one = Wearing(rest_mg=30, impact_q=1000)
    blow = second_of(200)
    blow.peak_q = 1000
    one.second(blow, False, False)
    # Longer than a badge takes to land flat.
    for _ in range(5):
        one.second(second_of(200), False, False)
    one.impact_judged(False, is_fall)
    assert lies_flat(one) is lies


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(
    ("in_hand", "lies"),
    [([True], True), ([False], False), ([True, False], False), ([False, True], False)],
)
def test_of_several_blows_each_has_to_be_of_a_badge_in_a_hand(
    in_hand: list[bool], lies: bool
) -> None:
    one = Wearing(rest_mg=30, impact_q=1_000_000)
    for was_in_hand in in_hand:
        one.impact_judged(was_in_hand, True)
    assert one.was_in_hand() is lies
    assert lies_flat(one) is lies


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(("up_s", "lies"), [(0, False), (9, False), (10, True)])
def test_who_was_hurt_is_up_again_after_ten_seconds_on_the_feet(up_s: int, lies: bool) -> None:
    one = Wearing(rest_mg=30, impact_q=1_000_000)
    one.hurt()
    # Crawling is no walking.
    for _ in range(30):
        one.second(second_of(200), True, False)
    for _ in range(up_s):
        one.second(second_of(200), False, False)
    assert lies_flat(one) is lies


def test_a_shift_that_is_over_leaves_no_blow_to_the_next() -> None:
    one = Wearing(rest_mg=30, impact_q=1_000_000)
    one.hurt()
    one.forget_blow()
    assert lies_flat(one)

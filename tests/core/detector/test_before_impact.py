"""What came before a blow: a hand that the badge hung in, or a flight."""

import pytest

from badge.core.body.frame import BodyFrame
from badge.core.detector import before_impact, detect

# Blocks hold sums of 13 samples in counts of 2 mg, biased; the fourth word is the largest square.
BIAS = 212_992
ANCHOR = 90
UPRIGHT, SIDEWAYS = (0, 500, 0), (500, 0, 0)
AT_REST_Q, WEIGHTLESS_Q = 250_000, 100


def state_of(end=ANCHOR + 4, *, turned=(), weightless=()):
    """The detector's state of a badge upright, but for these numbers of blocks."""
    state = [0] * (detect.S_RING + 64 * 8)
    state[detect.S_BLOCKS] = end
    for number in range(end - 64, end):
        place = detect.S_RING + (number % 64) * 8
        vector = SIDEWAYS if number in turned else UPRIGHT
        for axis, counts in enumerate(vector):
            state[place + axis] = BIAS + counts * detect.BLOCK_SAMPLES
        state[place + 3] = WEIGHTLESS_Q if number in weightless else AT_REST_Q
    return state


@pytest.fixture(scope="module")
def frame():
    """Upright as three stretches of walking have taught it."""

    class Walked:
        x, y, z = UPRIGHT

    one = BodyFrame()
    state = state_of()
    state[detect.S_UPRIGHTS] = 1
    for stretch in range(1, 4):
        state[detect.S_BLOCKS] = 32 * stretch
        state[detect.S_FRAME] = stretch
        one.look(state, Walked, False)
    assert one.known
    return one


@pytest.mark.parametrize(("blocks", "was"), [(7, False), (8, True), (9, True), (20, True)])
def test_a_badge_turned_away_for_a_second_before_the_blow_was_in_a_hand(frame, blocks, was):
    turned = range(ANCHOR - 6 - blocks, ANCHOR - 6)
    assert before_impact.was_in_hand(state_of(turned=turned), frame, ANCHOR) is was


@pytest.mark.parametrize(
    ("length", "was"), [(350, False), (351, True), (649, True), (650, False), (900, False)]
)
def test_only_a_block_of_about_one_g_points_to_where_down_is(frame, length, was):
    state = state_of(turned=range(ANCHOR - 26, ANCHOR - 6))
    for number in range(ANCHOR - 26, ANCHOR - 6):
        place = detect.S_RING + (number % 64) * 8
        state[place] = BIAS + length * detect.BLOCK_SAMPLES
    assert before_impact.was_in_hand(state, frame, ANCHOR) is was


def test_what_turns_with_the_fall_itself_or_long_before_it_is_no_hand(frame):
    turned = (*range(ANCHOR - 50, ANCHOR - 32), *range(ANCHOR - 6, ANCHOR))
    assert not before_impact.was_in_hand(state_of(turned=turned), frame, ANCHOR)


def test_without_upright_or_with_the_time_before_it_gone_nobody_says_hand(frame):
    turned = range(ANCHOR - 32, ANCHOR)
    assert not before_impact.was_in_hand(state_of(turned=turned), BodyFrame(), ANCHOR)
    for late, was in ((32, True), (33, False)):
        state = state_of(ANCHOR + late, turned=turned)
        assert before_impact.was_in_hand(state, frame, ANCHOR) is was


@pytest.mark.parametrize("at", [1, 6])
def test_one_weightless_block_in_the_three_quarters_of_a_second_before_is_a_flight(at):
    assert before_impact.flew(state_of(weightless=[ANCHOR - at]), ANCHOR)


def test_no_weightless_block_or_one_at_another_time_is_no_flight():
    assert not before_impact.flew(state_of(), ANCHOR)
    assert not before_impact.flew(state_of(weightless=[ANCHOR - 7, ANCHOR]), ANCHOR)


def test_a_flight_is_known_as_long_as_its_blocks_are_kept():
    for late, flew in ((58, True), (59, False)):
        state = state_of(ANCHOR + late, weightless=range(ANCHOR - 6, ANCHOR))
        assert before_impact.flew(state, ANCHOR) is flew

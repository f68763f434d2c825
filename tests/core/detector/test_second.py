"""One second of wearing, against the sums that its blocks stand for."""

import math

from hypothesis import given
from hypothesis import strategies as st

from badge.core.detector import detect, second
from badge.core.detector.second import Second

# Blocks hold sums of 13 samples in counts of 2 mg, biased by 16,384 each; then the largest square
# and a sixteenth of what the squares were off 1 g.
BIAS = 16_384 * detect.BLOCK_SAMPLES
COUNTS = st.integers(-4000, 4000)
BLOCK = st.tuples(COUNTS, COUNTS, COUNTS, st.integers(0, 10**7), st.integers(0, 10**6))


def state_of(blocks, *, seen=64, end=70):
    """The detector's state whose newest blocks these are."""
    state = [0] * (detect.S_RING + 64 * 8)
    state[detect.S_BLOCKS], state[detect.S_SEEN] = end, seen
    for number, (x, y, z, peak_q, off) in enumerate(blocks, end - len(blocks)):
        place = detect.S_RING + (number % 64) * 8
        for axis, counts in enumerate((x, y, z)):
            state[place + axis] = BIAS + counts * detect.BLOCK_SAMPLES
        state[place + 3], state[place + 4] = peak_q, off
    return state


@given(st.lists(BLOCK, min_size=9, max_size=9))
def test_a_second_is_what_its_eight_blocks_are(blocks):
    one, now = Second(), blocks[1:]
    one.read(state_of(blocks))
    for axis, mean in enumerate((one.x, one.y, one.z)):
        assert mean == sum(block[axis] for block in now) // 8
    steps = [
        sum(abs(after[axis] - before[axis]) for axis in range(3))
        for before, after in zip(blocks, now, strict=False)
    ]
    assert one.moved_mg == 2 * max(steps)
    assert one.peak_q == max(block[3] for block in now)
    assert one.effort_mg == sum(block[4] for block in now) // 3250


def test_the_first_second_has_nothing_before_it_to_have_moved_from():
    one = Second()
    still = [(0, 500, 0, 250_000, 0)] * 8
    one.read(state_of([(9, 9, 9, 0, 0), *still], seen=8))
    assert (one.moved_mg, one.turned_mg) == (0, 0)
    turned = [(500, 0, 0, 250_000, 0)] * 8
    one.read(state_of([still[0], *turned], seen=16))
    assert (one.moved_mg, one.turned_mg) == (2000, 2000)


@given(st.lists(BLOCK, min_size=3, max_size=3))
def test_one_block_is_found_by_its_number(blocks):
    state = state_of(blocks)
    for number, block in enumerate(blocks, 67):
        assert second.block_of(state, number) == block[:3]
        assert second.peak_q_of(state, number) == block[3]


@given(COUNTS, COUNTS, COUNTS)
def test_a_length_is_rounded_down(x, y, z):
    assert second.length(x, y, z) == math.isqrt(x * x + y * y + z * z)


@given(st.tuples(*[st.integers(-1000, 1000)] * 3), st.tuples(*[st.integers(-1000, 1000)] * 3))
def test_an_angle_is_that_between_the_two(one, other):
    if not any(one) or not any(other):
        assert second.angle_deg(*one, *other) == 0
        return
    if math.hypot(*one) < 300 or math.hypot(*other) < 300:
        return
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    cosine = max(-1.0, min(1.0, dot / math.hypot(*one) / math.hypot(*other)))
    found = second.angle_deg(*one, *other)
    # A cosine of ten bits tells little near 0 and 180 degrees.
    assert abs(math.cos(math.radians(found)) - cosine) < 0.02


def test_only_about_one_g_points_to_where_down_is():
    one = Second()
    for length, is_posture in ((350, False), (351, True), (649, True), (650, False)):
        one.z = length
        assert one.is_posture() is is_posture

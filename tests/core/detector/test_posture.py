"""Postures: the mean of blocks, the angle between two, and upright, learned from walking."""

from __future__ import annotations

import math
from array import array

import pytest

from badge.core.detector import detect, posture

# Sums of 13 halved samples: 1 g of a block, and of a posture of a power of 2 of them.
BLOCK_G, POSTURE_G = 6500, 406
BIAS, BLOCK_BIAS = 16384, 13 * 16384
UPRIGHT, ONE, OTHER = 16, 25, 28
WALKING_MG2 = 1300 * 1300 // 4
HARD_MG2 = 2700 * 2700 // 4
STILL_MG2 = 1000 * 1000 // 4
END = 4 * 64 + 10


def blocks(direction: tuple[float, float, float], steps: int, hard: int = 0) -> array[int]:
    """The newest 4 s of somebody who takes so many steps, at most one in three blocks."""
    state = array("i", [0] * detect.STATE_WORDS)
    detect.reset(state)
    state[posture.S_BLOCKS] = END
    for back in range(32):
        at = posture.S_RING + (END - 32 + back) % 64 * 8
        for axis in range(3):
            state[at + axis] = round(BLOCK_G * direction[axis]) + BLOCK_BIAS
        is_step = back % 3 == 0 and back // 3 < steps
        state[at + posture.B_Q_MAX] = WALKING_MG2 if is_step else STILL_MG2
        if back < hard:
            state[at + posture.B_Q_MAX] = HARD_MG2
    return state


def vector(state: array[int], at: int) -> tuple[float, ...]:
    return tuple((state[at + axis] - BIAS) / POSTURE_G for axis in range(3))


@pytest.mark.parametrize("count", [1, 2, 3, 8, 19, 24, 32])
def test_a_posture_is_the_mean_of_its_blocks_scaled_to_a_power_of_two(count: int) -> None:
    state = blocks((0.6, -0.8, 0.1), steps=0)
    posture.posture(state, END - count, END, ONE)
    share = count / 2 ** math.ceil(math.log2(count))
    wanted = [0.6 * share, -0.8 * share, 0.1 * share]
    assert vector(state, ONE) == pytest.approx(wanted, abs=0.005)


@pytest.mark.parametrize("degrees", [0, 30, 60, 89, 91, 120, 150, 180])
def test_a_cosine_is_that_of_the_angle_on_either_side_of_90_degrees(degrees: int) -> None:
    state = blocks((0, 0, 1), steps=0)
    turned = math.radians(degrees)
    for axis, value in enumerate((math.sin(turned), 0, math.cos(turned))):
        state[ONE + axis] = BIAS + round((0, 0, 1)[axis] * POSTURE_G)
        state[OTHER + axis] = BIAS + round(value * POSTURE_G)
    found = posture.cosine(state, ONE, OTHER)
    assert found == pytest.approx(1024 + 1024 * math.cos(turned), abs=8)


def test_without_any_acceleration_there_is_no_tilt() -> None:
    state = blocks((0, 0, 1), steps=0)
    for axis in range(3):
        state[OTHER + axis] = BIAS
    posture.posture(state, END - 8, END, ONE)
    assert posture.cosine(state, ONE, OTHER) == 2047


@pytest.mark.parametrize(
    ("steps", "hard", "size_g", "is_learned"),
    [
        (4, 0, 1.0, False),
        (5, 0, 1.0, True),
        (11, 0, 1.0, True),
        (8, 1, 1.0, False),
        (8, 0, 0.93, False),
        (8, 0, 1.1, False),
        (8, 0, 0.97, True),
    ],
)
def test_upright_is_learned_by_walking_alone(
    steps: int, hard: int, size_g: float, is_learned: bool
) -> None:
    state = blocks((0, size_g, 0), steps, hard)
    assert posture.learn_upright(state) == is_learned
    assert state[posture.S_UPRIGHTS] == is_learned
    if is_learned:
        assert vector(state, UPRIGHT) == pytest.approx((0, size_g, 0), abs=0.01)


def test_what_was_learned_first_gives_way_ever_more_slowly() -> None:
    """The whole of the first, a half, then a quarter, at last an eighth of each new one."""
    learned = blocks((0, 0, 1), steps=8)
    posture.learn_upright(learned)
    expected = 0.0
    for known in range(1, 12):
        now = blocks((0, 1, 0), steps=8)
        now[posture.S_UPRIGHTS] = learned[posture.S_UPRIGHTS]
        now[UPRIGHT : UPRIGHT + 3] = learned[UPRIGHT : UPRIGHT + 3]
        posture.learn_upright(now)
        share = 2 if known < 3 else 4 if known < 7 else 8
        expected += (1 - expected) / share
        assert vector(now, UPRIGHT)[1] == pytest.approx(expected, abs=0.02)
        assert now[posture.S_UPRIGHTS] == min(7, known + 1)
        learned = now

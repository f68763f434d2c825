"""What is put in the place of missing samples."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.detector import detect, gap

_MG = st.integers(-15_991, 15_991)
_VECTOR = st.tuples(_MG, _MG, _MG)


def words(*vectors: tuple[int, int, int]) -> array[int]:
    return array("H", [value & 0xFFFF for vector in vectors for value in vector])


def filled(one: gap.Gap, first: int, n: int, blow_mg: int = 0) -> list[tuple[int, ...]]:
    out = array("H", bytes(6 * n))
    one.fill(out, first, n, blow_mg)
    signed = [gap.signed(word) for word in out]
    return [tuple(signed[3 * i : 3 * i + 3]) for i in range(n)]


def between(before: tuple[int, int, int], after: tuple[int, int, int], samples: int) -> gap.Gap:
    one = gap.Gap()
    one.between(words(before), words(after), samples)
    return one


@given(_VECTOR, _VECTOR, st.integers(1, 40))
def test_a_gap_is_a_straight_line(
    before: tuple[int, int, int], after: tuple[int, int, int], samples: int
) -> None:
    line = filled(between(before, after, samples), 0, samples)
    for k, point in enumerate(line, 1):
        for axis in range(3):
            true = before[axis] + (after[axis] - before[axis]) * k / (samples + 1)
            assert true - 1 < point[axis] <= true


@given(_VECTOR, _VECTOR, st.integers(1, 40), st.data())
def test_it_may_be_filled_in_parts(
    before: tuple[int, int, int],
    after: tuple[int, int, int],
    samples: int,
    data: st.DataObject,
) -> None:
    one = between(before, after, samples)
    cut = data.draw(st.integers(0, samples))
    for blow_mg in (0, 4000):
        whole = filled(one, 0, samples, blow_mg)
        parts = filled(one, 0, cut, blow_mg)
        parts += filled(one, cut, samples - cut, blow_mg)
        assert parts == whole


def test_a_made_up_blow_is_hard_and_leaves_the_posture_alone() -> None:
    one = between((0, 900, 100), (100, 950, 0), 32)
    blow = filled(one, 0, 32, 4000)
    line = filled(one, 0, 32)
    assert max(abs(y) for _, y, _ in blow) > 3000
    for axis in range(3):
        assert sum(point[axis] for point in blow) == sum(point[axis] for point in line)


@pytest.mark.parametrize("down_mg", [900, -900])
def test_a_made_up_blow_begins_towards_the_ground_and_springs_back(down_mg: int) -> None:
    one = between((0, down_mg, 100), (100, down_mg, 0), 32)
    pushed = [y - down_mg for _, y, _ in filled(one, 0, 32, 4000) if y != down_mg]
    sign = 1 if down_mg > 0 else -1
    assert pushed == [sign * 4000, -sign * 4000] * (len(pushed) // 2)
    assert pushed


@given(st.integers(8, 32))
def test_a_made_up_blow_lies_in_the_middle_of_the_gap(samples: int) -> None:
    one = between((0, 900, 100), (0, 900, 100), samples)
    at = [i for i, point in enumerate(filled(one, 0, samples, 4000)) if point[1] != 900]
    assert at == list(range(at[0], at[-1] + 1))
    assert 0 <= samples - 1 - (at[0] + at[-1]) <= 1


@given(_VECTOR, _VECTOR, st.integers(1, 32))
def test_nothing_made_up_is_beyond_the_rail(
    before: tuple[int, int, int], after: tuple[int, int, int], samples: int
) -> None:
    for point in filled(between(before, after, samples), 0, samples, 4000):
        assert all(abs(value) <= 15_991 for value in point)


def blow_mg(
    before: tuple[int, int, int],
    after: tuple[int, int, int],
    shaken_mg: int,
    **state: int,
) -> int:
    words_of_state = [0] * detect.STATE_WORDS
    for name, value in state.items():
        words_of_state[getattr(detect, name)] = value
    shaken = words(*[(0, 1000, 0)] * 25, (0, 1000 + shaken_mg, 0))
    return int(between(before, after, 20).blow_mg(shaken, 26, words_of_state))


UPRIGHT, LYING = (0, 1000, 0), (1000, 0, 0)
WAITING = {"S_PHASE": detect.PHASE_WAIT, "S_BLOCKS": 100, "S_ANCHOR": 90}


def test_a_blow_may_hide_where_the_wearer_moved_and_the_two_sides_differ() -> None:
    assert blow_mg(UPRIGHT, LYING, 60)
    assert blow_mg(UPRIGHT, LYING, -60)
    assert not blow_mg(UPRIGHT, LYING, 40)
    assert not blow_mg(UPRIGHT, (100, 1000, 0), 500)


def test_no_blow_is_made_up_while_a_fall_is_open() -> None:
    assert not blow_mg(UPRIGHT, LYING, 500, S_PHASE=detect.PHASE_CONFIRM)


@pytest.mark.parametrize("anchor", [90, 98])
@pytest.mark.parametrize("peak_mg", [2500, 3000, 7000])
def test_a_made_up_blow_takes_the_place_of_none_that_may_have_been_the_fall(
    anchor: int, peak_mg: int
) -> None:
    seen = {**WAITING, "S_ANCHOR": anchor, "S_PEAK_Q": (peak_mg // 2) ** 2}
    most = blow_mg(UPRIGHT, LYING, 500, **seen)
    assert most
    for x, y, z in filled(between(UPRIGHT, LYING, 20), 0, 20, most):
        assert x * x + y * y + z * z < peak_mg * peak_mg


def test_a_stumble_is_no_reason_to_make_up_less() -> None:
    stumble = {**WAITING, "S_PEAK_Q": (1800 // 2) ** 2}
    assert blow_mg(UPRIGHT, LYING, 500, **stumble) == blow_mg(UPRIGHT, LYING, 500)
    # While something is judged already it takes more to make up another.
    assert not blow_mg(UPRIGHT, LYING, 60, **stumble)
    assert blow_mg(UPRIGHT, LYING, 60, **stumble | {"S_ANCHOR": 98})

"""What is put in the place of missing samples."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from badge.core.detector import detect, gap

_MG = st.integers(-15_991, 15_991)
_VECTOR = st.tuples(_MG, _MG, _MG)


def words(*vectors: tuple[int, int, int]) -> array[int]:
    return array("H", [value & 0xFFFF for vector in vectors for value in vector])


def filled(one: gap.Gap, first: int, n: int, *, with_blow: bool) -> list[tuple[int, ...]]:
    out = array("H", bytes(6 * n))
    one.fill(out, first, n, with_blow)
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
    line = filled(between(before, after, samples), 0, samples, with_blow=False)
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
    for with_blow in (False, True):
        whole = filled(one, 0, samples, with_blow=with_blow)
        parts = filled(one, 0, cut, with_blow=with_blow)
        parts += filled(one, cut, samples - cut, with_blow=with_blow)
        assert parts == whole


def test_a_made_up_blow_is_hard_and_leaves_the_posture_alone() -> None:
    one = between((0, 900, 100), (100, 950, 0), 32)
    blow = filled(one, 0, 32, with_blow=True)
    line = filled(one, 0, 32, with_blow=False)
    assert max(abs(y) for _, y, _ in blow) > 3000
    for axis in range(3):
        assert sum(point[axis] for point in blow) == sum(point[axis] for point in line)


@given(_VECTOR, _VECTOR, st.integers(1, 32))
def test_nothing_made_up_is_beyond_the_rail(
    before: tuple[int, int, int], after: tuple[int, int, int], samples: int
) -> None:
    for point in filled(between(before, after, samples), 0, samples, with_blow=True):
        assert all(abs(value) <= 15_991 for value in point)


def hides(
    before: tuple[int, int, int],
    after: tuple[int, int, int],
    shaken_mg: int,
    **state: int,
) -> bool:
    words_of_state = [0] * detect.STATE_WORDS
    for name, value in state.items():
        words_of_state[getattr(detect, name)] = value
    shaken = words(*[(0, 1000, 0)] * 25, (0, 1000 + shaken_mg, 0))
    return bool(between(before, after, 20).may_hide_blow(shaken, 26, words_of_state))


def test_a_blow_may_hide_where_the_wearer_moved_and_the_two_sides_differ() -> None:
    upright, lying = (0, 1000, 0), (1000, 0, 0)
    assert hides(upright, lying, 60)
    assert hides(upright, lying, -60)
    assert not hides(upright, lying, 40)
    assert not hides(upright, (100, 1000, 0), 500)


def test_no_blow_is_made_up_beside_one_that_was_seen() -> None:
    upright, lying = (0, 1000, 0), (1000, 0, 0)
    waiting = {"S_PHASE": detect.PHASE_WAIT, "S_BLOCKS": 100, "S_ANCHOR": 90}
    assert not hides(upright, lying, 500, **waiting, S_PEAK_Q=(3000 // 2) ** 2)
    # A stumble before the fall, and what is still going on.
    assert hides(upright, lying, 500, **waiting, S_PEAK_Q=(2000 // 2) ** 2)
    now = {**waiting, "S_ANCHOR": 98}
    assert hides(upright, lying, 60, **now, S_PEAK_Q=(3000 // 2) ** 2)
    assert not hides(upright, lying, 500, S_PHASE=detect.PHASE_CONFIRM)

"""The lanyard's contact: torn is told once, the play of the lanyard never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.body.rip import RipContact

DEBOUNCE_MS = 200
START_MS = ticks.PERIOD - 500


def at(ms):
    return ticks.add(START_MS, ms)


def test_a_lanyard_that_tears_is_told_once_and_so_is_the_next_one():
    rip = RipContact(DEBOUNCE_MS, False)
    found = [
        (ms, rip.is_open)
        for ms in range(0, 4000, 10)
        if rip.look(1000 <= ms < 2000 or ms >= 3000, at(ms))
    ]
    assert found == [(1200, True), (2200, False), (3200, True)]


def test_a_badge_that_starts_without_its_lanyard_has_not_been_torn_off():
    rip = RipContact(DEBOUNCE_MS, True)
    assert not any(rip.look(True, at(ms)) for ms in range(0, 1000, 10))
    assert rip.is_open


@given(st.lists(st.tuples(st.integers(1, DEBOUNCE_MS - 1), st.integers(1, 2000)), max_size=20))
def test_play_shorter_than_the_debounce_is_never_told(gaps):
    rip = RipContact(DEBOUNCE_MS, False)
    now_ms = 0
    for open_ms, closed_ms in gaps:
        assert not rip.look(True, at(now_ms))
        assert rip.due_ms(at(now_ms)) == DEBOUNCE_MS
        assert not rip.look(True, at(now_ms + open_ms))
        now_ms += open_ms
        assert not rip.look(False, at(now_ms))
        assert rip.due_ms(at(now_ms)) is None
        now_ms += closed_ms


def test_what_is_left_of_the_debounce_is_what_may_be_waited_for():
    rip = RipContact(DEBOUNCE_MS, False)
    rip.look(True, at(1000))
    for passed_ms in (0, 70, DEBOUNCE_MS - 1, DEBOUNCE_MS, DEBOUNCE_MS + 500):
        assert rip.due_ms(at(1000 + passed_ms)) == max(0, DEBOUNCE_MS - passed_ms)


@pytest.mark.parametrize("step_ms", [7, 70, 199, 200, 201, 900])
def test_it_is_told_at_the_first_look_after_the_debounce_however_seldom_anybody_looks(step_ms):
    rip = RipContact(DEBOUNCE_MS, False)
    told = [rip.look(True, at(k * step_ms)) for k in range(40)]
    first = -(-DEBOUNCE_MS // step_ms)
    assert told == [k == first for k in range(40)]

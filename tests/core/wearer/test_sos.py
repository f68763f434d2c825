"""The squeeze recogniser: every timing of edges, bounce, stalls and stuck buttons."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.wearer.sos import LATE_CREDIT_MS, SqueezeHold

HOLD_MS, DEBOUNCE_MS = 1500, 30
START_MS = ticks.PERIOD - 700  # so that every test crosses the wrap of the ticks


def at(offset_ms):
    return ticks.add(START_MS, offset_ms)


def fired_at(edges, until_ms, step_ms=1):
    """Feed (offset_ms, closed) edges, poll every step, return the offsets at which it fired."""
    hold = SqueezeHold(HOLD_MS, DEBOUNCE_MS)
    waiting = list(edges)
    fired = []
    for now_ms in range(0, until_ms, step_ms):
        while waiting and waiting[0][0] <= now_ms:
            offset_ms, closed = waiting.pop(0)
            hold.edge(closed, at(offset_ms))
        if hold.poll(at(now_ms)):
            fired.append(now_ms)
    return fired


def test_a_held_button_fires_once_when_the_hold_is_complete():
    assert fired_at([(100, 1), (3000, 0)], 4000) == [1600]


def test_a_short_press_does_nothing():
    assert fired_at([(100, 1), (1590, 0)], 4000) == []


def test_a_stuck_button_fires_once_and_rearms_after_release():
    assert fired_at([(0, 1), (60_000, 0), (61_000, 1)], 70_000, 10) == [1500, 62_500]


def test_a_release_shorter_than_the_debounce_does_not_rearm_a_stuck_button():
    assert fired_at([(0, 1), (5000, 0), (5010, 1)], 10_000, 10) == [1500]


@given(st.lists(st.tuples(st.integers(31, 400), st.integers(1, 29)), max_size=4))
def test_bounce_neither_fires_nor_resets_the_hold(bounces):
    edges = [(0, 1)]
    now_ms = 0
    for closed_ms, open_ms in bounces:
        if now_ms + closed_ms + open_ms >= HOLD_MS:
            break
        edges += [(now_ms + closed_ms, 0), (now_ms + closed_ms + open_ms, 1)]
        now_ms += closed_ms + open_ms
    assert fired_at([*edges, (2000, 0)], 2100) == [1500]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 1400), st.integers(31, 2000)), max_size=6))
def test_presses_that_are_too_short_never_add_up(presses):
    edges = []
    now_ms = 0
    for closed_ms, open_ms in presses:
        edges += [(now_ms, 1), (now_ms + closed_ms, 0)]
        now_ms += closed_ms + open_ms
    assert fired_at(edges, now_ms + 2000, 5) == []


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 4000)), max_size=5),
    st.integers(1, 700),
)
def test_a_completed_hold_is_never_lost_however_seldom_it_is_polled(presses, step_ms):
    edges = []
    now_ms = 0
    long_holds = 0
    for closed_ms, open_ms in presses:
        edges += [(now_ms, 1), (now_ms + closed_ms, 0)]
        now_ms += closed_ms + max(open_ms, step_ms + DEBOUNCE_MS + 1)
        long_holds += closed_ms >= HOLD_MS
    assert len(fired_at(edges, now_ms + 5000, step_ms)) == long_holds


def test_a_press_that_a_stall_hid_counts_from_its_earliest_moment():
    hold = SqueezeHold(HOLD_MS, DEBOUNCE_MS)
    hold.edge(1, at(250), at(0))
    assert not hold.poll(at(1499))
    assert hold.due_ms(at(1499)) == 1
    assert hold.poll(at(1500))


def test_a_release_that_a_stall_hid_counts_from_its_latest_moment():
    hold = SqueezeHold(HOLD_MS, DEBOUNCE_MS)
    hold.edge(1, at(0))
    hold.edge(0, at(1550), at(1300))
    assert hold.due_ms(at(1550)) == 0
    assert hold.poll(at(1550))
    assert not hold.poll(at(1551))


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 3000))
def test_doubt_credits_at_most_300_ms_at_each_end(press_doubt_ms, release_doubt_ms, length_ms):
    hold = SqueezeHold(HOLD_MS, DEBOUNCE_MS)
    pressed_ms = 6000
    released_ms = pressed_ms + length_ms
    hold.edge(1, at(pressed_ms), at(pressed_ms - press_doubt_ms))
    hold.edge(0, at(released_ms), at(max(pressed_ms, released_ms - release_doubt_ms)))
    fires = hold.poll(at(released_ms + 1))
    if length_ms + LATE_CREDIT_MS < HOLD_MS:
        assert not fires
    if release_doubt_ms <= LATE_CREDIT_MS:
        assert fires == (length_ms + min(press_doubt_ms, LATE_CREDIT_MS) >= HOLD_MS)


@given(st.integers(1, 3000), st.integers(0, 200))
def test_a_release_up_to_the_doubt_too_soon_counts_and_no_sooner(length_ms, doubt_ms):
    hold = SqueezeHold(HOLD_MS, DEBOUNCE_MS, doubt_ms)
    hold.edge(1, at(0))
    if length_ms > 1:
        assert hold.poll(at(length_ms - 1)) == (length_ms - 1 >= HOLD_MS)
    hold.edge(0, at(length_ms))
    fired_before = length_ms - 1 >= HOLD_MS
    assert hold.poll(at(length_ms)) == (not fired_before and length_ms + doubt_ms >= HOLD_MS)


def test_due_says_when_to_poll_and_none_at_rest():
    hold = SqueezeHold(HOLD_MS, DEBOUNCE_MS)
    assert hold.due_ms(at(0)) is None
    hold.edge(1, at(0))
    assert hold.due_ms(at(400)) == 1100
    assert hold.due_ms(at(9000)) == 0
    assert hold.poll(at(9000))
    assert hold.due_ms(at(9001)) is None
    hold.edge(0, at(9100))
    assert hold.due_ms(at(9110)) == 20
    assert not hold.poll(at(9130))
    assert hold.due_ms(at(9131)) is None


@pytest.mark.parametrize("repeat", [0, 1])
def test_an_edge_seen_twice_changes_nothing(repeat):
    hold = SqueezeHold(HOLD_MS, DEBOUNCE_MS)
    hold.edge(0, at(0))
    hold.edge(1, at(10))
    for _ in range(repeat):
        hold.edge(1, at(800))
    assert hold.poll(at(1510))

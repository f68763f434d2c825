"""When a badge listens for room tags, and which one it is near, as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.tag_watch import FORGET, LISTEN, NOTHING, TagWatch, choose

NOW = 1_000_000
A, B = b"a" * 8, b"b" * 8


def test_after_a_walk_it_listens_once_and_what_it_knew_is_forgotten_when_one_begins():
    watch = TagWatch(7)
    said = []
    # Two stretches of 4 s, then a minute of standing, looked at every 2 s.
    for second in range(0, 80, 2):
        stretches = 7 + (second >= 4) + (second >= 8)
        what = watch.look(NOW + second * 1000, stretches, None)
        if what != NOTHING:
            said.append((second, what))
    assert said == [(4, FORGET), (18, LISTEN)]


def test_who_never_walks_and_has_no_alarm_listens_to_nobody():
    watch = TagWatch(0)
    assert {watch.look(NOW + n * 2_000, 0, None) for n in range(5_000)} == {NOTHING}


def test_in_an_alarm_it_listens_at_once_then_each_minute_and_later_each_five():
    watch = TagWatch(0)
    listened_s = []
    for second in range(0, 1_800, 2):
        now_ms = NOW + second * 1000
        if watch.look(now_ms, 0, second * 1000) == LISTEN:
            listened_s.append(second)
            watch.listened(now_ms)
    assert listened_s[:3] == [0, 60, 120]
    assert [b - a for a, b in zip(listened_s[-3:], listened_s[-2:], strict=False)] == [300, 300]
    assert len(listened_s) <= 11 + 5


def test_the_next_alarm_is_listened_for_at_once():
    watch = TagWatch(0)
    watch.listened(NOW)
    assert watch.look(NOW + 2_000, 0, 1_000) == NOTHING
    assert watch.look(NOW + 4_000, 0, None) == NOTHING
    assert watch.look(NOW + 6_000, 0, 0) == LISTEN


@pytest.mark.parametrize(
    ("heard", "known", "best"),
    [
        ({}, None, None),
        ({}, A, None),
        ({A: -60}, None, (A, -60)),
        ({A: -60, B: -50}, None, (B, -50)),
        # At a door both come and go: the one that is known stays.
        ({A: -60, B: -55}, A, (A, -60)),
        ({A: -60, B: -54}, A, (B, -54)),
        # One that is not heard any more is not where the badge is.
        ({B: -90}, A, (B, -90)),
        ({A: 40}, None, (A, 20)),
    ],
)
def test_the_strongest_is_where_it_is(heard, known, best):
    assert choose(heard, known) == best


@given(
    st.dictionaries(st.sampled_from([A, B, b"c" * 8]), st.integers(-128, 127)),
    st.sampled_from([None, A, B]),
)
def test_nothing_is_told_that_was_not_heard(heard, known):
    found = choose(heard, known)
    assert (found is None) is (not heard)
    if found is not None:
        assert found[0] in heard
        assert max(heard.values()) - heard[found[0]] < 6

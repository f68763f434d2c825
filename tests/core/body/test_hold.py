"""A cause must last before it is a condition, and stay away before that is over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.body.hold import Hold

HOLD_MS = 20_000
CLEAR_MS = 4000
LOOKS = st.lists(st.tuples(st.sampled_from([True, False, None]), st.integers(900, 1100)))


@given(LOOKS)
def test_only_a_cause_that_is_seen_meets_and_only_its_absence_clears(
    looks: list[tuple[bool | None, int]],
) -> None:
    hold = Hold(CLEAR_MS)
    away_ms = -1
    for cause, elapsed_ms in looks:
        was_met = hold.met
        met = hold.step(cause, elapsed_ms, HOLD_MS)
        if cause is False:
            away_ms = 0 if away_ms < 0 else away_ms + min(elapsed_ms, 1000)
        elif cause:
            away_ms = -1
        assert not met or (cause is True and not was_met and hold.held_ms >= HOLD_MS)
        cleared = hold.cleared()
        assert cleared == (was_met and away_ms >= CLEAR_MS)
        assert hold.met == ((was_met or met) and not cleared)
        away_ms = -1 if cleared else away_ms


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=60))
def test_an_unbroken_cause_is_met_at_the_first_look_after_the_hold(looks_ms: list[int]) -> None:
    hold = Hold(CLEAR_MS)
    held_ms = 0
    for elapsed_ms in looks_ms:
        was_short = held_ms < HOLD_MS
        held_ms += elapsed_ms
        assert hold.step(True, elapsed_ms, HOLD_MS) == (was_short and held_ms >= HOLD_MS)


def test_an_interruption_that_is_forgiven_does_not_start_the_hold_again() -> None:
    hold = Hold(CLEAR_MS)
    for _ in range(15):
        hold.step(True, 1000, HOLD_MS, 3000)
    for _ in range(3):
        hold.step(False, 1000, HOLD_MS, 3000)
    assert not hold.step(True, 1000, HOLD_MS, 3000)
    assert hold.step(True, 1000, HOLD_MS, 3000)
    strict = Hold(CLEAR_MS)
    for _ in range(19):
        strict.step(True, 1000, HOLD_MS)
    strict.step(False, 1000, HOLD_MS)
    assert strict.held_ms == 0


def test_time_that_nobody_saw_holds_but_never_clears() -> None:
    hold = Hold(CLEAR_MS)
    assert not hold.step(True, 30_000, HOLD_MS)
    assert hold.step(True, 30_000, HOLD_MS)
    # One look after half a minute without samples shows one good second, not thirty.
    for _ in range(4):
        hold.step(False, 30_000, HOLD_MS)
        assert not hold.cleared()
    hold.step(False, 30_000, HOLD_MS)
    assert hold.cleared()


def test_a_condition_that_was_cleared_holds_anew_from_nothing() -> None:
    hold = Hold(CLEAR_MS)
    for _ in range(2):
        assert [hold.step(True, 1000, HOLD_MS) for _ in range(20)] == [False] * 19 + [True]
        assert not hold.cleared()
        away = []
        for _ in range(5):
            hold.step(False, 1000, HOLD_MS)
            away.append(hold.cleared())
        assert away == [False] * 4 + [True]
        assert (hold.met, hold.held_ms) == (False, 0)


def test_a_restart_forgets_the_cause_and_its_absence() -> None:
    hold = Hold(CLEAR_MS)
    for _ in range(20):
        hold.step(True, 1000, HOLD_MS)
    for _ in range(4):
        hold.step(False, 1000, HOLD_MS)
    hold.restart()
    assert (hold.met, hold.held_ms) == (False, 0)
    assert not hold.cleared()
    assert [hold.step(True, 1000, HOLD_MS) for _ in range(20)] == [False] * 19 + [True]


@pytest.mark.parametrize(("away_s", "is_forgiven"), [(3, True), (4, False)])
def test_what_was_away_for_as_long_as_is_forgiven_starts_again(
    away_s: int, is_forgiven: bool
) -> None:
    """The first look that misses it may have caught the change."""
    hold = Hold(CLEAR_MS)
    for _ in range(10):
        hold.step(True, 1000, HOLD_MS, 3000)
    for _ in range(away_s):
        hold.step(False, 1000, HOLD_MS, 3000)
    assert (hold.held_ms > 0) is is_forgiven


def test_of_the_first_look_only_its_own_second_counts() -> None:
    hold = Hold(CLEAR_MS)
    hold.step(True, 30_000, HOLD_MS)
    assert hold.held_ms == 1000
    short = Hold(CLEAR_MS)
    short.step(True, 400, HOLD_MS)
    assert short.held_ms == 400
    short.step(None, 30_000, HOLD_MS)
    assert short.held_ms == 30_400

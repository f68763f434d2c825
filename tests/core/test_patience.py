"""Nobody who calls may have all of the time of who carries, and nobody is left out for good."""

from badge.core import ticks
from badge.core.patience import FIRST_MS, LONGEST_MS, WELL_MS, Patience

NOW = 1_000_000


def test_who_brings_nothing_is_visited_ever_more_seldom_and_never_left_out() -> None:
    patience = Patience(8)
    waits = []
    now_ms = NOW
    for _ in range(9):
        assert patience.may_visit("a", now_ms)
        patience.was_in_vain("a", now_ms)
        began_ms = now_ms
        while not patience.may_visit("a", now_ms):
            assert patience.may_visit("b", now_ms)
            now_ms += 1_000
        waits.append(now_ms - began_ms)
    assert waits[:3] == [FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS]
    assert waits[-1] == LONGEST_MS


def test_one_that_was_answered_is_soon_visited_again() -> None:
    patience = Patience(8)
    patience.was_in_vain("a", NOW)
    patience.was_in_vain("a", NOW)
    patience.was_well("a", NOW)
    assert patience.may_visit("a", NOW + WELL_MS)
    patience.was_in_vain("a", NOW + WELL_MS)
    assert patience.may_visit("a", NOW + WELL_MS + FIRST_MS)


def test_addresses_without_end_take_no_memory_without_end() -> None:
    patience = Patience(3)
    for address in "abca":
        patience.was_in_vain(address, NOW)
    patience.was_in_vain("d", NOW)
    # The one that was visited again is not the oldest any more.
    assert [one for one in "abcd" if patience.may_visit(one, NOW + 1)] == ["b"]


def test_ticks_that_wrap_end_a_wait_and_never_prolong_it() -> None:
    patience = Patience(8)
    at_ms = ticks.PERIOD - 1_000
    patience.was_in_vain("a", at_ms)
    assert not patience.may_visit("a", ticks.add(at_ms, FIRST_MS - 1))
    assert patience.may_visit("a", ticks.add(at_ms, FIRST_MS))
    for days in range(1, 30):
        assert patience.may_visit("a", (at_ms + days * 86_400_000) % ticks.PERIOD)

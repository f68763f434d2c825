"""What silence of the link is learned, from pings that were answered and from links found dead."""

from hypothesis import given
from hypothesis import strategies as st

from badge.core.keep_alive import KeepAlive

DAY_S = 86_400


def live(keep_alive: KeepAlive, kept_s: int, for_s: int) -> tuple[int, int]:
    """(links found dead, pings) in so long on a network that keeps a silent connection kept_s."""
    passed_s = dead = pings = 0
    while passed_s < for_s:
        passed_s += keep_alive.now_s
        pings += 1
        if keep_alive.now_s <= kept_s:
            keep_alive.answered()
        else:
            keep_alive.unanswered()
            dead += 1
    return dead, pings


def test_it_grows_to_the_longest_in_a_quarter_of_an_hour_where_the_network_keeps_it() -> None:
    learns = KeepAlive(60, 300)
    seen = []
    for _ in range(9):
        seen.append(learns.now_s)
        learns.answered()
    assert seen == [60, 60, 90, 90, 135, 135, 202, 202, 300]
    live(learns, 10_000, DAY_S)
    assert learns.now_s == 300


def test_without_a_longest_above_the_first_it_stays() -> None:
    for most_s in (0, 30, 60):
        learns = KeepAlive(60, most_s)
        assert learns.most_s == 60
        live(learns, 10_000, DAY_S)
        assert learns.now_s == 60


def test_a_link_found_dead_once_at_a_length_that_held_changes_nothing() -> None:
    """It may have been the network that was gone."""
    learns = KeepAlive(60, 300)
    live(learns, 10_000, 3600)
    learns.unanswered()
    assert learns.now_s == 300
    live(learns, 10_000, 1800)
    assert learns.now_s == 300


@given(kept_s=st.integers(60, 400))
def test_in_a_day_it_comes_near_what_the_network_keeps_and_few_links_die_of_it(
    kept_s: int,
) -> None:
    learns = KeepAlive(60, 300)
    dead, _ = live(learns, kept_s, DAY_S - 3600)
    assert dead <= 6
    assert min(kept_s, 300) * 0.66 <= learns.now_s <= kept_s


@given(kept_s=st.integers(60, 290))
def test_what_was_too_long_is_tried_again_after_a_day(kept_s: int) -> None:
    learns = KeepAlive(60, 300)
    live(learns, kept_s, DAY_S)
    live(learns, 10_000, 2 * DAY_S)
    assert learns.now_s == 300


def test_a_length_that_is_answered_after_all_is_not_too_long() -> None:
    """Two losses of coverage in a row, and all is well again: not a day of short silences."""
    learns = KeepAlive(60, 300)
    for _ in range(2):
        learns.unanswered()
    live(learns, 10_000, 1800)
    assert learns.now_s == 300


def test_where_even_the_first_is_too_long_it_stays_at_the_first() -> None:
    learns = KeepAlive(60, 300)
    dead, pings = live(learns, 30, 3600)
    assert dead == pings
    assert learns.now_s == 60


@given(st.integers(10, 890), st.integers(0, 890), st.lists(st.booleans(), max_size=300))
def test_it_stays_between_the_first_and_the_longest_whatever_happens(
    start_s: int, most_s: int, answers: list[bool]
) -> None:
    learns = KeepAlive(start_s, most_s)
    for answered in answers:
        if answered:
            learns.answered()
        else:
            learns.unanswered()
        assert start_s <= learns.now_s <= max(start_s, most_s)

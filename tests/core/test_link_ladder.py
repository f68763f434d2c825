"""The modem is switched off and on by the time without a session."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.link_ladder import CONTEXT, NONE, POWER, RADIO, LinkLadder

NOW_MS = 5_000
MINUTE_MS = 60_000


def cycles(ladder, pauses_ms, *, is_dead=False, now_ms=NOW_MS):
    """Minutes since the beginning at which a failure led to a power cycle."""
    found, passed_ms = [], 0
    for pause_ms in pauses_ms:
        passed_ms += pause_ms
        if ladder.failed(ticks.add(now_ms, passed_ms), is_dead=is_dead) == POWER:
            found.append(passed_ms // MINUTE_MS)
    return found


@given(st.lists(st.integers(1, 10_000), max_size=100))
def test_no_number_of_quick_failures_switches_the_modem_off(pauses_ms):
    ladder = LinkLadder(NOW_MS)
    in_time = [ms for n, ms in enumerate(pauses_ms) if sum(pauses_ms[: n + 1]) < 180_000]
    assert not cycles(ladder, in_time)


def test_without_a_session_the_pauses_between_two_cycles_grow():
    ladder = LinkLadder(NOW_MS)
    assert cycles(ladder, [MINUTE_MS] * 200) == [3, 9, 21, 45, 93, 141, 189]
    ladder.session(ticks.add(NOW_MS, 200 * MINUTE_MS))
    later_ms = ticks.add(NOW_MS, 200 * MINUTE_MS)
    assert cycles(ladder, [MINUTE_MS] * 4, now_ms=later_ms) == [3]


def test_when_an_alarm_waits_the_pauses_begin_anew():
    ladder = LinkLadder(NOW_MS)
    assert cycles(ladder, [MINUTE_MS] * 45) == [3, 9, 21, 45]
    ladder.hurry()
    later_ms = ticks.add(NOW_MS, 45 * MINUTE_MS)
    assert cycles(ladder, [MINUTE_MS] * 10, now_ms=later_ms) == [3, 9]


def test_who_asks_again_and_again_has_it_switched_off_less_often_than_an_alarm():
    """Each time costs charge, and an ask saves nobody by itself."""
    ladder, found = LinkLadder(NOW_MS), []
    for minute in range(1, 61):
        ladder.hurry(1)
        now_ms = ticks.add(NOW_MS, minute * MINUTE_MS)
        if ladder.failed(now_ms, is_dead=False) == POWER:
            found.append(minute)
    assert found == [3, 9, 15, 21, 27, 33, 39, 45, 51, 57]


def test_who_asks_does_not_wait_for_the_longest_pause():
    ladder = LinkLadder(NOW_MS)
    assert cycles(ladder, [MINUTE_MS] * 50) == [3, 9, 21, 45]
    ladder.hurry(1)
    later_ms = ticks.add(NOW_MS, 50 * MINUTE_MS)
    assert cycles(ladder, [MINUTE_MS] * 20, now_ms=later_ms) == [1, 13]


def test_a_modem_that_does_not_answer_is_switched_off_and_on_at_once():
    ladder = LinkLadder(NOW_MS)
    found = cycles(ladder, [MINUTE_MS] * 40, is_dead=True)
    assert found[0] == 1
    assert found[1] - found[0] <= 2
    assert len(found) > 4


def test_the_ladder_climbs_over_the_wrap_of_the_ticks():
    assert cycles(LinkLadder((1 << 30) - 1000), [MINUTE_MS] * 4, now_ms=(1 << 30) - 1000) == [3]


def test_pauses_that_grow_are_shorter_by_chance_and_the_first_one_is_not():
    """The first has to let a search end."""
    ladder = LinkLadder(NOW_MS, lambda: 255)
    found = cycles(ladder, [MINUTE_MS // 10] * 900)
    assert found[0] == 3
    pauses = [later - earlier for earlier, later in itertools.pairwise(found)]
    assert pauses == [4, 9, 18, 36]


def climbed(ladder, at_s, *, is_open, now_ms=NOW_MS):
    """What begins anew at these seconds."""
    return [
        ladder.failed(ticks.add(now_ms, second * 1000), is_dead=False, is_open=is_open)
        for second in at_s
    ]


def test_an_open_bearer_that_reaches_nobody_begins_anew_step_by_step():
    at_s = (10, 19, 20, 40, 89, 90, 120, 179, 180, 190, 200, 269, 270)
    found = climbed(LinkLadder(NOW_MS), at_s, is_open=True)
    before = [NONE, NONE, CONTEXT, NONE, NONE, RADIO, NONE, NONE, POWER]
    assert found == [*before, NONE, CONTEXT, NONE, RADIO]


def test_of_many_badges_that_reach_nobody_not_all_switch_their_radios_at_once():
    soonest, latest = LinkLadder(NOW_MS, lambda: 0), LinkLadder(NOW_MS, lambda: 255)
    at_s = (20, 89, 90, 119, 120)
    assert climbed(soonest, at_s, is_open=True) == [CONTEXT, NONE, RADIO, NONE, NONE]
    assert climbed(latest, at_s, is_open=True) == [CONTEXT, NONE, NONE, NONE, RADIO]


def test_a_session_begins_the_ladder_anew():
    ladder = LinkLadder(NOW_MS)
    assert climbed(ladder, (100,), is_open=True) == [RADIO]
    ladder.session(ticks.add(NOW_MS, 101_000))
    assert climbed(ladder, (105, 121, 125), is_open=True) == [NONE, CONTEXT, NONE]


def test_what_never_had_an_address_is_left_to_itself_until_the_power_key():
    found = climbed(LinkLadder(NOW_MS), range(10, 181, 10), is_open=False)
    assert found == [NONE] * 17 + [POWER]

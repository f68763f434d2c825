"""The modem is switched off and on by the time without a session."""

from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.link_ladder import LinkLadder

NOW_MS = 5_000
MINUTE_MS = 60_000


def cycles(ladder, pauses_ms, *, is_dead=False, now_ms=NOW_MS):
    """Minutes since the beginning at which a failure led to a power cycle."""
    found, passed_ms = [], 0
    for pause_ms in pauses_ms:
        passed_ms += pause_ms
        if ladder.failed(ticks.add(now_ms, passed_ms), is_dead=is_dead):
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


def test_a_modem_that_does_not_answer_is_switched_off_and_on_at_once():
    ladder = LinkLadder(NOW_MS)
    found = cycles(ladder, [MINUTE_MS] * 40, is_dead=True)
    assert found[0] == 1
    assert found[1] - found[0] <= 2
    assert len(found) > 4


def test_the_ladder_climbs_over_the_wrap_of_the_ticks():
    assert cycles(LinkLadder((1 << 30) - 1000), [MINUTE_MS] * 4, now_ms=(1 << 30) - 1000) == [3]

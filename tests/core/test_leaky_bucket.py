"""A bucket that leaks: a rate of faults fills it, single ones do not."""

from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.leaky_bucket import LeakyBucket


def over_after(faults: list[tuple[int, int]], start_ms: int = 0) -> list[bool]:
    """Whether it is over after each fault of (so many ms later, points)."""
    now_ms = start_ms
    bucket = LeakyBucket(100, 40, now_ms)
    seen = []
    for later_ms, points in faults:
        now_ms = ticks.add(now_ms, later_ms)
        bucket.add(points, now_ms)
        seen.append(bucket.is_over(now_ms))
    return seen


def test_a_fault_every_twenty_seconds_is_borne_for_ever() -> None:
    assert not any(over_after([(20_000, 20)] * 500))


def test_a_fault_every_three_seconds_is_too_many_at_the_sixth() -> None:
    seen = over_after([(3000, 20)] * 8)
    assert seen.index(True) == 5
    assert all(seen[5:])


@given(st.integers(0, ticks.PERIOD - 1), st.integers(100, 10_000))
def test_it_is_over_for_a_bounded_time_also_where_ticks_wrap(start_ms: int, points: int) -> None:
    bucket = LeakyBucket(100, 40, start_ms)
    bucket.add(points, start_ms)
    now_ms = start_ms
    assert bucket.is_over(now_ms)
    for second in range(61):
        now_ms = ticks.add(now_ms, 1000)
        if not bucket.is_over(now_ms):
            assert second >= 59
            return
    raise AssertionError("it is over for ever")

"""How long a message has waited, whatever becomes of the time of day meanwhile."""

from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.watch.arrivals import STEP_MS, Arrivals
from tests.host.centre.deadline_world import FakeClock


def test_what_waited_while_the_time_of_day_was_set_is_as_old_as_it_is() -> None:
    clock = FakeClock()
    arrivals = Arrivals(clock.now(), clock.now().steady_ms)
    for step_s in (86_400, -86_400, -3_600, 7):
        clock.wait(60)
        before_ms = clock.now().wall_ms
        clock.wait(20)
        clock.set_forward(step_s)
        arrivals.look(clock.now())
        clock.wait(5)
        assert arrivals.waited_ms(before_ms, clock.now()) == 25_000
        assert arrivals.waited_ms(clock.now().wall_ms - 3_000, clock.now()) == 3_000


def test_what_came_while_the_receiver_was_down_is_as_old_as_it_is() -> None:
    clock = FakeClock()
    down = clock.now()
    clock.wait(600)
    arrivals = Arrivals(clock.now(), down.steady_ms)
    assert arrivals.waited_ms(down.wall_ms + 100_000, clock.now()) == 500_000


def test_a_time_that_no_clock_of_ours_has_said_tells_nothing() -> None:
    clock = FakeClock()
    arrivals = Arrivals(clock.now(), clock.now().steady_ms)
    for seconds in (-86_400, -30, 30, 86_400):
        assert arrivals.waited_ms(clock.now().wall_ms + seconds * 1000, clock.now()) is None


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(-400, 400)), max_size=300))
def test_a_clock_that_is_steered_makes_nothing_older_than_the_steering(
    steps: list[tuple[int, int]],
) -> None:
    clock = FakeClock()
    arrivals = Arrivals(clock.now(), clock.now().steady_ms)
    for waited_ms, steered_ms in steps:
        arrived_ms = clock.now().wall_ms
        clock.wait(waited_ms / 1000)
        clock.set_forward(steered_ms / 1000)
        found_ms = arrivals.waited_ms(arrived_ms, clock.now())
        assert found_ms is not None
        assert abs(found_ms - waited_ms) <= abs(steered_ms) < STEP_MS

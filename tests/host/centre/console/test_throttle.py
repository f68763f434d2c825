"""Guessing gets slower, and nobody is locked out by what others do."""

from nabij.centre.console.throttle import FREE, LONGEST_S, MOST, Throttle


def test_guessing_gets_slower_up_to_an_end() -> None:
    throttle, waits = Throttle(), []
    for _ in range(FREE + 12):
        throttle.failed("1.2.3.4", "smit", 0.0)
        waits.append(throttle.wait_s("1.2.3.4", "smit", 0.0))
    assert waits[:FREE] == [0.0] * FREE
    assert waits[FREE : FREE + 3] == [2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST_S
    assert throttle.wait_s("1.2.3.4", "smit", LONGEST_S) == 0.0


def test_whoever_guesses_elsewhere_does_not_lock_an_operator_out() -> None:
    throttle = Throttle()
    for _ in range(100):
        throttle.failed("6.6.6.6", "smit", 0.0)
    assert throttle.wait_s("1.2.3.4", "smit", 0.0) == 0.0
    # From there also other logins have to wait.
    assert throttle.wait_s("6.6.6.6", "bos", 0.0) > 0.0


def test_who_got_in_begins_anew() -> None:
    throttle = Throttle()
    for _ in range(FREE + 1):
        throttle.failed("1.2.3.4", "smit", 0.0)
    throttle.succeeded("1.2.3.4", "smit")
    assert throttle.wait_s("1.2.3.4", "smit", 0.0) == 0.0


def test_mistakes_of_long_ago_count_no_more() -> None:
    throttle = Throttle()
    for day in range(100):
        throttle.failed("1.2.3.4", "smit", day * 86_400.0)
        assert throttle.wait_s("1.2.3.4", "smit", day * 86_400.0) == 0.0


def test_made_up_logins_take_no_memory_without_end() -> None:
    throttle = Throttle()
    for number in range(MOST + 10):
        throttle.failed(f"10.0.{number // 256}.{number % 256}", "x", 0.0)
    throttle.failed("9.9.9.9", "y", 0.0)
    assert throttle.wait_s("10.0.0.0", "x", 0.0) == 0.0

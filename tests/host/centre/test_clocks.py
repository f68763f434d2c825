"""The receiver's two clocks, as the system has them, in whole milliseconds."""

from __future__ import annotations

import time

from nabij.centre.clocks import Clock


def test_both_clocks_are_those_of_the_system() -> None:
    clock = Clock()
    before_ms, steady_ms = time.time_ns() // 1_000_000, clock.now().steady_ms
    found = clock.now()
    assert before_ms <= found.wall_ms <= time.time_ns() // 1_000_000
    assert steady_ms <= found.steady_ms <= clock.now().steady_ms
    started = time.CLOCK_BOOTTIME if hasattr(time, "CLOCK_BOOTTIME") else time.CLOCK_MONOTONIC
    assert 0 <= time.clock_gettime(started) * 1000 - steady_ms < 60_000
    assert isinstance(found.steady_ms, int)
    assert isinstance(found.wall_ms, int)


def test_an_epoch_is_that_of_the_machine_or_the_process() -> None:
    assert Clock().now().epoch
    one = Clock()
    assert one.now().epoch == one.now().epoch

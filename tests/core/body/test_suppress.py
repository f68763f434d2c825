"""What silences which automatic alarm, and for how long at most."""

from __future__ import annotations

import pytest

from badge.core.alarm import kinds
from badge.core.body import suppress
from badge.core.body.suppress import Speed, Suppression

MAX_MS = 600_000
AUTOMATIC = (
    kinds.MAN_DOWN,
    kinds.REST,
    kinds.TILT,
    kinds.RIP,
    kinds.FLIGHT,
)


@pytest.mark.parametrize("reason", suppress.REASONS)
def test_nothing_silences_an_sos_a_check_in_or_an_amber(reason: str) -> None:
    suppression = Suppression(MAX_MS)
    suppression.set(reason, True)
    for kind in (kinds.SOS, kinds.CHECK_IN, kinds.AMBER, kinds.BATTERY):
        assert suppression.reason(kind) == ""


@pytest.mark.parametrize("reason", suppress.REASONS)
def test_every_reason_silences_rest_and_is_over_when_it_no_longer_holds(reason: str) -> None:
    suppression = Suppression(MAX_MS)
    assert suppression.set(reason, True)
    assert not suppression.set(reason, True)
    assert suppression.reason(kinds.REST) == reason == suppression.any_reason()
    assert suppression.set(reason, False)
    assert suppression.any_reason() == ""


@pytest.mark.parametrize("reason", [suppress.CHARGING, suppress.NOT_WORN, suppress.DRIVING])
def test_a_reason_silences_for_its_longest_time_and_says_when_that_is_over(reason: str) -> None:
    suppression = Suppression(MAX_MS)
    suppression.set(reason, True)
    said = [suppression.pass_time(60_000) for _ in range(30)]
    assert said == [None] * 9 + [reason] + [None] * 20
    assert suppression.holds(reason)
    assert suppression.reason(kinds.REST) == ""
    suppression.set(reason, False)
    suppression.set(reason, True)
    assert suppression.reason(kinds.REST) == reason


def test_a_shift_that_is_over_stays_over() -> None:
    suppression = Suppression(MAX_MS)
    suppression.set(suppress.SHIFT, True)
    assert {suppression.pass_time(600_000) for _ in range(500)} == {None}
    assert all(suppression.reason(kind) == suppress.SHIFT for kind in AUTOMATIC)


def test_a_crash_at_the_wheel_is_a_fall() -> None:
    suppression = Suppression(MAX_MS)
    suppression.set(suppress.DRIVING, True)
    heard = [kind for kind in AUTOMATIC if not suppression.reason(kind)]
    assert heard == [kinds.MAN_DOWN, kinds.RIP]


@pytest.mark.parametrize("start_ms", [0, 2**30 - 5000], ids=["at start", "over the tick wrap"])
def test_driving_takes_two_fast_fixes_and_ends_with_a_slow_one_or_with_none(start_ms: int) -> None:
    def at(ms: int) -> int:
        return (start_ms + ms) % 2**30

    speed = Speed(25)
    speed.measured(90, at(0))
    assert not speed.is_driving(at(1))
    speed.measured(40, at(10_000))
    assert speed.is_driving(at(10_001))
    assert speed.is_driving(at(69_000))
    assert not speed.is_driving(at(70_000))
    assert not speed.is_driving(at(70_001))
    for ms in (80_000, 85_000):
        speed.measured(25, at(ms))
    assert speed.is_driving(at(86_000))
    speed.measured(24, at(87_000))
    assert not speed.is_driving(at(87_001))


def test_fast_fixes_of_one_moment_are_one_error_of_the_receiver() -> None:
    speed = Speed(25)
    assert [speed.measured(90, ms) for ms in (0, 1000, 4999)] == [True] * 3
    assert not speed.is_driving(4999)
    # A slow one in between begins anew.
    assert not speed.measured(3, 5000)
    assert speed.measured(90, 5001)
    assert not speed.measured(90, 10_001)
    assert speed.is_driving(10_001)


def test_a_fast_fix_of_the_window_before_is_no_half_of_driving() -> None:
    speed = Speed(25)
    speed.measured(90, 0)
    assert speed.measured(90, 60_000)
    assert not speed.is_driving(60_000)


@pytest.mark.parametrize(("steps_ms", "at"), [([599_999, 1], 1), ([599_999, 5_000], 1)])
def test_what_has_lasted_too_long_is_said_at_the_first_look_after_it(
    steps_ms: list[int], at: int
) -> None:
    suppression = Suppression(MAX_MS)
    suppression.set(suppress.DRIVING, True)
    said = []
    for step_ms in steps_ms:
        assert suppression.reason(kinds.REST) == suppress.DRIVING
        said.append(suppression.pass_time(step_ms))
    assert said[at] == suppress.DRIVING
    assert suppression.reason(kinds.REST) == suppression.any_reason() == ""


def test_a_reason_holds_from_its_first_moment_to_its_end() -> None:
    suppression = Suppression(MAX_MS)
    assert not suppression.holds(suppress.CHARGING)
    suppression.set(suppress.CHARGING, True)
    assert suppression.holds(suppress.CHARGING)
    suppression.pass_time(1)
    assert suppression.holds(suppress.CHARGING)
    assert not suppression.holds(suppress.NOT_WORN)
    suppression.set(suppress.CHARGING, False)
    assert not suppression.holds(suppress.CHARGING)


def test_of_several_reasons_the_first_in_force_is_told() -> None:
    suppression = Suppression(MAX_MS)
    suppression.set(suppress.DRIVING, True)
    suppression.set(suppress.CHARGING, True)
    assert suppression.any_reason() == suppression.reason(kinds.TILT) == suppress.CHARGING
    assert suppression.reason(kinds.RIP) == suppress.CHARGING
    suppression.pass_time(MAX_MS)
    suppression.set(suppress.SHIFT, True)
    assert suppression.any_reason() == suppression.reason(kinds.TILT) == suppress.SHIFT


def test_a_clock_that_ran_back_forgets_a_speed() -> None:
    speed = Speed(25)
    for ms in (100_000, 105_000):
        speed.measured(90, ms)
    assert not speed.is_driving(104_000)

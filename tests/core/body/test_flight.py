"""The flight alarm: real running, raised at once, and once for each flight."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.body.flight import Flight
from badge.core.settings import config, fields
from nabij.detector.worn import Badge
from nabij.virtual.body_model import Body, Samples
from tests.core.body.wearers import closes_nothing

BODY = Body()
PROFILES = ("discreet", "pna11")
RUNS_MG, WALKS_MG, LIMIT_MG = 800, 250, 550
HOLD_S = 6
WALK_S = 30
SECONDS = st.lists(st.tuples(st.booleans(), st.integers(1, 80)), max_size=12)


def flown(seconds: list[bool]) -> tuple[Flight, list[int]]:
    """Through seconds of running (True) or not; the seconds in which an alarm was called for."""
    watched, met = Flight(), []
    for at_s, runs in enumerate(seconds):
        if watched.second(RUNS_MG if runs else WALKS_MG, LIMIT_MG, HOLD_S * 1000):
            met.append(at_s)
            assert watched.met
            watched.raised()
    return watched, met


def worn(*parts: Samples, **settings: object) -> Badge:
    chosen = config.Config.from_dict({"flight_alarm": True, **settings})
    return Badge(chosen).wear(np.concatenate([BODY.walking(WALK_S), *parts]))


@given(SECONDS)
def test_only_running_without_a_break_of_two_seconds_calls_for_an_alarm(
    stretches: list[tuple[bool, int]],
) -> None:
    seconds = [runs for runs, length in stretches for _ in range(length)]
    _, met = flown(seconds)
    for at_s in met:
        held = seconds[at_s - HOLD_S + 1 : at_s + 1]
        assert len(held) == HOLD_S
        assert held[0]
        assert held[-1]
        assert (False, False) not in pairwise(held)


@given(SECONDS)
def test_each_flight_calls_once_and_the_next_comes_after_a_minute_without_running(
    stretches: list[tuple[bool, int]],
) -> None:
    seconds = [runs for runs, length in stretches for _ in range(length)]
    _, met = flown(seconds)
    for first_s, next_s in pairwise(met):
        between = "".join("r" if runs else "." for runs in seconds[first_s:next_s])
        assert "." * 60 in between


@given(st.integers(0, 200), st.integers(HOLD_S, 100))
def test_running_for_the_hold_is_met_in_its_last_second(before_s: int, runs_s: int) -> None:
    _, met = flown([False] * before_s + [True] * runs_s)
    assert met == [before_s + HOLD_S - 1]


def test_what_nobody_raised_is_called_for_until_the_wearer_has_stood_for_a_minute() -> None:
    watched = Flight()
    for _ in range(HOLD_S):
        watched.second(RUNS_MG, LIMIT_MG, HOLD_S * 1000)
    for _ in range(60):
        watched.second(WALKS_MG, LIMIT_MG, HOLD_S * 1000)
        assert watched.met
    watched.second(WALKS_MG, LIMIT_MG, HOLD_S * 1000)
    assert not watched.met


@pytest.mark.requirement("R05")
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_who_runs_away_is_an_alarm_in_time_and_without_a_pre_alarm(
    profile: str, seed: int, shift: float
) -> None:
    # Running seldom begins with a second of the watch.
    badge = worn(BODY.standing(shift), Body(seed=seed).jogging(60), profile=profile)
    (alarm_s,) = badge.of("alarm")
    assert 0 < alarm_s - WALK_S - shift <= 10
    assert badge.of("alarm", "flight")
    assert not badge.of("pre_alarm")


@pytest.mark.parametrize("profile", PROFILES)
def test_off_by_default(profile: str) -> None:
    assert not config.defaults(profile).flight_alarm
    badge = worn(BODY.jogging(120), flight_alarm=False, profile=profile)
    assert not badge.of("alarm")
    assert not badge.of("flight.met")


def test_neither_walking_nor_a_hurried_dozen_steps_nor_a_ride_nor_a_seizure_is_flight() -> None:
    # Running here has 2.7 steps a second.
    hurries = [part for _ in range(5) for part in (BODY.jogging(4.5), BODY.walking(10))]
    quick = Body(step_hz=2.4, walk_mg=450)
    ride = [BODY.driving(60), BODY.speed_bump(), BODY.driving(60)]
    badge = worn(quick.walking(120), *hurries, *ride, BODY.faint(), BODY.seizure(40))
    assert not badge.of("alarm", "flight")


def test_one_flight_is_one_alarm_however_soon_the_centre_closes_it() -> None:
    badge = worn(BODY.jogging(60), BODY.walking(30), BODY.jogging(30), BODY.walking(40))
    assert len(badge.of("alarm", "flight")) == 1
    badge.wear(np.concatenate([BODY.walking(25), BODY.jogging(20)]))
    assert len(badge.of("alarm", "flight")) == 2


def test_a_flight_that_stays_open_is_not_called_for_again_by_a_short_walk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    badge = worn()
    monkeypatch.setattr(badge.keeper, "look", closes_nothing(badge))
    badge.wear(np.concatenate([BODY.jogging(20), BODY.walking(40)]))
    assert len(badge.of("alarm", "flight")) == 1


def test_who_falls_on_the_run_is_an_alarm_of_its_own() -> None:
    badge = worn(BODY.jogging(12), BODY.fall(), BODY.lying(40))
    kinds = [moment.kind for moment in badge.happened if moment.what == "alarm"]
    assert kinds[:2] == ["flight", "man_down"]


@pytest.mark.parametrize("reason", ["shift", "charging", "driving"])
def test_a_silenced_flight_is_logged_once_with_its_reason_and_raises_nothing(reason: str) -> None:
    badge = worn()
    if reason == "driving":
        for ago_ms in (5000, 0):
            badge.watch.speed(80, ticks.add(badge.now_ms, -ago_ms))
    else:
        setattr(badge, "is_off" if reason == "shift" else "is_on_charger", True)
    # On a cable for power the charger silences nothing any more after 12 s of walking.
    badge.wear(BODY.jogging(9))
    assert not badge.of("alarm")
    why = [(m.kind, m.fields["reason"]) for m in badge.happened if m.what == "mandown.suppressed"]
    assert why == [("flight", reason)]


def test_who_still_runs_when_the_silence_ends_is_an_alarm() -> None:
    badge = worn()
    badge.is_off = True
    badge.wear(BODY.jogging(20))
    badge.is_off = False
    badge.wear(BODY.jogging(8))
    assert len(badge.of("alarm", "flight")) == 1


def test_seconds_that_were_not_seen_are_not_running() -> None:
    badge = worn(BODY.jogging(3))
    badge.pass_time(30)
    badge.man_down.reset()
    badge.wear(BODY.standing(2)).wear(BODY.jogging(5))
    assert not badge.of("alarm")


def test_the_smallest_effort_of_the_setting_is_above_a_walk() -> None:
    least = next(row[3] for row in fields.FIELDS if row[0] == "flight_mg")
    assert not worn(BODY.walking(120), flight_mg=least).of("alarm")


def test_a_flight_is_logged_once_and_a_walk_never() -> None:
    assert not worn(BODY.walking(20)).of("flight.met")
    assert len(worn(BODY.jogging(30), BODY.walking(10)).of("flight.met")) == 1

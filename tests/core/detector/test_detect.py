"""What the detector says about motion, and that how the samples arrive does not matter."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import cycle, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core.detector import detect, evidence, params
from badge.core.settings import config
from tests.core.detector import motion, verifiers
from tests.core.detector.motion import LYING, RATE_HZ, UPRIGHT, Point, fall, impact, rest, words

PARAMS = params.build(config.defaults(), verifiers.PLAIN)


def _switched_on() -> array[int]:
    state = array("i", [0] * detect.STATE_WORDS)
    detect.reset(state)
    return state


def _events(
    points: Sequence[Point], state: array[int] | None = None, params: array[int] = PARAMS
) -> list[tuple[float, int]]:
    """Return (seconds since the start, event) for every event, fed 13 samples at a time."""
    state = state or _switched_on()
    found = []
    for start in range(0, len(points), 13):
        chunk = points[start : start + 13]
        bits = detect.step_block(state, words(chunk), len(chunk), params)
        at_s = (start + len(chunk)) / RATE_HZ
        found += [(at_s, bit) for bit in (1, 2, 4, 8, 16) if bits & bit]
    return found


def _kinds(points: Sequence[Point]) -> list[int]:
    return [bit for _, bit in _events(points)]


def test_a_fall_is_anchored_at_once_judged_after_two_and_a_half_and_confirmed_after_eight() -> (
    None
):
    (impact_s, first), (fall_s, second), (down_s, third) = _events(fall())
    assert (first, second, third) == (detect.EV_IMPACT, detect.EV_FALL, detect.EV_CONFIRMED)
    assert impact_s == pytest.approx(5.35, abs=0.15)
    assert fall_s - impact_s == pytest.approx(2.5, abs=0.13)
    assert down_s - impact_s == pytest.approx(8.0, abs=0.13)


@pytest.mark.parametrize("axes", list(permutations(range(3))))
@pytest.mark.parametrize("sign", [1, -1])
def test_a_fall_is_seen_whichever_way_the_badge_hangs(axes: tuple[int, ...], sign: int) -> None:
    turned = [(sign * p[axes[0]], sign * p[axes[1]], sign * p[axes[2]]) for p in fall()]
    assert _kinds(turned) == [detect.EV_IMPACT, detect.EV_FALL, detect.EV_CONFIRMED]


def test_somebody_who_gets_up_again_has_recovered() -> None:
    up_again = fall(lying_s=3.5) + rest(UPRIGHT, 8)
    assert _kinds(up_again) == [detect.EV_IMPACT, detect.EV_FALL, detect.EV_RECOVERED]


def test_a_hurt_person_who_moves_on_the_floor_is_still_down() -> None:
    squirm = rest(LYING, 0.5, sway_mg=100) + rest(LYING, 0.75)
    points = fall(lying_s=3) + squirm * 6
    assert _kinds(points) == [detect.EV_IMPACT, detect.EV_FALL, detect.EV_CONFIRMED]


@pytest.mark.parametrize(
    "after",
    [rest(UPRIGHT, 10), rest(LYING, 10, sway_mg=900)],
    ids=["a stumble", "tumbling on"],
)
def test_an_impact_without_rest_in_another_posture_is_rejected(after: list[Point]) -> None:
    kinds = _kinds(rest(UPRIGHT, 5) + impact(4000) + after)
    assert detect.EV_REJECTED in kinds
    assert detect.EV_FALL not in kinds


def test_lying_down_without_an_impact_says_nothing() -> None:
    assert _kinds(rest(UPRIGHT, 5) + rest(LYING, 10)) == []


def test_jogging_into_a_fall_anchors_at_the_fall() -> None:
    stride = rest(UPRIGHT, 0.3) + impact(2200)
    points = rest(UPRIGHT, 2) + stride * 12 + impact(5000) + rest(LYING, 10)
    events = _events(points)
    falls = [at for at, bit in events if bit == detect.EV_FALL]
    blow_s = (len(points) - 10 * RATE_HZ) / RATE_HZ
    assert falls == [pytest.approx(blow_s + 2.5, abs=0.2)]


def test_a_fall_soon_after_a_harder_jump_is_judged_too() -> None:
    points = rest(UPRIGHT, 5) + impact(6000) + rest(UPRIGHT, 1.7) + impact(3000)
    kinds = _kinds(points + rest(UPRIGHT, 0.5) + rest(LYING, 0.4, sway_mg=900) + rest(LYING, 10))
    assert kinds.count(detect.EV_FALL) == 1


def test_a_fall_in_the_first_seconds_after_switching_on_counts() -> None:
    assert detect.EV_FALL in _kinds(fall()[3 * RATE_HZ :])


def _stumbles_and_falls(apart_s: float, last: list[Point]) -> list[Point]:
    """A stumble that looks like a fall, and a likelier one so many seconds after it."""
    lies_a_moment = rest(LYING, 2.8, seed=2)
    up = rest(UPRIGHT, apart_s - 2.8, seed=3)
    return rest(UPRIGHT, 5) + impact(3000) + lies_a_moment + up + impact(6000) + last


ON_SIDE: Point = (0, 1000, 0)
# The harder the blow, the likelier the fall.
LIKELIER = params.build(
    config.defaults(),
    verifiers.table(
        [(evidence.E_TILT, 218), (evidence.E_SWING, 80)],
        [(evidence.E_TILT_DOWN, 218), (evidence.E_UP_AGAIN, 218)],
        gains=[(evidence.E_PEAK, 170)],
    ),
)


def test_a_stumble_then_a_fall_soon_after_is_one_fall_and_the_second() -> None:
    points = rest(UPRIGHT, 5) + impact(3000) + rest(LYING, 2.8, seed=2) + impact(6000)
    events = _events(points + rest(ON_SIDE, 12, seed=4), params=LIKELIER)
    kinds = [bit for _, bit in events if bit not in (detect.EV_IMPACT, detect.EV_REJECTED)]
    assert kinds == [detect.EV_FALL, detect.EV_CONFIRMED]
    # 8 s after the harder blow, which is less than 11 s after the first.
    assert events[-1][0] == pytest.approx(5 + 2.8 + 8, abs=0.3)


def test_a_likelier_fall_that_comes_later_is_a_fall_of_its_own() -> None:
    points = _stumbles_and_falls(5, rest(ON_SIDE, 14, seed=4))
    events = [
        (at, bit)
        for at, bit in _events(points, params=LIKELIER)
        if bit not in (detect.EV_IMPACT, detect.EV_REJECTED)
    ]
    assert [bit for _, bit in events] == [
        detect.EV_FALL,
        detect.EV_RECOVERED,
        detect.EV_FALL,
        detect.EV_CONFIRMED,
    ]
    stumble_s, fall_s = 5.05, 10.1
    assert events[1][0] == pytest.approx(stumble_s + 8, abs=0.3)
    assert events[3][0] == pytest.approx(fall_s + 8, abs=0.3)


def test_who_stays_down_is_one_fall_however_he_is_shaken_after_it() -> None:
    lies = rest(LYING, 4, seed=2)
    points = rest(UPRIGHT, 5) + impact(3000) + lies + impact(6000) + rest(LYING, 14, seed=4)
    kinds = [bit for _, bit in _events(points, params=LIKELIER)]
    assert kinds.count(detect.EV_FALL) == kinds.count(detect.EV_CONFIRMED) == 1
    assert detect.EV_RECOVERED not in kinds


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([UPRIGHT, LYING, (600, 0, 800)]), st.integers(0, 60)),
        min_size=10,
        max_size=60,
    )
)
def test_a_verdict_comes_at_most_11_s_after_the_first_impact_that_was_judged(
    blows: list[tuple[Point, int]],
) -> None:
    points = rest(UPRIGHT, 5)
    for posture, strength in blows:
        points += impact(1000 + 100 * strength) + rest(posture, 1.0)
    points += rest(UPRIGHT, 12)
    state = _switched_on()
    first_clock = None
    for start in range(0, len(points), 13):
        chunk = points[start : start + 13]
        bits = detect.step_block(state, words(chunk), len(chunk), LIKELIER)
        if bits & (detect.EV_CONFIRMED | detect.EV_RECOVERED):
            assert first_clock is not None
            first_clock = None
        if bits & detect.EV_FALL:
            assert first_clock is None
            first_clock = state[detect.S_FALL_CLOCK]
        if first_clock is not None:
            assert state[detect.S_CLOCK] - first_clock <= 11 * RATE_HZ
    assert first_clock is None


def test_two_falls_are_two_falls() -> None:
    assert _kinds(fall() + fall()).count(detect.EV_FALL) == 2


def test_the_state_says_why() -> None:
    state = _switched_on()
    points = fall(peak_mg=4000)
    detect.step_block(state, words(points), len(points), PARAMS)
    assert state[detect.S_CLOCK] == len(points)
    assert params.milli_g_of(state[detect.S_PEAK_Q]) == pytest.approx(4000, abs=2)
    assert params.degrees_of(state[detect.S_TILT_COS]) == pytest.approx(90, abs=2)
    assert state[detect.S_ANCHOR_CLOCK] / RATE_HZ == pytest.approx(5.35, abs=0.15)


def test_the_sample_clock_and_the_block_number_wrap_without_an_effect() -> None:
    state = _switched_on()
    detect.step_block(state, words(rest(UPRIGHT, 5)), 5 * RATE_HZ, PARAMS)
    late = state[:]
    late[detect.S_CLOCK] = 2**30 - 400
    late[detect.S_BLOCKS] += 2**30 - 64
    points = fall()
    kinds = [bit for _, bit in _events(points, state)]
    assert [bit for _, bit in _events(points, late)] == kinds
    assert late[detect.S_CLOCK] == len(points) - 400


SAMPLE = st.one_of(
    st.integers(-32768, 32767), st.sampled_from([-32768, 32767, 0, 1000, -1000, 2500])
)
SEGMENT = st.tuples(st.tuples(SAMPLE, SAMPLE, SAMPLE), st.integers(1, 300))


@settings(max_examples=60, deadline=None)
@given(
    segments=st.lists(SEGMENT, min_size=1, max_size=8),
    cuts=st.lists(st.integers(0, 90), min_size=1, max_size=12).filter(any),
)
def test_any_motion_keeps_the_state_in_range_and_any_cutting_gives_the_same(
    segments: list[tuple[Point, int]], cuts: list[int]
) -> None:
    points = [point for point, n in segments for _ in range(n)]
    whole, pieces = _switched_on(), _switched_on()
    expected = detect.step_block(whole, words(points), len(points), PARAMS)
    got, at = 0, 0
    for n in cycle(cuts):
        part = points[at : at + n]
        got |= detect.step_block(pieces, words(part), len(part), PARAMS)
        at += n
        if at >= len(points):
            break
    assert (got, pieces) == (expected, whole)
    assert min(whole) >= 0
    assert max(whole) < 2**30


def test_a_dead_sensor_never_falls() -> None:
    assert _kinds([(0, 0, 0)] * 2000) == []


def test_the_made_up_fall_is_at_the_rate_of_the_detector() -> None:
    assert motion.RATE_HZ == detect.RATE_HZ

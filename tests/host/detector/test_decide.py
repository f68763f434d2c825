"""Whole recordings through the kernel: what is seen, what counts, and how a short one ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core.detector import detect
from badge.core.settings import config
from nabij.detector import decide, engines
from nabij.detector.decide import Decision, Fall, Samples
from tests.core.detector.motion import LYING, UPRIGHT, Point, fall, impact, rest

PARAMS = decide.params_of(config.defaults())
BLOCK = detect.BLOCK_SAMPLES


def _acc(points: list[Point]) -> Samples:
    return np.array(points, np.int16)


def _alarms(points: list[Point]) -> list[Fall]:
    acc = _acc(points)
    return decide.alarms(decide.falls(decide.decide(acc, PARAMS), len(acc)), gets_up=False)


def _plain(events: list[Decision]) -> list[tuple[int, ...]]:
    return [
        (event.at, event.bits, event.anchor, event.peak_mg, *(event.words or []))
        if event.words is None
        else (event.at, event.bits, event.anchor, event.peak_mg, *event.words.tolist())
        for event in events
    ]


def test_a_fall_is_judged_after_the_decision_time_and_then_confirmed() -> None:
    (alarm,) = _alarms(fall())
    blow = round(5.3 * detect.RATE_HZ)
    assert blow <= alarm.impact <= blow + 2 * BLOCK
    assert (alarm.judged - alarm.impact) / detect.RATE_HZ == pytest.approx(2.5, abs=0.13)
    assert alarm.settled is not None
    assert (alarm.settled - alarm.impact) / detect.RATE_HZ == pytest.approx(8, abs=0.13)


def test_a_fall_that_was_taken_back_counts_only_where_the_person_is_said_to_get_up() -> None:
    events = [
        Decision(800, detect.EV_FALL, 540),
        Decision(813, detect.EV_REJECTED, 600),
        Decision(1372, detect.EV_RECOVERED, 540),
        Decision(2300, detect.EV_FALL, 2040),
        Decision(2872, detect.EV_CONFIRMED, 2040),
    ]
    found = decide.falls(events, 3000)
    assert found == [Fall(540, 800, 1372, kept=False), Fall(2040, 2300, 2872, kept=True)]
    assert decide.alarms(found, gets_up=False) == found[1:]
    assert decide.alarms(found, gets_up=True) == found


def test_a_fall_without_a_verdict_is_the_alarm_that_the_badge_would_raise() -> None:
    found = decide.falls([Decision(800, detect.EV_FALL, 540)], 3000)
    assert found == [Fall(540, 800)]
    assert decide.alarms(found, gets_up=False) == found


@pytest.mark.parametrize(("samples", "counts"), [(527, 0), (528, 1)])
def test_a_fall_counts_if_the_block_of_its_impact_begins_within_the_recording(
    samples: int, counts: int
) -> None:
    assert len(decide.falls([Decision(800, detect.EV_FALL, 540)], samples)) == counts


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        ("Fall F, walking, trip, rec", True),
        ("Fall F, walking, slip, rot, rec", True),
        ("Fall B, walking, slip", False),
        ("Falls while recording", False),
        ("correct transfer", False),
        ("Slips, gets up", True),
    ],
)
def test_which_activities_end_with_getting_up(activity: str, expected: bool) -> None:
    assert decide.gets_up_again(activity) is expected


@pytest.mark.parametrize("lying_s", [1.2, 2.4, 4, 7.9])
def test_a_recording_that_ends_soon_after_the_fall_is_still_settled(lying_s: float) -> None:
    (alarm,) = _alarms(fall(lying_s=lying_s))
    assert alarm.kept is True


def test_a_recording_that_ends_in_motion_goes_on_in_motion() -> None:
    jogging = (impact(2600) + rest(UPRIGHT, 0.3, sway_mg=400)) * 20
    assert not _alarms(rest(UPRIGHT, 5) + jogging)


def test_a_blow_of_the_tail_alone_is_no_alarm() -> None:
    # The blow is at the very end: the tail brings it back again and again.
    points = rest(UPRIGHT, 8) + impact(1900) + rest(UPRIGHT, 0.2)
    eager = config.Config.from_dict({"fall_points": -1000, "down_points": -1000})
    events = decide.decide(_acc(points), decide.params_of(eager))
    judged = [event.anchor for event in events if event.bits & detect.EV_FALL]
    assert len(judged) == 2
    (counted,) = decide.falls(events, len(points))
    assert (counted.impact, counted.kept) == (judged[0], True)


@given(st.integers(1, 500))
@settings(max_examples=60, deadline=None)
def test_the_tail_turns_back_and_forth_over_the_last_second(samples: int) -> None:
    acc = np.arange(3 * samples, dtype=np.int16).reshape(-1, 3)
    longer = decide.with_tail(acc, PARAMS)
    assert len(longer) == samples + decide.tail_samples(PARAMS)
    assert (longer[:samples] == acc).all()
    index = longer[:, 0] // 3
    assert index[samples:].min() == max(0, samples - 1 - detect.RATE_HZ)
    # Never a jump: each sample is next to the one before, as in the recording.
    steps = np.abs(np.diff(index[samples - 1 :]))
    assert (steps == (1 if samples > 1 else 0)).all()


def test_nothing_is_decided_about_nothing() -> None:
    empty = np.zeros((0, 3), np.int16)
    assert decide.decide_many(empty, np.array([0]), PARAMS) == []
    assert decide.decide_many(empty, np.array([0, 0, 0]), PARAMS) == [[], []]
    assert len(decide.with_tail(empty, PARAMS)) == 0


def test_a_recording_is_judged_the_same_alone_and_among_others() -> None:
    recordings = [
        _acc(points)
        for points in (fall(), rest(LYING, 3), fall(9000, 2), rest(UPRIGHT, 7) + impact(3000))
    ]
    recordings.insert(2, np.zeros((0, 3), np.int16))
    acc, offsets = decide.concatenate(recordings)
    together = decide.decide_many(acc, offsets, PARAMS)
    alone = [decide.decide(recording, PARAMS) for recording in recordings]
    assert [_plain(events) for events in together] == [_plain(events) for events in alone]
    assert any(together)


def test_more_decisions_than_fit_at_once_are_all_told() -> None:
    recordings = [_acc(fall(3000 + k)) for k in range(12)]
    acc, offsets = decide.concatenate(recordings)
    whole = [_plain(events) for events in decide.decide_many(acc, offsets, PARAMS)]
    few = decide.decide_many(acc, offsets, PARAMS, table_rows=1)
    assert [_plain(events) for events in few] == whole


@given(st.integers(0, 2**32 - 1), st.integers(1, 1500))
@settings(max_examples=25, deadline=None)
def test_the_decisions_are_those_of_the_plain_kernel_over_recording_and_tail(
    seed: int, samples: int
) -> None:
    rng = np.random.default_rng(seed)
    acc = _acc(fall()[:samples])
    acc += rng.integers(-300, 300, acc.shape, dtype=np.int16)
    state = engines.new_state().tolist()
    longer = decide.with_tail(acc, PARAMS)
    expected = []
    for at in range(0, len(longer) - BLOCK + 1, BLOCK):
        words = engines.words(longer[at : at + BLOCK]).tolist()
        anchor = state[detect.S_ANCHOR_CLOCK]
        bits = detect.step_block(state, words, BLOCK, PARAMS.tolist()) & ~detect.EV_IMPACT
        if bits:
            expected.append(Decision(at + BLOCK, bits, anchor))
    events = decide.decide(acc, PARAMS)
    found = [(event.at, event.bits) for event in events]
    # Once nothing is open in the tail, what follows cannot count and is not looked at.
    assert found == [(event.at, event.bits) for event in expected[: len(found)]]
    assert decide.falls(events, samples) == decide.falls(expected, len(acc))

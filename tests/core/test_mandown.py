"""Man-down turns what the detector says into events of the alarm's life cycle."""

from __future__ import annotations

from array import array

import pytest

from badge.core import alarm, config, detect
from badge.core.mandown import ManDown
from tests.core.motion import RATE_HZ, UPRIGHT, Point, fall, rest, words

CHUNK = 26


def _live(down: ManDown, points: list[Point], start_ms: int = 0) -> list[tuple[int, int]]:
    """Feed as the badge does and return (ms since the start, alarm event)."""
    found = []
    for at in range(0, len(points), CHUNK):
        chunk = points[at : at + CHUNK]
        elapsed_ms = (at + len(chunk)) * 1000 // RATE_HZ
        now_ms = (start_ms + elapsed_ms) % 2**30
        bits = down.feed(words(chunk), len(chunk))
        found += [(elapsed_ms, event) for event in down.on_events(bits, now_ms)]
    return found


@pytest.mark.requirement("R01")
@pytest.mark.parametrize("start_ms", [0, 2**30 - 9000], ids=["at start", "over the tick wrap"])
def test_a_fall_raises_the_condition_once_with_its_evidence(start_ms: int) -> None:
    down = ManDown(config.defaults())
    ((at_ms, event),) = _live(down, fall(peak_mg=5000), start_ms)
    assert event == alarm.EV_CONDITION
    assert 7500 <= at_ms <= 8400
    assert down.peak_mg == pytest.approx(5000, abs=2)
    assert down.tilt_deg == pytest.approx(90, abs=3)


def test_getting_up_within_the_pre_alarm_clears_it() -> None:
    points = fall(lying_s=3.5) + rest(UPRIGHT, 8)
    events = [event for _, event in _live(ManDown(config.defaults()), points)]
    assert events == [alarm.EV_CONDITION, alarm.EV_CLEAR]


@pytest.mark.parametrize("start_ms", [0, 2**30 - 9000], ids=["at start", "over the tick wrap"])
def test_getting_up_after_the_pre_alarm_clears_nothing(start_ms: int) -> None:
    settings = config.Config.from_dict({"prealarm_ms": 3000})
    points = fall(lying_s=3.5) + rest(UPRIGHT, 8)
    events = [event for _, event in _live(ManDown(settings), points, start_ms)]
    assert events == [alarm.EV_CONDITION]


def test_rolling_over_with_a_knock_does_not_clear_a_fall_that_was_confirmed() -> None:
    on_back, on_side = (0, 1000, 0), (1000, 0, 0)
    rolls = [*[(3000, 0, 500)] * 6, *rest(on_side, 3.2), *rest(on_back, 10)]
    points = [*rest(UPRIGHT, 20), *[(0, 500, 3500)] * 6, *rest(on_back, 8.5), *rolls]
    events = [event for _, event in _live(ManDown(config.defaults()), points)]
    # The second condition is refused while the pre-alarm of the first is running.
    assert events == [alarm.EV_CONDITION, alarm.EV_CONDITION]


def test_the_impact_can_be_found_in_the_ring() -> None:
    down = ManDown(config.defaults())
    points = fall()[: 8 * RATE_HZ]
    _live(down, points)
    blow = round(5.3 * RATE_HZ)
    assert 0 <= len(points) - down.samples_since_impact() - blow <= 2 * detect.BLOCK_SAMPLES


def test_a_reset_forgets_the_posture() -> None:
    down = ManDown(config.defaults())
    _live(down, rest(UPRIGHT, 5))
    down.reset()
    assert _live(down, fall()[5 * RATE_HZ :]) == []


def test_a_chunk_that_claims_more_than_it_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer samples"):
        ManDown(config.defaults()).feed(array("H", [0, 0, 1000]), 2)

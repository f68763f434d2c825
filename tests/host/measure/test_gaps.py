"""A gap is measured as the badge lives through it."""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np
import pytest

from badge.core.body.man_down import ManDown
from badge.core.detector import detect, gap
from nabij.data import bundles
from nabij.data.bundles import Trial
from nabij.detector import decide
from nabij.measure import gaps
from nabij.replay import settings

_DECISIONS = detect.EV_FALL | detect.EV_CONFIRMED | detect.EV_RECOVERED | detect.EV_REJECTED


def lived(samples: decide.Samples, at: int, length: int) -> list[tuple[int, int]]:
    """The decisions of the badge's own man-down, that has none of the samples in the gap."""
    words = array("H", samples.view(np.uint16).reshape(-1).tolist())
    down = ManDown(settings.load("neck").config)
    found = []

    def feed(part: array[int], done: int) -> int:
        bits = down.feed(part, len(part) // 3)
        done += len(part) // 3
        if bits & _DECISIONS:
            found.append((done, bits & _DECISIONS))
        return done

    done = 0
    while done < len(samples):
        if done == at:
            shaken = words[3 * max(0, at - gap.SHAKEN_SAMPLES) : 3 * at]
            after = words[3 * (at + length) : 3 * (at + length + 1)]
            down.bridge(words[3 * at - 3 : 3 * at], after, length, shaken, len(shaken) // 3)
            while done < at + length:
                n = min(down.room(), at + length - done)
                part = array("H", bytes(6 * n))
                down.fill_gap(part, done - at, n)
                done = feed(part, done)
        room = min(down.room(), (at if done < at else len(samples)) - done)
        done = feed(words[3 * done : 3 * (done + room)], done)
    return found


def measured(trial: Trial, at: int, length: int) -> list[tuple[int, int]]:
    data = gaps.gather([trial], "neck")
    first = np.array([at])
    samples = gaps.with_gaps(data, first, length)
    fewer = gaps.doubt(data, [(first, length)])
    events = decide.decide_many(samples, data.offsets, data.params, fewer=fewer)[0]
    return [(event.at, event.bits & _DECISIONS) for event in events if event.at <= len(samples)]


@pytest.fixture(scope="module")
def trials(data_dir: Path) -> list[Trial]:
    """A few recorded falls."""
    rows = bundles.load_bundle(data_dir / "fallalld").rows
    return [one for one in rows if one.is_fall and one.placement == "neck"][::200]


@pytest.mark.parametrize(("after_s", "length"), [(-1.0, 1), (-0.1, 32), (0.2, 13), (2.4, 32)])
def test_the_measure_lives_through_a_gap_as_the_badge_does(
    trials: list[Trial], after_s: float, length: int
) -> None:
    assert len(trials) > 1
    for trial in trials:
        samples = gaps.gather([trial], "neck").samples
        hardest = int(np.argmax((samples.astype(np.int64) ** 2).sum(1)))
        at = hardest + round(after_s * detect.RATE_HZ)
        assert lived(samples, at, length) == measured(trial, at, length)

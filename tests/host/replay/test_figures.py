"""The statistics against published examples and against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.detector import detect
from nabij.data.bundles import Trial
from nabij.detector.decide import Decision
from nabij.replay import figures
from nabij.replay.outcome import Outcome, judge
from nabij.replay.text import percent

SAMPLES = 3744
HOUR_SHARE = SAMPLES / detect.RATE_HZ / 3600


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_the_published_examples(
    hits: int, of: int, low: float, high: float
) -> None:
    assert figures.wilson(hits, of) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 5000), st.data())
def test_wilson_holds_the_rate_and_mirrors(of: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, of))
    found, mirrored = figures.wilson(hits, of), figures.wilson(of - hits, of)
    assert found is not None
    assert mirrored is not None
    assert 0 <= found[0] <= hits / of <= found[1] <= 1
    assert found[0] == pytest.approx(1 - mirrored[1], abs=1e-12)


def test_of_nothing_there_is_no_interval() -> None:
    assert figures.wilson(0, 0) is None


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Garwood, Biometrika 28 (1936), as in Ulm, Am. J. Epidemiol. 131 (1990), table 1.
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.624, 11.668), (10, 4.795, 18.390)],
)
def test_the_interval_of_a_count_agrees_with_the_published_table(
    count: int, low: float, high: float
) -> None:
    assert figures.poisson(count) == pytest.approx((low, high), abs=6e-4)


@given(st.integers(0, 3000))
def test_the_interval_of_a_count_holds_it(count: int) -> None:
    low, high = figures.poisson(count)
    assert low <= count <= high


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (1, 9, 22 / 1024),
        (0, 6, 2 / 64),
        # Fagerland, Lydersen, Laake, BMC Med. Res. Methodol. 13:91 (2013): exact conditional.
        (1, 7, 18 / 256),
    ],
)
def test_mcnemar_is_the_exact_binomial(first: int, second: int, p: float) -> None:
    assert figures.mcnemar(first, second) == pytest.approx(p)
    assert figures.mcnemar(second, first) == pytest.approx(p)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_a_probability_even_of_many(first: int, second: int) -> None:
    p = figures.mcnemar(first, second)
    assert 0 < p <= 1 or (p == 0 and abs(first - second) > 300)
    assert math.isfinite(p)


def test_each_fall_judged_in_daily_life_is_a_pre_alarm_that_its_wearer_feels() -> None:
    of = figures.Figures()
    of.add(_outcome(is_fall=False, judged=(600, 3000)))
    of.add(_outcome(is_fall=False, judged=()))
    assert (of.pre_alarms, of.false_alarms) == (2, 0)
    assert of.pre_alarms_per_hour == pytest.approx(2 / (2 * HOUR_SHARE))


def test_pre_alarms_of_falls_are_not_those_of_daily_life() -> None:
    of = figures.Figures()
    of.add(_outcome(is_fall=True, judged=(600,)))
    assert (of.pre_alarms, of.pre_alarms_per_hour) == (0, None)


def _outcome(*, is_fall: bool, judged: tuple[int, ...]) -> Outcome:
    """A recording in which falls were judged at these samples, and all taken back."""
    acc = np.zeros((SAMPLES, 3), np.int16)
    trial = Trial(
        bundle="made",
        data_set="made",
        trial_id="one",
        subject="S01",
        activity_code="",
        activity="any",
        is_fall=is_fall,
        rate_hz=104.0,
        placement="neck",
        npz="",
        start=0,
        length=SAMPLES,
        extra={},
        samples=acc,
    )
    events = []
    for at in judged:
        events.append(Decision(at, detect.EV_FALL, at - 260))
        events.append(Decision(at + 572, detect.EV_RECOVERED, at - 260))
    return judge(trial, acc, events)


@given(st.integers(1, 100_000), st.data())
def test_a_share_is_printed_as_all_or_none_only_when_it_is(of: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, of) | st.sampled_from((0, 1, of - 1, of)))
    printed = float(percent(hits / of, figures.wilson(hits, of)).split()[0])
    assert (printed == 100.0, printed == 0.0) == (hits == of, hits == 0)
    assert printed == pytest.approx(100 * hits / of, abs=0.1)

"""The shipped detector on recorded falls and daily life (private data, skipped when absent).

It was fitted to these people, so this only guards against a detector that is broken;
`make accuracy` has the figures that count.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from badge.core.detector import detect
from badge.core.settings import config
from nabij.data import bundles
from nabij.detector import decide, sampling
from nabij.replay import settings
from nabij.replay.outcome import judge

PARAMS = decide.params_of(config.defaults())
# The default preset judges no fall in those who run here, and this asks about verdicts.
KEEN = decide.params_of(settings.load("neck:5").config)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bundle", "subjects", "placement"),
    [("fallalld", ("S02", "S05"), "neck"), ("sisfall", ("SA02", "SA07"), "waist")],
)
def test_recorded_falls_are_told_from_daily_life(
    data_dir: Path, bundle: str, subjects: tuple[str, ...], placement: str
) -> None:
    trials = [
        trial
        for trial in bundles.load_bundle(data_dir / bundle).rows
        if trial.subject in subjects and trial.placement == placement
    ]
    samples, offsets = decide.concatenate([bundles.samples_104(trial) for trial in trials])
    events = decide.decide_many(samples, offsets, PARAMS)
    spans = [slice(start, end) for start, end in itertools.pairwise(offsets)]
    outcomes = [
        judge(*one) for one in zip(trials, [samples[s] for s in spans], events, strict=True)
    ]
    falls = [one.alarms != [] for one in outcomes if one.trial.is_fall]
    others = [one.alarms == [] for one in outcomes if not one.trial.is_fall]
    assert sum(falls) / len(falls) >= 0.93
    # One of the two people turns over in a bed as others fall: 9 of the 11 alarms of both.
    assert sum(others) / len(others) >= 0.95


# Who runs or hops after a minute of walking keeps giving the detector likelier impacts.
@pytest.mark.parametrize(
    ("bundle", "trial_ids", "walk_id"),
    [
        ("dsa_torso", ("a12_p2", "a12_p3"), "a10_p2"),
        ("umafall", ("S12_ADL_Hopping_3_2016-06-04_21-52-31_chest",), None),
    ],
)
def test_each_fall_that_is_judged_has_its_verdict_within_11_seconds(
    data_dir: Path, bundle: str, trial_ids: tuple[str, ...], walk_id: str | None
) -> None:
    rows = bundles.load_bundle(data_dir / bundle).rows
    verdicts = 0
    for trial in (row for row in rows if row.trial_id in trial_ids):
        walks = [
            row
            for row in rows
            if (row.subject, row.placement) == (trial.subject, trial.placement)
            and (row.trial_id == walk_id or "walk" in row.activity.lower())
            and not row.is_fall
        ]
        walk = sampling.measured(bundles.samples_104(walks[0]))
        walk = np.concatenate([walk] * 8)[: 64 * detect.RATE_HZ]
        acc = np.concatenate([walk, sampling.measured(bundles.samples_104(trial))])
        for fall in decide.falls(decide.decide(acc, KEEN), len(acc)):
            assert fall.settled is not None
            assert fall.settled - fall.impact <= 11 * detect.RATE_HZ
            verdicts += 1
    assert verdicts

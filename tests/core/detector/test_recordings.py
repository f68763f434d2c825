"""The shipped detector on recorded falls and daily life (private data, skipped when absent).

It was fitted to these people, so this only guards against a detector that is broken;
`make accuracy` has the figures that count.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from badge.core.settings import config
from nabij.data import bundles
from nabij.detector import decide
from nabij.replay.outcome import judge


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
    events = decide.decide_many(samples, offsets, decide.params_of(config.defaults()))
    spans = [slice(start, end) for start, end in itertools.pairwise(offsets)]
    outcomes = [
        judge(*one) for one in zip(trials, [samples[s] for s in spans], events, strict=True)
    ]
    falls = [one.alarms != [] for one in outcomes if one.trial.is_fall]
    others = [one.alarms == [] for one in outcomes if not one.trial.is_fall]
    assert sum(falls) / len(falls) >= 0.93
    assert sum(others) / len(others) >= 0.96

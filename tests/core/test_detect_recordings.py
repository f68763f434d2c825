"""Recorded falls and daily life: a floor under what the default thresholds achieve.

`make accuracy` is the place for figures; this only notices a detector that broke. Two subjects
of each set, linear interpolation, and no recording leaves its folder.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from badge.core import config, detect, detector_params
from nabij import engines


def _at_rate(acc: NDArray[np.int16], rate_hz: float) -> NDArray[np.int16]:
    times = np.arange(int(len(acc) * detect.RATE_HZ / rate_hz)) * (rate_hz / detect.RATE_HZ)
    axes = [np.interp(times, np.arange(len(acc)), acc[:, axis]) for axis in range(3)]
    at_rate: NDArray[np.int16] = np.rint(np.stack(axes, axis=1)).astype(np.int16)
    return at_rate


def _rates(folder: Path, subjects: tuple[str, ...], placement: str) -> tuple[float, float]:
    """Return sensitivity and specificity by trial."""
    step_block = engines.step_block("numba")
    params = np.array(detector_params.build(config.defaults()), np.int32)
    with (folder / "index.csv").open() as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["subject"] in subjects and row["placement"] == placement
        ]
    files = {name: np.load(folder / name)["acc"] for name in {row["npz"] for row in rows}}
    right: dict[str, list[bool]] = {"0": [], "1": []}
    for row in rows:
        start = int(row["start"])
        acc = files[row["npz"]][start : start + int(row["length"])]
        words = engines.words(_at_rate(acc, float(row["rate_hz"])))
        bits = step_block(engines.new_state(), words, len(words) // 3, params)
        right[row["is_fall"]].append(bool(bits & detect.EV_FALL) == (row["is_fall"] == "1"))
    return float(np.mean(right["1"])), float(np.mean(right["0"]))


@pytest.mark.parametrize(
    ("bundle", "subjects", "placement"),
    [("fallalld", ("S02", "S05"), "neck"), ("sisfall", ("SA02", "SA07"), "waist")],
)
def test_recorded_falls_are_told_from_daily_life(
    data_dir: Path, bundle: str, subjects: tuple[str, ...], placement: str
) -> None:
    sensitivity, specificity = _rates(data_dir / bundle, subjects, placement)
    assert sensitivity >= 0.85
    assert specificity >= 0.85

"""Runs an importer on files in a published layout, and finds the original recordings."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nabij.data import importing
from nabij.data.bundles import Bundle, load_bundle
from nabij.detector.sampling import Samples


def imported(key: str, path: Path, target: Path, **options: Any) -> tuple[Bundle, list[str]]:
    """The bundle that an import makes, and the sentences it said."""
    report = importing.run(importing.Request(key, path, target, **options))
    bundle = load_bundle(target)
    assert report.counts["recordings"] == len(bundle.rows)
    return bundle, list(report.problems)


def originals(data_dir: Path, name: str) -> Path:
    """The folder with a few original files of a set; skips when there is none."""
    folder = data_dir / name / "raw_sample"
    if not folder.is_dir():
        pytest.skip(f"no original files of {name} here")
    return folder


def placed(files: list[Path], folder: Path) -> Path:
    """Put files where their publisher has them, by links."""
    folder.mkdir(parents=True)
    for file in files:
        (folder / file.name).symlink_to(file)
    return folder


def assert_as_reference(bundle: Bundle, data_dir: Path, name: str) -> None:
    """Every recording must equal the reference bundle's, to the last milli-g."""
    with (data_dir / name / "index.csv").open(newline="", encoding="utf-8") as file:
        index = {(row["trial_id"], row["placement"]): row for row in csv.DictReader(file)}
    for row in bundle.rows:
        expected = index[row.trial_id, row.placement]
        assert row.subject == expected["subject"]
        assert row.activity_code == expected["activity_code"]
        assert row.activity == expected["activity"]
        assert str(int(row.is_fall)) == expected["is_fall"]
        assert row.rate_hz == float(expected["rate_hz"])
        assert np.array_equal(row.samples, _cut(data_dir / name, expected))
        # Unrounded |a| there, of rounded axes here.
        for column in ("peak_mg", "min_mg", "rest_mg"):
            if expected[column]:
                assert float(row.extra[column]) == pytest.approx(float(expected[column]), abs=2)


def _cut(folder: Path, row: dict[str, str]) -> Samples:
    start = int(row["start"])
    with np.load(folder / row["npz"]) as arrays:
        samples: Samples = arrays["acc"][start : start + int(row["length"])]
    return samples

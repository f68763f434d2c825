"""Files without a clock: a column that counts samples shows which are missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Recorded, Told
from nabij.data.own.recording import read_own
from nabij.data.parts import recorded
from tests.host.data.tables import walk

ACC = walk(1200)
AT_100_HZ = Told(rate_hz=100)


def parts(
    folder: Path, counts: list[int], rows: list[int], told: Told = AT_100_HZ, above: str = ""
) -> tuple[list[Recorded], str]:
    """The recordings in a table with such numbers, and what its time was taken for."""
    lines = [f"{above}frame,x,y,z"]
    for count, row in zip(counts, ACC[rows].tolist(), strict=True):
        lines.append(",".join([str(count), *(f"{value:.4f}" for value in row)]))
    (folder / "one.csv").write_text("\n".join(lines) + "\n")
    own = read_own(folder / "one.csv", "one.csv", told)
    found = recorded("one.csv", own.rules, own.logged("one"))
    return [one for one in found if isinstance(one, Recorded)], own.taken.time


def without(first: int, last: int) -> list[int]:
    return [at for at in range(1200) if not first <= at < last]


@pytest.mark.parametrize("above", ["", "Sample rate: 100 Hz\n"])
def test_what_the_counter_leaves_out_is_bridged_and_told(tmp_path: Path, above: str) -> None:
    rows = without(500, 505)
    told = Told() if above else AT_100_HZ
    (one,), time = parts(tmp_path, [at + 7 for at in rows], rows, told, above)
    assert time.startswith("'frame', which counts samples; 100 Hz ")
    assert (one.rate_hz, len(one.acc_mg)) == (100, 1200)
    assert np.abs(one.acc_mg[505:] - ACC[505:] * 1000).max() < 0.1
    assert any("lost samples, bridged by a straight line: 5" in note for note in one.notes)


def test_a_long_loss_splits_the_recording(tmp_path: Path) -> None:
    rows = without(500, 560)
    found, _ = parts(tmp_path, rows, rows)
    assert [len(one.acc_mg) for one in found] == [500, 640]
    assert any("gap of 0.61 s after 4.99 s" in note for one in found for note in one.notes)


def test_a_counter_of_8_bits_goes_on(tmp_path: Path) -> None:
    rows = list(range(1200))
    (one,), _ = parts(tmp_path, [at % 256 for at in rows], rows)
    assert np.abs(one.acc_mg - ACC * 1000).max() < 0.1


@pytest.mark.parametrize("counts", [[at // 2 for at in range(1200)], [3] * 1200, [2, 1] * 600])
def test_another_column_counts_nothing(tmp_path: Path, counts: list[int]) -> None:
    (one,), time = parts(tmp_path, counts, list(range(1200)))
    assert time == "none; 100 Hz as told"
    assert len(one.acc_mg) == 1200


def test_who_says_that_there_is_no_time_needs_no_counter(tmp_path: Path) -> None:
    rows = without(500, 505)
    (one,), time = parts(tmp_path, rows, rows, Told(time="none", rate_hz=100))
    assert time == "none; 100 Hz as told"
    assert len(one.acc_mg) == 1195

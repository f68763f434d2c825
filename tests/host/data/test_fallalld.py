"""FallAllD: three integers a line, the file name says who, where and what."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.errors import UsageError
from tests.host.data.importing import assert_as_reference, imported, originals, placed

UPRIGHT = "4098,0,-41"


def write(folder: Path, name: str, lines: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join(lines) + "\n")


def published(folder: Path) -> Path:
    for device in (1, 2, 3):
        write(folder, f"S07_D{device}_A101_T02_A.dat", [UPRIGHT] * 4)
        write(folder, f"S07_D{device}_A101_T02_G.dat", ["1,2,3"] * 4)
    write(folder, "S07_D1_A028_T01_A.dat", ["32767,0,0", *[UPRIGHT] * 3])
    return folder


def test_neck_and_waist_are_imported_unless_asked_otherwise(tmp_path: Path) -> None:
    folder = published(tmp_path / "set")
    bundle, problems = imported("fallalld", folder, tmp_path / "out")
    assert problems == []
    assert [(row.trial_id, row.placement, row.is_fall) for row in bundle.rows] == [
        ("S07_D1_A028_T01", "neck", False),
        ("S07_D1_A101_T02", "neck", True),
        ("S07_D3_A101_T02", "waist", True),
    ]
    assert {row.subject for row in bundle.rows} == {"S07"}
    assert bundle.rows[1].activity == "Fall F, walking, trip"
    wrist, _ = imported("fallalld", folder, tmp_path / "wrist", placements=["wrist"])
    assert [row.trial_id for row in wrist.rows] == ["S07_D2_A101_T02"]
    every, _ = imported("fallalld", folder, tmp_path / "all", placements=["all"])
    assert len(every.rows) == 4
    with pytest.raises(UsageError, match="no placement 'ankle': choose from neck, wrist, waist"):
        imported("fallalld", folder, tmp_path / "x", placements=["ankle"])


def test_counts_become_milli_g(tmp_path: Path) -> None:
    bundle, _ = imported("fallalld", published(tmp_path / "set"), tmp_path / "out")
    row = bundle.rows[0]
    assert row.rate_hz == 238
    # 0.244 mg a count (LSM9DS1 at +-8 g).
    assert row.samples[1].tolist() == [1000, 0, -10]
    assert row.samples[0, 0] == round(32767 * 0.244)
    assert row.extra["quality"] == "clipped"


def test_original_files_become_the_reference(data_dir: Path, tmp_path: Path) -> None:
    files = sorted(originals(data_dir, "fallalld").glob("*.dat"))
    bundle, problems = imported("fallalld", placed(files, tmp_path / "set"), tmp_path / "out")
    assert len(bundle.rows) == len(files) == 4
    assert problems == []
    assert_as_reference(bundle, data_dir, "fallalld")

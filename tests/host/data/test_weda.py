"""WEDA-FALL: bursts of time stamps, two true rates, and the moments of falls in a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.data.importing import imported, originals, placed

HEAD = "accel_time_list,accel_x_list,accel_y_list,accel_z_list\n"


def write(file: Path, rate_hz: float, n: int = 200) -> None:
    """Samples come in bursts of four, as the watch delivers them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    times = [(at // 4 * 4) / rate_hz + at % 4 * 0.001 for at in range(n)]
    file.write_text(HEAD + "".join(f"{t:.3f},0.1,-0.0,9.8\n" for t in times))


def test_the_true_rate_is_found_and_derived_folders_are_left_out(tmp_path: Path) -> None:
    root = tmp_path / "set" / "dataset"
    write(root / "50Hz" / "F01" / "U01_R01_accel.csv", 49.6)
    write(root / "50Hz" / "D03" / "U23_R02_accel.csv", 39.7)
    write(root / "25Hz" / "D03" / "U23_R02_accel.csv", 25)
    (root / "50Hz" / "F01" / "U01_R01_gyro.csv").write_text("gyro")
    (root / "50Hz" / "F01" / "U01_R01_vertical_accel.csv").write_text("vertical")
    (root / "fall_timestamps.csv").write_bytes(
        b"\xef\xbb\xbffilename,start_time,end_time\r\nF01/U01_R01,1.5,2.5\r\n"
    )
    bundle, problems = imported("weda", tmp_path / "set", tmp_path / "out")
    assert problems == []
    walk, fall = bundle.rows
    assert (walk.trial_id, walk.rate_hz, walk.subject) == ("D03_U23_R02", 40, "U23")
    assert (fall.trial_id, fall.rate_hz, fall.is_fall) == ("F01_U01_R01", 50, True)
    # Of the sample whose stamp is nearest; stamps come in bursts of 0.08 s.
    assert float(fall.extra["fall_start_s"]) == pytest.approx(1.5, abs=0.04)
    assert float(fall.extra["fall_end_s"]) == pytest.approx(2.5, abs=0.04)
    assert walk.extra["fall_start_s"] == ""
    assert fall.samples[0].tolist() == [10, 0, 999]


def test_only_a_derived_rate_is_better_than_nothing(tmp_path: Path) -> None:
    write(tmp_path / "set" / "25Hz" / "D03" / "U23_R02_accel.csv", 25)
    bundle, _ = imported("weda", tmp_path / "set", tmp_path / "out")
    assert bundle.rows[0].rate_hz == pytest.approx(25, rel=0.02)


def test_times_that_go_back_and_a_damaged_table_are_told(tmp_path: Path) -> None:
    file = tmp_path / "set" / "50Hz" / "F01" / "U01_R01_accel.csv"
    write(file, 50)
    lines = file.read_text().splitlines()
    lines[50], lines[60] = lines[60], lines[50]
    file.write_text("\n".join(lines) + "\n")
    other = tmp_path / "set" / "50Hz" / "F02" / "U01_R01_accel.csv"
    other.parent.mkdir()
    other.write_text("time,x,y,z\n0,0,0,9.8\n0.02,0,0,9.8\n")
    (tmp_path / "set" / "fall_timestamps.csv").write_text("filename,start_time,end_time\nF01\n")
    bundle, problems = imported("weda", tmp_path / "set", tmp_path / "out")
    assert [row.trial_id for row in bundle.rows] == ["F01_U01_R01"]
    assert "fall_timestamps.csv line 2 is not" in problems[0]
    assert "F01/U01_R01_accel.csv has time stamps that go back" in problems[2]
    assert problems[3] == "F01/U01_R01_accel.csv: 50 Hz; time stamps out of line, mended: 2."
    assert "F02/U01_R01_accel.csv does not begin with 'accel_time_list" in problems[1]


def test_the_original_file_is_read(data_dir: Path, tmp_path: Path) -> None:
    folder = originals(data_dir, "weda_fall")
    placed([folder / "U01_R01_accel.csv"], tmp_path / "set" / "dataset" / "50Hz" / "F01")
    (tmp_path / "set" / "dataset" / "fall_timestamps.csv").symlink_to(
        folder / "fall_timestamps.csv"
    )
    bundle, problems = imported("weda", tmp_path / "set", tmp_path / "out")
    (row,) = bundle.rows
    assert problems == []
    # 502 samples in 12.6 s: one of those with 40 a second in the folder 50Hz.
    assert (row.length, row.rate_hz) == (502, 40)
    assert row.samples[0].tolist() == [-10, 112, 948]
    # Row 187 has the stamp nearest to 4.7 s; at 40 Hz it is sample 187.
    assert row.extra["fall_start_s"] == "4.675"

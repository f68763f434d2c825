"""KFall: one csv a trial, fall onset and impact in a spreadsheet with merged cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl

from tests.host.data.importing import imported

HEAD = "TimeStamp(s),FrameCounter,AccX,AccY,AccZ,GyrX,GyrY,GyrZ,EulerX,EulerY,EulerZ\n"


def write(file: Path, n: int = 300) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = (f"{at / 100:.2f},{at},-1.0,0.05,0.1,1,2,3,4,5,6\n" for at in range(1, n + 1))
    file.write_text(HEAD + "".join(rows))


def write_labels(file: Path, rows: list[list[Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    sheet = book.active
    names = ("Task Code (Task ID)", "Description", "Trial ID", "Fall_onset_frame")
    sheet.append([*names, "Fall_impact_frame"])
    for row in rows:
        sheet.append(row)
    book.save(file)


def test_falls_have_their_moments_and_descriptions_from_the_label_file(tmp_path: Path) -> None:
    sensors = tmp_path / "set" / "sensor_data" / "SA06"
    for name in ("S06T01R01", "S06T20R01", "S06T20R02", "SA06T21R01"):
        write(sensors / f"{name}.csv")
    write_labels(
        tmp_path / "set" / "label_data" / "SA06_label.xlsx",
        [
            ["F01 (20)", "Forward fall when trying to sit down", 1, 131, 208],
            [None, None, 2, 141, 218],
            ["F02 (21)", "Backward fall when trying to sit down", 1, 101, 151],
        ],
    )
    bundle, problems = imported("kfall", tmp_path / "set", tmp_path / "out")
    assert problems == []
    rows = {row.trial_id: row for row in bundle.rows}
    stand, first, second = (rows[f"SA06_{t}"] for t in ("T01_R01", "T20_R01", "T20_R02"))
    assert not stand.is_fall
    assert stand.samples[0].tolist() == [-1000, 50, 100]
    assert (stand.rate_hz, stand.subject, stand.activity_code) == (100, "SA06", "T01")
    # FrameCounter begins at 1, so frame 131 is 1.3 s after the first sample.
    assert (first.extra["fall_start_s"], first.extra["fall_end_s"]) == ("1.3", "2.07")
    assert second.activity == "Forward fall when trying to sit down"
    assert second.extra["fall_start_s"] == "1.4"
    assert rows["SA06_T21_R01"].activity == "Backward fall when trying to sit down"
    assert all(rows[key].is_fall for key in rows if "T01" not in key)


def test_a_bad_label_file_costs_its_labels_only(tmp_path: Path) -> None:
    write(tmp_path / "set" / "sensor_data" / "SA07" / "S07T20R01.csv")
    (tmp_path / "set" / "sensor_data" / "SA07" / "S07T02R01.csv").write_text("a,b\n1,2\n")
    labels = tmp_path / "set" / "label_data" / "SA07_label.xlsx"
    write_labels(labels, [["F01 (20)", "Forward fall", 1, None, 208]])
    bundle, problems = imported("kfall", tmp_path / "set", tmp_path / "out")
    (row,) = bundle.rows
    assert row.is_fall
    assert row.extra["fall_start_s"] == ""
    assert problems[0] == "SA07_label.xlsx row 2 lacks a task, a trial or a frame."
    assert "S07T02R01.csv has no column 'TimeStamp(s)'" in problems[1]
    assert problems[2] == "S07T20R01.csv is a fall without a label."


def labelled(tmp_path: Path, frames: list[int], blow_at: int | None = None) -> Path:
    """A fall marked at frames 131 and 208, with these frames in its file."""
    sensors = tmp_path / "set" / "sensor_data" / "SA06"
    sensors.mkdir(parents=True)
    rows = (
        f"{frame / 100:.2f},{frame},-{3.0 if at == blow_at else 1.0},{0.05 + at * 1e-4:.4f},0.1"
        ",1,2,3,4,5,6\n"
        for at, frame in enumerate(frames)
    )
    (sensors / "S06T20R01.csv").write_text(HEAD + "".join(rows))
    write_labels(
        tmp_path / "set" / "label_data" / "SA06_label.xlsx", [["F01 (20)", "Fall", 1, 131, 208]]
    )
    return tmp_path / "set"


def test_marks_are_where_their_frames_are_when_frames_are_missing(tmp_path: Path) -> None:
    frames = [*range(1, 50), *range(53, 301)]
    bundle, problems = imported("kfall", labelled(tmp_path, frames), tmp_path / "out")
    (row,) = bundle.rows
    # Three lost frames were put in, so that frame 131 is 1.3 s after frame 1 again.
    assert (row.rate_hz, row.length) == (100, 300)
    assert (row.extra["fall_start_s"], row.extra["fall_end_s"]) == ("1.3", "2.07")
    assert row.extra["quality"] == "bridged"
    assert problems == ["S06T20R01.csv: 100 Hz; lost samples, bridged by a straight line: 3."]


def test_of_a_fall_with_a_gap_the_part_with_its_marks_is_imported(tmp_path: Path) -> None:
    frames = [*range(-800, -400), *range(100, 400)]
    bundle, problems = imported("kfall", labelled(tmp_path, frames), tmp_path / "out")
    (row,) = bundle.rows
    assert (row.trial_id, row.is_fall, row.length) == ("SA06_T20_R01", True, 300)
    assert (row.extra["fall_start_s"], row.extra["fall_end_s"]) == ("0.31", "1.08")
    assert row.extra["source_start_s"] == "9"
    assert "gap of 5.01 s" in problems[0]
    assert problems[1] == "S06T20R01.csv: only the part with the marked fall is imported."


def test_marks_of_a_counter_that_began_anew_are_not_believed(tmp_path: Path) -> None:
    frames = [*range(1, 301), *range(1, 301)]
    bundle, problems = imported("kfall", labelled(tmp_path, frames, 450), tmp_path / "out")
    (row,) = bundle.rows
    assert row.is_fall
    assert (row.length, row.extra["fall_start_s"]) == (300, "")
    assert row.samples[150].tolist() == [-3000, 95, 100]
    assert "has no one row for the frames of its fall (131 and 208)" in problems[0]
    assert "clock set back by 2.99 s" in problems[1]
    assert "only the part with the largest acceleration" in problems[2]


def test_marks_far_from_the_blow_are_told(tmp_path: Path) -> None:
    bundle, problems = imported(
        "kfall", labelled(tmp_path, list(range(1, 601)), 550), tmp_path / "out"
    )
    assert bundle.rows[0].extra["quality"] == "marks_off"
    (sentence,) = problems
    assert sentence == (
        "S06T20R01.csv: its fall is marked from 1.30 to 2.07 s, but its largest acceleration "
        "(3.0 g) is at 5.50 s; look at both."
    )

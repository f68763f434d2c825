"""UP-Fall: two heading rows, sensors side by side, uneven time stamps."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from nabij.errors import NabijError
from tests.host.data.importing import imported

PLACES = ("Ankle", "RightPocket", "Belt", "Neck", "Wrist")
IDS = ["Subject", "Activity", "Trial", "Tag"]


def headings(*, tag: bool = True) -> list[str]:
    names, units = ["TimeStamps"], [""]
    for place in PLACES:
        names += [f"{place}Accelerometer", "", "", f"{place}AngularVelocity", "", ""]
        names += [f"{place}Luminosity"]
        units += [f"{axis}-axis (g)" for axis in "xyz"]
        units += [f"{axis}-axis (deg/s)" for axis in "xyz"] + ["illuminance (lx)"]
    names += ["BrainSensor", *["Infrared"] * 6, *IDS]
    return [",".join(names if tag else names[:-1]), ",".join(units)]


def lines(subject: int, activity: int, trial: int, n: int = 40) -> list[str]:
    start = dt.datetime(2018, 7, 4, 12, 4, 17, 738369, tzinfo=dt.UTC).replace(tzinfo=None)
    found = []
    for at in range(n):
        # Steps of 40 and 60 ms in turn: 20 a second.
        when = start + dt.timedelta(milliseconds=at * 50 + 10 * (at % 2))
        cells = [when.isoformat()]
        for place in range(len(PLACES)):
            cells += ["1.0", f"{place / 10}", "-0.05", "0", "0", "0", "90"]
        cells += ["30", *["0"] * 6, str(subject), str(activity), str(trial), "7"]
        found.append(",".join(cells))
    return found


def test_the_complete_file_becomes_a_recording_a_trial_and_place(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    text = [*headings(), *lines(1, 1, 1), *lines(1, 1, 2), *lines(17, 11, 1)]
    (tmp_path / "set" / "CompleteDataSet.csv").write_text("\n".join(text) + "\n")
    bundle, problems = imported("upfall", tmp_path / "set", tmp_path / "out")
    assert problems == []
    assert [(row.trial_id, row.placement, row.is_fall) for row in bundle.rows] == [
        ("S1_A1_T1_neck", "neck", True),
        ("S1_A1_T1_waist", "waist (belt)", True),
        ("S1_A1_T2_neck", "neck", True),
        ("S1_A1_T2_waist", "waist (belt)", True),
        ("S17_A11_T1_neck", "neck", False),
        ("S17_A11_T1_waist", "waist (belt)", False),
    ]
    assert bundle.rows[0].samples[0].tolist() == [1000, 300, -50]
    assert bundle.rows[1].samples[0].tolist() == [1000, 200, -50]
    assert bundle.rows[0].rate_hz == pytest.approx(20, rel=0.01)
    assert bundle.rows[4].activity == "Laying"


def test_single_files_take_their_ids_from_the_name(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    file = tmp_path / "set" / "Subject3Activity5Trial2.csv"
    file.write_text("\n".join([*headings(tag=False), *lines(3, 5, 2)]) + "\n")
    bundle, _ = imported("upfall", tmp_path / "set", tmp_path / "out", placements=["wrist"])
    (row,) = bundle.rows
    assert (row.trial_id, row.subject, row.is_fall) == ("S3_A5_T2_wrist", "S03", True)
    assert row.samples[0].tolist() == [1000, 400, -50]


def without(line: str, place: str) -> str:
    """The line with the x of one sensor left empty."""
    cells = line.split(",")
    cells[1 + 7 * PLACES.index(place)] = ""
    return ",".join(cells)


def test_damage_in_one_trial_costs_that_trial_only(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    text = [*headings(), *lines(1, 6, 1), *lines(1, 6, 2), *lines(1, 6, 3, n=1), *lines(1, 7, 1)]
    text[5] = without(text[5], "Ankle")  # not imported, so not missed
    text[50] = without(text[50], "Neck")
    (tmp_path / "set" / "CompleteDataSet.csv").write_text("\n".join(text))
    bundle, problems = imported("upfall", tmp_path / "set", tmp_path / "out")
    assert [row.trial_id for row in bundle.rows] == [
        *("S1_A6_T1_neck", "S1_A6_T1_waist", "S1_A7_T1_neck", "S1_A7_T1_waist"),
    ]
    assert len(problems) == 2
    assert (
        "(subject 1, activity 6, trial 2) lacks a number or a time stamp in line 51" in problems[0]
    )
    assert "(subject 1, activity 6, trial 3) has 1 samples" in problems[1]


def test_nothing_usable_leaves_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "Subject1Activity6Trial4.csv").write_text("a,b\n1,2\n")
    with pytest.raises(NabijError, match=r"No recording of .* could be used"):
        imported("upfall", tmp_path / "set", tmp_path / "out")
    assert [one.name for one in tmp_path.iterdir()] == ["set"]

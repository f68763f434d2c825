"""IMUFD: spreadsheets of seven body sites in m/s2; near falls are not falls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nabij.data.common import UnusableFileError
from nabij.data.sheet import read_sheet
from tests.host.data.importing import assert_as_reference, imported, originals, placed

SITES = ("r.ankle", "l.ankle", "r.thigh", "l.thigh", "head", "sternum", "waist")
HEAD = [
    "Time",
    *(f"{site} Acceleration {axis} (m/s^2)" for site in SITES for axis in "XYZ"),
]


def write(file: Path, rows: list[list[Any]], head: list[str] | None = None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEAD if head is None else head)
    for row in rows:
        sheet.append(row)
    book.save(file)


def rows(n: int) -> list[list[float]]:
    """Each site has its own number, so that a mix-up shows; 9.80665 upwards at each."""
    start = 1_304_798_444_781_250
    return [
        [start + at * 1_000_000 / 128, *(v for s in range(7) for v in (s * 0.1, 9.80665, -s))]
        for at in range(n)
    ]


def test_sites_and_kinds_come_from_the_published_names(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "sub2"
    write(folder / "ADLs" / "AXR_DSS_trial1.xlsx", rows(5))
    write(folder / "Falls" / "AXR_trip_trial2.xlsx", rows(5))
    write(folder / "Near_Falls" / "AXR_trip_trial3.xlsx", rows(5))
    bundle, problems = imported("imufd", tmp_path / "set", tmp_path / "out")
    assert problems == []
    assert [(row.trial_id, row.activity_code, row.is_fall) for row in bundle.rows[::2]] == [
        ("sub2_ADLs_AXR_DSS_1_sternum", "DSS", False),
        ("sub2_Falls_AXR_trip_2_sternum", "trip", True),
        ("sub2_Near_Falls_AXR_trip_3_sternum", "NF_trip", False),
    ]
    assert bundle.rows[4].activity == "Near fall, trip"
    assert {row.placement for row in bundle.rows} == {"chest (sternum)", "waist"}
    sternum, waist = bundle.rows[:2]
    assert sternum.rate_hz == 128
    assert sternum.samples[3].tolist() == [51, 1000, -510]
    assert waist.samples[3].tolist() == [61, 1000, -612]


def test_another_site_is_imported_on_request(tmp_path: Path) -> None:
    write(tmp_path / "set" / "sub1" / "Falls" / "A_slip_trial1.xlsx", rows(4))
    bundle, _ = imported("imufd", tmp_path / "set", tmp_path / "out", placements=["ankle"])
    assert [row.placement for row in bundle.rows] == ["right ankle", "left ankle"]


def test_what_is_missing_is_told_and_does_not_hide_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "sub1" / "Falls"
    write(folder / "A_slip_trial1.xlsx", rows(4))
    write(folder / "A_slip_trial2.xlsx", [row[:4] for row in rows(4)], HEAD[:4])
    holed = rows(5)
    holed[2][HEAD.index("sternum Acceleration Y (m/s^2)")] = None  # type: ignore[call-overload]
    write(folder / "A_slip_trial3.xlsx", holed)
    (folder / "A_slip_trial4.xlsx").write_bytes(b"not a spreadsheet")
    bundle, problems = imported("imufd", tmp_path / "set", tmp_path / "out")
    assert [row.trial_id for row in bundle.rows] == [
        "sub1_Falls_A_slip_1_sternum",
        "sub1_Falls_A_slip_1_waist",
    ]
    assert "no column 'sternum Acceleration X (m/s^2)'" in problems[0]
    assert "A_slip_trial3.xlsx row 4 lacks a number" in problems[1]
    assert "A_slip_trial4.xlsx is not a readable .xlsx" in problems[2]


def test_a_sheet_reads_as_a_spreadsheet_library_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    table: list[list[Any]] = [
        ["a & b", None, "<c>"],
        [1, -2.5e-3, None],
        [],
        [None, "F01 (20)", 7],
    ]
    write(file, table[1:], table[0])
    assert read_sheet(file) == [
        ["a & b", None, "<c>"],
        [1.0, -0.0025],
        [],
        [None, "F01 (20)", 7.0],
    ]
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(UnusableFileError, match=r"x\.xlsx is not a readable \.xlsx file"):
        read_sheet(file)


def test_the_original_file_becomes_the_reference(data_dir: Path, tmp_path: Path) -> None:
    files = sorted(originals(data_dir, "imufd").glob("*.xlsx"))
    placed(files, tmp_path / "set" / "sub1" / "Falls")
    bundle, problems = imported("imufd", tmp_path / "set", tmp_path / "out")
    assert len(bundle.rows) == 2
    assert problems == []
    assert_as_reference(bundle, data_dir, "imufd")

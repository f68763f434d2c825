"""CSV of one's own: headings, units, separators and labels as people have them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from nabij.data.common import Told
from nabij.errors import NabijError, UsageError
from tests.host.data.importing import imported


def test_headings_tell_columns_units_and_rate(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "b").mkdir(parents=True)
    (folder / "a.csv").write_bytes(
        b"\xef\xbb\xbf# by hand\nt_ms;acc_x (g);acc_y (g);acc_z (g)\n"
        + b"".join(b"%d;0.01;1;-0.5\n" % (at * 10) for at in range(50))
    )
    (folder / "b" / "walk.csv").write_text(
        "z (m/s2),y,x,time_s\n" + "9.80665,0,0,0\n9.8,0,0,0.02\n"
    )
    (folder / "labels.csv").write_text(
        "file,subject,activity_code,activity,is_fall,placement\n"
        'a.csv,P1,fall,"Fall, forward",1,neck\n'
    )
    bundle, problems = imported("csv", folder, tmp_path / "out")
    fall, walk = bundle.rows
    assert (fall.trial_id, fall.subject, fall.activity) == ("a", "P1", "Fall, forward")
    assert (fall.is_fall, fall.placement, fall.rate_hz) == (True, "neck", 100)
    assert fall.samples[0].tolist() == [10, 1000, -500]
    assert (walk.trial_id, walk.is_fall, walk.placement) == ("b_walk", False, "unknown")
    assert walk.samples[0].tolist() == [0, 0, 1000]
    assert problems == []


@pytest.mark.parametrize(
    ("text", "options", "first"),
    [
        ("0,1,0\n0,1,0\n", {"units": "g", "rate_hz": 50.0}, [0, 1000, 0]),
        ("0\t1000\t3\n0\t1000\t3\n", {"units": "mg", "rate_hz": 50.0}, [0, 1000, 3]),
        (
            "up,left,out\n9.80665,0,1\n9.80665,0,1\n",
            {"units": "m/s2", "rate_hz": 50.0, "columns": ("left", "up", "out")},
            [0, 1000, 102],
        ),
        ("1;0,5;0;2048\n2;0;0;2048\n", {"columns": "432", "scale": 1000 / 2048}, [1000, 0, 0]),
    ],
)
def test_options_tell_what_a_heading_does_not(
    tmp_path: Path, text: str, options: dict[str, Any], first: list[int]
) -> None:
    (tmp_path / "one.csv").write_text(text)
    told = Told(**{"rate_hz": 50.0, **options})
    bundle, _ = imported("csv", tmp_path / "one.csv", tmp_path / "out", told=told)
    assert bundle.rows[0].samples[0].tolist() == first
    assert bundle.rows[0].rate_hz == 50


@pytest.mark.parametrize(
    ("text", "options", "complaint"),
    [
        ("0,1,0\n0,1,0\n", {"units": "g", "rate_hz": None}, "one.csv has no column of time"),
        ("0,1,0\n" * 99, {"units": "m/s2"}, "with --units g it would be 1 g"),
        ("0,1700,0\n" * 99, {}, r"if these are raw counts, --scale 0\.5882 \(mg a count\)"),
        ("0,2100,0\n" * 99, {"units": "mg"}, r"rests at 2\.1 g in mg.* --scale 0\.4883 fits"),
        ("0,0.1,0\n" * 99, {"units": "m/s2"}, "acceleration without gravity"),
        ("a,b,c\n1,2,3\n1,2,3\n", {"units": "g"}, "has no columns x, y, z"),
        ("x,y,z\n1,2\n", {"units": "g"}, "has no three columns of numbers"),
        ("x,y,z\n0,1,0\n0,1,0\n0,1\n0,1,0\n", {"units": "g"}, "line 4 does not have 3 numbers"),
        ("x,y,z\n0,1,0\n0,1,0\n0,1,?\n0,1,0\n", {"units": "g"}, "line 4 does not have 3 numbers"),
        ("x,y,z\n0,1,0\n0,nan,0\n0,1,0\n", {"units": "g"}, "line 3 has a"),
        ("", {"units": "g"}, "one.csv is empty"),
        ("0,1,0\n" * 9, {"units": "mg"}, "rests at 0.001 g in mg, not at 1 g: with --units g it"),
        ("0,9.8,0\n" * 9, {"units": "g"}, "rests at 9.8 g in g, not at 1 g: with --units m/s2"),
        ("0,1,0\n" * 99 + "0,90,0\n", {"units": "g"}, "exceeds 32.767 g"),
    ],
)
def test_what_cannot_be_right_is_refused_in_one_sentence(
    tmp_path: Path, text: str, options: dict[str, Any], complaint: str
) -> None:
    (tmp_path / "one.csv").write_text(text)
    told = Told(**{"rate_hz": 50.0, **options})
    with pytest.raises(NabijError, match=complaint) as raised:
        imported("csv", tmp_path / "one.csv", tmp_path / "out", told=told)
    assert raised.value.sentence.endswith(".")
    assert "\n" not in raised.value.sentence
    assert not (tmp_path / "out").exists()


def test_wrong_labels_stop_the_import(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "a.csv").write_text("x (g),y,z,t_s\n0,1,0,0\n0,1,0,0.02\n")
    (folder / "labels.csv").write_text("file,subject\n")
    with pytest.raises(NabijError, match=r"labels\.csv lacks the column activity_code"):
        imported("csv", folder, tmp_path / "out")
    (folder / "labels.csv").write_text(
        "file,subject,activity_code,activity,is_fall,placement\na.csv,P,f,fall,yes,neck\n"
    )
    with pytest.raises(NabijError, match=r"labels\.csv line 2 has is_fall 'yes'"):
        imported("csv", folder, tmp_path / "out")


def test_a_label_without_its_file_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "fall1.csv").write_text("x (g),y,z,t_s\n0,1,0,0\n0,1,0,0.02\n")
    head = "file,subject,activity_code,activity,is_fall,placement\n"
    (folder / "labels.csv").write_text(f"{head}fal1.csv,P,f,fall,1,neck\n")
    bundle, problems = imported("csv", folder, tmp_path / "out")
    assert [one.trial_id for one in bundle.rows] == ["fall1"]
    assert problems == ["labels.csv names fal1.csv, which is not there: correct its name."]
    (folder / "labels.csv").write_text(head + "fall1.csv,P,f,fall,1,neck\n" * 2)
    with pytest.raises(NabijError, match=r"labels\.csv line 3 names fall1\.csv again"):
        imported("csv", folder, tmp_path / "two")


def test_other_sets_refuse_options_of_csv(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("0,1,0\n")
    with pytest.raises(UsageError, match="are for csv"):
        imported("sisfall", tmp_path / "one.csv", tmp_path / "out", told=Told(units="g"))
    with pytest.raises(UsageError, match="no unit 'furlong'"):
        imported("csv", tmp_path / "one.csv", tmp_path / "out", told=Told(units="furlong"))
    with pytest.raises(UsageError, match="--columns takes three names"):
        imported("csv", tmp_path / "one.csv", tmp_path / "out", told=Told(columns=("x",)))
    with pytest.raises(UsageError, match="no unit of time 'fortnight'"):
        imported("csv", tmp_path / "one.csv", tmp_path / "out", told=Told(time_unit="fortnight"))
    with pytest.raises(UsageError, match="--units and --scale say the same"):
        imported("csv", tmp_path / "one.csv", tmp_path / "out", told=Told(units="g", scale=1.0))


@pytest.mark.parametrize("name", ["hex", "base64", "klingon", "idna", "undefined"])
def test_an_encoding_that_is_none_of_text_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "one.csv").write_text("0,1,0\n0,1,0\n")
    told = Told(units="g", rate_hz=50.0, encoding=name)
    with pytest.raises(UsageError, match=f"no encoding of text '{name}': name one") as raised:
        imported("csv", tmp_path / "one.csv", tmp_path / "out", told=told)
    assert raised.value.sentence.endswith(".")


def test_a_pipe_is_refused_before_anybody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "walk.csv")
    with pytest.raises(UsageError, match=r"is a pipe or a device, .* write it to a file first"):
        imported("csv", tmp_path / "walk.csv", tmp_path / "out")


def test_recordings_in_forms_that_are_not_read_are_named_and_not_passed_over(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "a.csv").write_text("t_s,x (g),y (g),z (g)\n" + "0,0,1,0\n0.01,0,1,0\n")
    (folder / "b.mat").write_bytes(b"MATLAB 5.0 MAT-file" + bytes(99))
    (folder / "notes.docx").write_bytes(b"PK\x03\x04")
    bundle, problems = imported("csv", folder, tmp_path / "out")
    assert [row.trial_id for row in bundle.rows] == ["a"]
    assert problems == [
        "b.mat is a MATLAB file: write its samples as CSV (writetable, writematrix)."
    ]

"""MobiFall and MobiAct: text with a header, nanoseconds and m/s2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.data.importing import imported, originals, placed

HEAD = """#Acceleration force along the x y z axes (including gravity).
#timestamp(ns),x,y,z(m/s^2)
#Activity: 12 - BSC - Back sitting chair - 10s
#First Name: \u039c\u03b1\u03c1\u03af\u03b1
##########################################


@DATA
"""


def write(file: Path, lines: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(HEAD.encode("iso-8859-7") + "\n".join(lines).encode() + b"\n")


def samples(n: int, step_ns: int = 11_500_000) -> list[str]:
    start = 2_318_482_693_000_000
    return [f"{start + at * step_ns}, 0.980665, -9.80665, 0" for at in range(n)]


def test_layout_of_both_sets_is_read(tmp_path: Path) -> None:
    write(tmp_path / "set" / "sub1" / "FALLS" / "BSC" / "BSC_acc_1_1.txt", samples(100))
    write(tmp_path / "set" / "sub1" / "FALLS" / "BSC" / "BSC_gyro_1_1.txt", samples(100))
    write(tmp_path / "set" / "WAL" / "WAL_acc_66_1.txt", samples(100, 5_000_000))
    bundle, problems = imported("mobifall", tmp_path / "set", tmp_path / "out")
    assert problems == []
    walk, fall = bundle.rows
    assert (walk.trial_id, walk.is_fall, walk.rate_hz) == ("WAL_66_1", False, 200)
    assert (fall.trial_id, fall.is_fall, fall.subject) == ("BSC_1_1", True, "sub1")
    assert fall.rate_hz == pytest.approx(86.96)
    assert fall.samples[0].tolist() == [100, -1000, 0]
    assert fall.placement == "trouser pocket"


def test_a_file_without_data_or_whose_clock_stands_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    write(folder / "FOL_acc_1_1.txt", samples(10))
    (folder / "FOL_acc_1_2.txt").write_text("#timestamp\n1,2,3,4\n")
    write(folder / "FOL_acc_1_3.txt", ["5, 0, 9.8, 0"] * 10)
    bundle, problems = imported("mobifall", folder, tmp_path / "out")
    assert [row.trial_id for row in bundle.rows] == ["FOL_1_1"]
    assert "FOL_acc_1_2.txt has no line @DATA" in problems[0]
    assert "FOL_acc_1_3.txt has time stamps that do not advance" in problems[1]


def test_the_original_file_is_read(data_dir: Path, tmp_path: Path) -> None:
    files = sorted(originals(data_dir, "mobifall").glob("*.txt"))
    bundle, problems = imported("mobifall", placed(files, tmp_path / "set"), tmp_path / "out")
    (row,) = bundle.rows
    assert problems == []
    assert (row.length, row.is_fall) == (863, True)
    assert row.rate_hz == pytest.approx(87.93)
    # Its first line: 0.89064306, -9.576807, -0.019153614 m/s2.
    assert row.samples[0].tolist() == [91, -977, -2]
    assert 900 < float(row.extra["rest_mg"]) < 1100


def test_a_clock_that_jumps_back_splits_the_recording(tmp_path: Path) -> None:
    lines = samples(900, 10_000_000)
    back = [line.replace("0.980665", "1.96133") for line in samples(500, 10_000_000)]
    write(tmp_path / "set" / "WAL_acc_1_1.txt", lines[400:] + back)
    bundle, problems = imported("mobifall", tmp_path / "set", tmp_path / "out")
    assert [(row.trial_id, row.rate_hz, row.length) for row in bundle.rows] == [
        ("WAL_1_1_p1", 100, 500),
        ("WAL_1_1_p2", 100, 500),
    ]
    (sentence,) = problems
    assert sentence == (
        "WAL_acc_1_1.txt: 100 Hz; clock set back by 8.99 s after 4.99 s; split there into 2 "
        "recordings."
    )

"""SisFall: nine integers a line, counts of the first three become milli-g."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.errors import NabijError
from tests.host.data.importing import assert_as_reference, imported, originals, placed


def write(folder: Path, name: str, lines: list[str], end: str = "\r\n") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes("".join(line + end for line in lines).encode())


UPRIGHT = "   1,-256,  20,  47,  10, -13, -27,-1020,  91;"


def test_counts_become_milli_g_and_the_name_says_what_it_is(tmp_path: Path) -> None:
    head = "  16,-257,   5, 104, 288,-312,  41,-1059,  34;"
    write(tmp_path / "set" / "SE06", "F05_SE06_R02.txt", [head, *[UPRIGHT] * 9])
    bundle, problems = imported("sisfall", tmp_path / "set", tmp_path / "out")
    (row,) = bundle.rows
    assert problems == []
    assert (row.trial_id, row.subject, row.activity_code) == ("F05_SE06_R02", "SE06", "F05")
    assert row.activity == "Fall forward while jogging caused by a trip"
    assert (row.is_fall, row.rate_hz, row.placement) == (True, 200, "waist")
    # 13 bit over +-16 g: 3.90625 mg a count, so 256 counts are 1 g.
    assert row.samples[0].tolist() == [62, -1004, 20]
    assert row.samples[1].tolist() == [4, -1000, 78]


def test_the_misnamed_files_in_folder_sa15_belong_to_sa15(tmp_path: Path) -> None:
    for folder in ("SA15", "SE15"):
        write(tmp_path / "set" / folder, "D17_SE15_R01.txt", [UPRIGHT] * 5)
    bundle, problems = imported("sisfall", tmp_path / "set", tmp_path / "out")
    assert problems == []
    assert {(row.subject, row.trial_id) for row in bundle.rows} == {
        ("SA15", "D17_SA15_R01"),
        ("SE15", "D17_SE15_R01"),
    }


def test_an_axis_at_the_end_of_its_range_is_flagged(tmp_path: Path) -> None:
    rail = "4095,-256,  20,  47,  10, -13, -27,-1020,  91;"
    write(tmp_path / "set" / "SA01", "F01_SA01_R01.txt", [UPRIGHT, rail, UPRIGHT])
    bundle, _ = imported("sisfall", tmp_path / "set", tmp_path / "out")
    assert bundle.rows[0].extra["quality"] == "clipped"


def test_a_damaged_file_is_named_and_the_others_are_imported(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "SA01"
    write(folder, "D01_SA01_R01.txt", [UPRIGHT] * 5)
    write(folder, "D02_SA01_R01.txt", [UPRIGHT, "1,x,3;", UPRIGHT])
    (folder / "D03_SA01_R01.txt").write_text("")
    (folder / "D04_SA01_R01.txt").write_text(f"{UPRIGHT}\n{UPRIGHT}\n  1,-2")
    (folder / "Readme.txt").write_text("about")
    bundle, problems = imported("sisfall", tmp_path / "set", tmp_path / "out")
    assert [row.trial_id for row in bundle.rows] == ["D01_SA01_R01", "D04_SA01_R01"]
    assert bundle.rows[1].length == 2
    assert len(problems) == 3
    assert "D02_SA01_R01.txt line 2 does not have 3 numbers" in problems[0]
    assert "D03_SA01_R01.txt has 0 samples" in problems[1]
    assert "D04_SA01_R01.txt ends in the middle of line 3" in problems[2]


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    with pytest.raises(NabijError, match=r"no file of SisFall as published, like SA01/"):
        imported("sisfall", tmp_path / "set", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_original_files_become_the_reference(data_dir: Path, tmp_path: Path) -> None:
    files = sorted(originals(data_dir, "sisfall").glob("*.txt"))
    placed(files, tmp_path / "set" / "SA05")
    bundle, problems = imported("sisfall", tmp_path / "set", tmp_path / "out")
    assert len(bundle.rows) == len(files) == 4
    assert problems == []
    assert_as_reference(bundle, data_dir, "sisfall")


def test_a_byte_order_mark_and_blanks_cost_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "SA01"
    folder.mkdir(parents=True)
    text = f"\n  {UPRIGHT} \r\n\t{UPRIGHT}\r\n\r\n{UPRIGHT}   \r\n"
    (folder / "D01_SA01_R01.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    bundle, problems = imported("sisfall", tmp_path / "set", tmp_path / "out")
    assert problems == []
    assert bundle.rows[0].samples.tolist() == [[4, -1000, 78]] * 3


def test_two_samples_on_a_line_are_both_taken_and_told(tmp_path: Path) -> None:
    other = UPRIGHT.replace("-256", "-128")
    write(tmp_path / "set" / "SA01", "D01_SA01_R01.txt", [UPRIGHT, UPRIGHT + other, UPRIGHT])
    bundle, problems = imported("sisfall", tmp_path / "set", tmp_path / "out")
    assert bundle.rows[0].samples[:, 1].tolist() == [-1000, -1000, -500, -1000]
    (sentence,) = problems
    assert sentence == (
        "D01_SA01_R01.txt has lines with more than one sample, as line 2: all were taken "
        "(1 such lines)."
    )


def test_a_line_that_was_cut_behind_its_first_numbers_is_no_sample(tmp_path: Path) -> None:
    write(tmp_path / "set" / "SA01", "D01_SA01_R01.txt", [UPRIGHT, "1,-256,2", UPRIGHT])
    write(tmp_path / "set" / "SA01", "D02_SA01_R01.txt", [UPRIGHT] * 3)
    bundle, problems = imported("sisfall", tmp_path / "set", tmp_path / "out")
    assert len(bundle.rows) == 1
    assert "D01_SA01_R01.txt line 2 does not have 3 numbers" in problems[0]

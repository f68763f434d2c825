"""The encodings of tables: found where letters show them, told as a guess where they do not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.recording import read_own
from tests.host.data.tables import Writer, walk

HEADINGS = {
    "cp1253": ("χρόνος (s)", *(f"επιτάχυνση {axis}" for axis in "xyz")),
    "cp932": ("時間(秒)", *(f"加速度{axis}" for axis in "xyz")),
    "cp1251": ("время (s)", *(f"ускорение {axis}" for axis in "xyz")),
    "cp949": ("시간", *(f"가속도{axis}" for axis in "xyz")),
    "gb18030": ("时间", *(f"加速度{axis}" for axis in "xyz")),
}


@pytest.mark.parametrize("encoding", sorted(HEADINGS))
def test_headings_in_the_letters_of_others_are_read(tmp_path: Path, encoding: str) -> None:
    writer = Writer(heading=HEADINGS[encoding], encoding=encoding)
    own = read_own(writer.write(tmp_path / "one.csv", walk(), 100), "one.csv", Told())
    doubt = " (a guess)" if encoding == "cp1251" else ""
    assert own.taken.form == f"{encoding}{doubt}; commas; decimal '.'"
    assert own.taken.axes == ", ".join(f"'{name}'" for name in HEADINGS[encoding][1:])
    assert np.abs(own.acc_mg - walk() * 1000).max() < 0.1


@pytest.mark.parametrize(
    ("encoding", "told", "form"),
    [
        ("cp1250", "", "cp1252 (a guess)"),
        ("cp1250", "cp1250", "cp1250"),
        ("cp1254", "", "cp1252 (a guess)"),
        ("utf-8", "", "utf-8"),
        ("cp1252", "", "cp1252 (a guess)"),
    ],
)
def test_an_encoding_that_one_letter_cannot_show_is_called_a_guess(
    tmp_path: Path, encoding: str, told: str, form: str
) -> None:
    sign = {"cp1252": "²", "cp1254": "ş"}.get(encoding, "č")
    heading = (f"{sign}as (s)", "x (g)", "y (g)", "z (g)")
    file = Writer(heading=heading, encoding=encoding).write(tmp_path / "one.csv", walk(), 100)
    own = read_own(file, "one.csv", Told(encoding=told))
    assert own.taken.form == f"{form}; commas; decimal '.'"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_an_encoding_that_is_told_needs_no_mark(tmp_path: Path, encoding: str) -> None:
    file = Writer(encoding=encoding).write(tmp_path / "one.csv", walk(), 100)
    own = read_own(file, "one.csv", Told(encoding=encoding[:6]))
    assert own.taken.form == f"{encoding}; commas; decimal '.'"
    assert np.abs(own.acc_mg - walk() * 1000).max() < 0.1


@pytest.mark.parametrize(
    ("zero", "point"),
    [
        ("\N{ARABIC-INDIC DIGIT ZERO}", "\N{ARABIC DECIMAL SEPARATOR}"),
        ("\N{EXTENDED ARABIC-INDIC DIGIT ZERO}", "\N{ARABIC DECIMAL SEPARATOR}"),
        ("\N{FULLWIDTH DIGIT ZERO}", "\N{FULLWIDTH FULL STOP}"),
    ],
)
def test_digits_of_other_scripts_are_digits(tmp_path: Path, zero: str, point: str) -> None:
    file = Writer(";", heading=("t_s", "x", "y", "z")).write(tmp_path / "one.csv", walk(), 100)
    others = "".join(chr(ord(zero) + digit) for digit in range(10)) + point
    head, _, rows = file.read_text().partition("\n")
    file.write_text(head + "\n" + rows.translate(str.maketrans("0123456789.", others)))
    own = read_own(file, "one.csv", Told())
    assert np.abs(own.acc_mg - walk() * 1000).max() < 0.1


@pytest.mark.parametrize("mark", ["'", "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"])
def test_blanks_and_apostrophes_between_thousands_are_none_of_a_number(
    tmp_path: Path, mark: str
) -> None:
    acc = walk(1200)
    acc[600:610, 1] += 3 * np.hanning(10)
    lines = ["t_ms;x_mg;y_mg;z_mg"]
    for at, row in enumerate(np.rint(acc * 1000).astype(int).tolist()):
        lines.append(";".join(f"{value:,}".replace(",", mark) for value in (at * 10, *row)))
    (tmp_path / "one.csv").write_text("\n".join(lines) + "\n")
    own = read_own(tmp_path / "one.csv", "one.csv", Told())
    assert np.abs(own.acc_mg - acc * 1000).max() <= 0.5
    assert own.t_s is not None
    assert own.t_s[-1] == pytest.approx(11.99)


def test_semicolons_that_only_end_lines_are_none_of_a_cell(tmp_path: Path) -> None:
    """As in WISDM: 33,Jogging,49105962326000,-0.69,12.68,0.50;"""
    rows = [
        f"33,Jogging,{49105962326000 + at * 50_000_000},{x:.4f},{y:.4f},{z:.4f};"
        for at, (x, y, z) in enumerate((walk() * 9.80665).tolist())
    ]
    (tmp_path / "one.txt").write_text("\n".join(rows) + "\n")
    own = read_own(tmp_path / "one.txt", "one.txt", Told(columns=("4", "5", "6"), time="3"))
    assert np.abs(own.acc_mg - walk() * 1000).max() < 0.1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MATLAB 5.0 MAT-file", "is a MATLAB file: write its samples as CSV"),
        (b"\x89HDF\r\n\x1a\n", "is an HDF5 file"),
        (b"PAR1", "is a Parquet file: export"),
        (b"BZh9", "is an archive: unpack it"),
        (b"\x93NUMPY\1\0", "is a NumPy array"),
    ],
)
def test_files_of_other_programs_are_called_by_their_name(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "one.csv").write_bytes(content + bytes(range(256)) * 8)
    with pytest.raises(UnusableFileError, match=words):
        read_own(tmp_path / "one.csv", "one.csv", Told())


def test_a_zip_archive_is_not_called_a_damaged_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "one.csv", "w") as archive:
        archive.writestr("walk.csv", "t,x,y,z\n")
    with pytest.raises(UnusableFileError, match=r"one\.csv is a zip archive: unpack it"):
        read_own(tmp_path / "one.csv", "one.csv", Told())


def test_an_actigraph_s_own_file_is_called_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "one.gt3x", "w") as archive:
        archive.writestr("info.txt", "Serial Number: X")
        archive.writestr("log.bin", b"\x1e" * 99)
    with pytest.raises(UnusableFileError, match="ActiGraph's own file: export raw data as CSV"):
        read_own(tmp_path / "one.gt3x", "one.gt3x", Told())


@pytest.mark.parametrize("zeros", [64, 4096, 60_000])
def test_zeros_behind_the_text_are_those_of_a_logger_that_lost_its_power(
    tmp_path: Path, zeros: int
) -> None:
    file = Writer().write(tmp_path / "one.csv", walk(), 100)
    file.write_bytes(file.read_bytes() + bytes(zeros))
    assert np.abs(read_own(file, "one.csv", Told()).acc_mg - walk() * 1000).max() < 0.1


@pytest.mark.parametrize(
    "remark", ["# nothing to see here {}", "key {}\tvalue", "{} log: started"]
)
def test_a_head_of_many_thousand_lines_is_passed(tmp_path: Path, remark: str) -> None:
    file = Writer().write(tmp_path / "one.csv", walk(), 100)
    head = "\n".join(remark.format(at) for at in range(7003))
    file.write_text(f"# sampling rate 100 Hz\n{head}\n{file.read_text()}")
    own = read_own(file, "one.csv", Told())
    assert own.taken.axes == "'x (g)', 'y (g)', 'z (g)'"
    assert np.abs(own.acc_mg - walk() * 1000).max() < 0.1


def test_no_table_in_a_long_file_says_how_far_was_looked(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("a log of words\n" * 20_000)
    with pytest.raises(UnusableFileError, match=r"no three columns of numbers in its first 20"):
        read_own(tmp_path / "one.csv", "one.csv", Told())

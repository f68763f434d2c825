"""The encodings of tables: found where letters show them, told as a guess where they do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Told
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

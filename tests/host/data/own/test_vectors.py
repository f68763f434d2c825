"""A vector in one cell, however it is bracketed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.recording import Own, read_own
from nabij.data.own.vectors import vectors
from tests.host.data.own.timed import rate_of
from tests.host.data.tables import walk

ACC = walk(400)


def read(folder: Path, form: str, head: str = "time,acc") -> Own:
    lines = [
        form.format(t=at / 100, x=x, y=y, z=z, g=f"[{3 * x:.3f}, {y:.3f}, 0.1]")
        for at, (x, y, z) in enumerate(ACC.tolist())
    ]
    (folder / "one.csv").write_text("\n".join([*([head] if head else []), *lines]) + "\n")
    return read_own(folder / "one.csv", "one.csv", Told())


@pytest.mark.parametrize(
    ("form", "head"),
    [
        ('{t:.2f},"[{x:.4f}, {y:.4f}, {z:.4f}]"', "time,acc"),
        ("{t:.2f},[{x:.4f}, {y:.4f}, {z:.4f}]", "time,acc"),
        ('{t:.2f},"({x:.4f}, {y:.4f}, {z:.4f})",walk', "time,acc,label"),
        ("{t:.2f};[{x:.4f} {y:.4f} {z:.4f}]", "time;acc"),
        ('{t:.2f},"array([{x:.4f}, {y:.4f}, {z:.4f}])"', "time,acc"),
        ("{t:.2f};{x:.4f},{y:.4f},{z:.4f}", "time;acc"),
        ('{t:.2f},"{x:.4f},{y:.4f},{z:.4f}"', "time,acc"),
        ('{t:.2f},"[{x:.4f}, {y:.4f}, {z:.4f}]"', ""),
        ('{t:.2f},"{g}","[{x:.4f}, {y:.4f}, {z:.4f}]"', "time,gyro,acc"),
    ],
)
def test_its_numbers_are_read(tmp_path: Path, form: str, head: str) -> None:
    own = read(tmp_path, form, head)
    assert rate_of(own) == [100]
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1
    assert "a vector in one cell" in own.taken.form


def test_a_line_that_lost_a_number_is_named(tmp_path: Path) -> None:
    read(tmp_path, '{t:.2f},"[{x:.4f}, {y:.4f}, {z:.4f}]"')
    file = tmp_path / "one.csv"
    lines = file.read_text().split("\n")
    lines[99] = lines[99].rpartition(",")[0] + ']"'
    file.write_text("\n".join(lines))
    with pytest.raises(UnusableFileError, match="line 100 "):
        read_own(file, file.name, Told())


@pytest.mark.parametrize(
    "line", ['0.01,"1,234,567",0.2,0.9', "0,01;1,214;0,196;0,167", "t [s], x [g], y [g]"]
)
def test_other_numbers_are_no_vectors(line: str) -> None:
    assert vectors(f"{line}\n" * 50) is None

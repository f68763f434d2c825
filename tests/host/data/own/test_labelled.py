"""Lines that name each number: as sketches print them for a plotter, and as JSON lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Floats, Told, UnusableFileError
from nabij.data.own.labelled import labelled
from nabij.data.own.recording import Own, read_own
from tests.host.data.own.timed import rate_of
from tests.host.data.tables import walk

ACC = walk(400)


def dump(folder: Path, form: str, told: Told | None = None, acc: Floats = ACC) -> Own:
    """The recording of lines of a form, in which t, ms and clock are the time."""
    lines = [
        form.format(
            x=x, y=y, z=z, t=at / 100, ms=at * 10, clock=f"08:15:{at // 100:02}.{at % 100:02}0"
        )
        for at, (x, y, z) in enumerate(acc.tolist())
    ]
    (folder / "one.txt").write_text("\n".join(lines) + "\n")
    return read_own(folder / "one.txt", "one.txt", told or Told())


@pytest.mark.parametrize(
    "form",
    [
        "x:{x:.4f} y:{y:.4f} z:{z:.4f}",
        "x:{x:.4f},y:{y:.4f},z:{z:.4f}",
        "ax={x:.4f}\tay={y:.4f}\taz={z:.4f}",
        "X: {x:.4f} \tY: {y:.4f} \tZ: {z:.4f} g",
    ],
)
def test_a_plotter_s_lines_are_read_at_the_rate_that_is_told(tmp_path: Path, form: str) -> None:
    own = dump(tmp_path, form, Told(rate_hz=100))
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1
    assert own.taken.form.endswith("a name before each number; decimal '.'")
    with pytest.raises(UnusableFileError, match="no column of time: give --source-rate"):
        dump(tmp_path, form)


@pytest.mark.parametrize(
    "form",
    [
        "t:{ms} x:{x:.4f} y:{y:.4f} z:{z:.4f}",
        "{clock} -> x:{x:.4f} y:{y:.4f} z:{z:.4f}",
        '{{"t": {t:.3f}, "x": {x:.4f}, "y": {y:.4f}, "z": {z:.4f}}}',
        '  {{"z": {z:.4f}, "y": {y:.4f}, "x": {x:.4f}, "t": {t:.3f}}},',
    ],
)
def test_a_time_among_the_names_is_the_clock(tmp_path: Path, form: str) -> None:
    own = dump(tmp_path, form)
    assert rate_of(own) == [100]
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1


def test_a_line_with_its_names_in_another_order_is_refused_by_its_number(tmp_path: Path) -> None:
    dump(tmp_path, "x:{x:.4f} y:{y:.4f} z:{z:.4f}", Told(rate_hz=100))
    file = tmp_path / "one.txt"
    lines = file.read_text().splitlines()
    lines[100] = "y:0.96 x:0.2 z:0.17"
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(UnusableFileError, match=r"one\.txt line 101 "):
        read_own(file, "one.txt", Told(rate_hz=100))


@pytest.mark.parametrize(
    "line", ["12:30:05,1.0,2.0,3.0", "x:1 y:2", "x:1 x:2 x:3", "x:a y:b z:c", "1.0,2.0,3.0", ""]
)
def test_other_lines_are_left_as_they_are(line: str) -> None:
    assert labelled(f"{line}\n" * 9) is None

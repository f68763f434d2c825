"""Which name stands above which column: of R's row names, nameless columns, other separators."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.recording import Own, read_own
from tests.host.data.tables import walk

ACC = walk(300)


def table(folder: Path, heading: str, line: str, told: Told | None = None) -> Own:
    """A recording whose lines are made of {n} (from 1), {t} (in s), {x}, {y} and {z}."""
    lines = [heading] if heading else []
    for at, (x, y, z) in enumerate(ACC.round(4).tolist()):
        lines.append(line.format(n=at + 1, t=f"{at / 100:.2f}", x=x, y=y, z=z))
    (folder / "one.csv").write_text("\n".join(lines) + "\n")
    return read_own(folder / "one.csv", "one.csv", told or Told())


def assert_as_written(own: Own) -> None:
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1


@pytest.mark.parametrize("last", ["0", "walk", "25.1", "1"])
@pytest.mark.parametrize(
    ("heading", "line", "told"),
    [
        ("ax,ay,az", "{x},{y},{z}", Told(rate_hz=100)),
        ("t,ax,ay,az", "{t},{x},{y},{z}", Told()),
        ("ax (g),ay (g),az (g),t_s", "{x},{y},{z},{t}", Told()),
    ],
)
def test_a_nameless_last_column_moves_no_name(
    tmp_path: Path, heading: str, line: str, told: Told, last: str
) -> None:
    own = table(tmp_path, heading, f"{line},{last}", told)
    assert_as_written(own)
    names = len(heading.split(","))
    assert f"{names + 1} columns under {names} headings: the last is taken" in own.notes[0]


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("time,x,y,z", "{n},{t},{x},{y},{z}"),
        ("x,y,z,time", "r{n},{x},{y},{z},{t}"),
        ("x,y,z", "{t},{x},{y},{z}"),
    ],
)
def test_an_index_without_a_name_comes_before_the_names(
    tmp_path: Path, heading: str, line: str
) -> None:
    own = table(tmp_path, heading, line)
    assert_as_written(own)
    assert own.t_s is not None
    assert own.t_s[-1] == pytest.approx(2.99)
    assert own.notes == ()


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("t,az,ay,ax", "{t}\t{z}\t{y}\t{x}"),
        ("t_s;z (g);y (g);x (g)", "{t},{z},{y},{x}"),
        ("# t,az,ay,ax", "{t} {z} {y} {x}"),
        ("Time (s)  Acc Y (g)  Acc X (g)  Acc Z (g)", " {t}  {y}  {x}  {z}"),
    ],
)
def test_a_heading_with_a_separator_of_its_own_is_read_and_told(
    tmp_path: Path, heading: str, line: str
) -> None:
    own = table(tmp_path, heading, line)
    assert_as_written(own)
    assert "heading with another separator than its data" in own.notes[0]


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("Timestamp (s),Acc(X),Acc(Y),Acc(Z),Rot(X),Rot(Y),Rot(Z)", "{t},{x},{y},{z},1,2,3"),
        ("时间(秒),角速度X,角速度Y,角速度Z,加速度X,加速度Y,加速度Z", "{t},1,2,3,{x},{y},{z}"),
        ("t_s,Gyro [x],Gyro [y],Gyro [z],Accel [x],Accel [y],Accel [z]", "{t},1,2,3,{x},{y},{z}"),
    ],
)
def test_axes_in_brackets_and_in_other_letters_are_known(
    tmp_path: Path, heading: str, line: str
) -> None:
    assert_as_written(table(tmp_path, heading, line))


def test_a_heading_that_fits_no_columns_is_not_passed_over(tmp_path: Path) -> None:
    heading, line = "Time (s) Acc Y (g) Acc X (g) Acc Z (g)", "{t} {y} {x} {z}"
    with pytest.raises(UnusableFileError, match="heading that fits not its columns") as raised:
        table(tmp_path, heading, line)
    assert "--columns" in raised.value.sentence
    assert_as_written(table(tmp_path, heading, line, Told(columns=("3", "2", "4"))))


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("# t x y z", "{t} {x} {y} {z}"),
        ("#\tt\tx\ty\tz", "{t}\t{x}\t{y}\t{z}"),
        ("# t,x,y,z", "{t},{x},{y},{z}"),
        ("# n t x y z", "{n} {t} {x} {y} {z}"),
    ],
)
def test_the_sign_of_a_comment_is_no_name(tmp_path: Path, heading: str, line: str) -> None:
    """numpy.savetxt(header=...) writes it with a blank behind."""
    assert_as_written(table(tmp_path, heading, line))

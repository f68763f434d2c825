"""Tables with one axis a line, as databases of measurements export them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.long_table import is_long
from nabij.data.own.recording import Own, read_own
from tests.host.data.own.timed import rate_of
from tests.host.data.tables import walk

ACC = walk(400)
IN_TURN = [(at, axis) for at in range(400) for axis in range(3)]
BEHIND = [(at, axis) for axis in range(3) for at in range(400)]


def lines(order: list[tuple[int, int]], prefix: str = "", by: float = 1.0) -> list[str]:
    return [f"{at / 100:.2f},{prefix}{'xyz'[axis]},{ACC[at, axis] * by:.4f}" for at, axis in order]


def read(folder: Path, table: list[str], head: str = "time,axis,value") -> Own:
    (folder / "one.csv").write_text("\n".join([head, *table]) + "\n")
    return read_own(folder / "one.csv", "one.csv", Told())


@pytest.mark.parametrize("order", [IN_TURN, BEHIND])
def test_the_axes_are_put_side_by_side(tmp_path: Path, order: list[tuple[int, int]]) -> None:
    own = read(tmp_path, lines(order))
    assert rate_of(own) == [100]
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1


def test_of_several_sensors_the_acceleration_is_taken(tmp_path: Path) -> None:
    table = [*lines(BEHIND, "gyro_", 7.0), *lines(IN_TURN, "acc_"), "0.50,battery,3.9"]
    own = read(tmp_path, sorted(table), "time,field,_value")
    assert own.taken.axes == "'acc x', 'acc y', 'acc z'"
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1


def test_a_cut_in_the_last_sample_costs_that_sample(tmp_path: Path) -> None:
    assert len(read(tmp_path, lines(IN_TURN)[:-1]).acc_mg) == 399


@pytest.mark.parametrize(
    ("table", "head", "said"),
    [
        (lines(IN_TURN)[:300] + lines(IN_TURN)[301:], "time,axis,value", "not at the same times"),
        (lines(BEHIND)[:800], "time,axis,value", "none of its sensors has x, y and z"),
        ([*lines(IN_TURN), "4.0,x"], "time,axis,value", "row 1202 has 2 cells, not 3"),
        (
            [f"{line},7" for line in lines(IN_TURN)],
            "time,axis,a,b",
            "nothing says which of time, axis, a, b is its value",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, table: list[str], head: str, said: str
) -> None:
    with pytest.raises(UnusableFileError, match=said):
        read(tmp_path, table, head)


@pytest.mark.parametrize("label", ["x", "relax", "y"])
def test_a_column_of_words_makes_no_table_of_another_form(label: str) -> None:
    assert not is_long("t,ax,ay,az,label\n" + f"0.1,0.2,0.3,0.9,{label}\n" * 20)
    assert not is_long("time,activity,value\n" + "0.1,relax,0.3\n" * 20)

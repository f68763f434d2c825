"""Lines read at once hold nothing but samples; all others go the way that names them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nabij.data.own.at_once import NUMBERS, TEXT, columns_at_once
from nabij.data.own.dialect import Dialect

FOUR = {0: NUMBERS, 1: NUMBERS, 2: NUMBERS, 3: NUMBERS}
THREE = {1: NUMBERS, 2: NUMBERS, 3: NUMBERS}


def read(block: str, kinds: dict[int, Any], cells: int = 4, separator: str = ",") -> Any:
    """The columns of lines that have so many cells, the first four of them with headings."""
    dialect = Dialect(separator, ".", (), 0, cells, (), ())
    found = columns_at_once(block, dialect, kinds, 4)
    return None if found is None else [found[column].tolist() for column in kinds]


@pytest.mark.parametrize("kinds", [FOUR, THREE])
@pytest.mark.parametrize("cells", [4, 5])
@pytest.mark.parametrize(
    "line",
    [
        "1,2,3,4,5",
        "1,2,3,4,x",
        "1,2,3,four",
        "# 1,2,3,4",
        " // 1,2,3,4",
        "t,x,y,z",
        "1,2,3,4,5,6,7,8",
        "1,2,3,4\0",
    ],
)
def test_a_line_that_is_no_sample_is_seen(kinds: dict[int, Any], cells: int, line: str) -> None:
    for block in (f"{line}\n1,2,3,4\n", f"1,2,3,4\n{line}\n", f"1,2,3,4\n{line}"):
        assert read("1,2,3,4\n" * 3, kinds, cells)
        assert read(block, kinds, cells) is None


@pytest.mark.parametrize("cells", [4, 5])
def test_the_numbers_are_those_of_the_lines(cells: int) -> None:
    block = '1, -2.5,3e-1,+4\n\n "1" ,nan,N/A,#NV\r\n1,2\n'
    nan = float("nan")
    expected = [[1, 1, 1], [-2.5, nan, 2], [0.3, nan, nan], [4, nan, nan]]
    np.testing.assert_array_equal(read(block, FOUR, cells), expected)
    np.testing.assert_array_equal(read(block, THREE, cells), expected[1:])
    in_blanks = read("1  2\t3 4\n  5 6 7 8\n", FOUR, cells, " ")
    assert in_blanks == [[1, 5], [2, 6], [3, 7], [4, 8]]


def test_a_time_in_words_stays_text() -> None:
    found = read("08:15:00.0,1,2,3\n08:15:00.1,1,2,3\n", {**THREE, 0: TEXT})
    assert found[3] == ["08:15:00.0", "08:15:00.1"]

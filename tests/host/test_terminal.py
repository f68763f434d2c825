"""Tables on a terminal, with COLUMNS, and in a pipe."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from nabij import terminal

CELLS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=20)
ROWS = st.integers(1, 9).flatmap(
    lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=4)
)


def printed(rows: list[list[str]], width: int) -> str:
    page = io.StringIO()
    table = Table(box=None, pad_edge=False)
    for number in range(len(rows[0])):
        table.add_column(f"c{number}")
    for row in rows:
        table.add_row(*row)
    terminal.print_table(Console(file=page, width=width), table)
    return page.getvalue()


@given(ROWS, st.integers(45, 200))
def test_every_cell_is_there_whole_and_no_line_is_too_long(
    rows: list[list[str]], width: int
) -> None:
    """Two columns of 20 always fit into 45."""
    page = printed(rows, width)
    assert max(cell_len(line.rstrip()) for line in page.splitlines()) <= width
    words = page.split()
    for row in rows:
        assert set(row) <= set(words)


def test_each_part_of_a_table_that_does_not_fit_begins_with_the_first_column() -> None:
    row = ["/dev/ttyACM0", "a" * 30, "b" * 30, "c" * 30]
    assert printed([row], 120).count("/dev/ttyACM0") == 1
    assert printed([row], 80).count("/dev/ttyACM0") == 2


def test_a_row_in_a_pipe_is_one_line_unless_columns_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert terminal.output_console().width > 500
    monkeypatch.setenv("COLUMNS", "80")
    assert terminal.output_console().width == 80

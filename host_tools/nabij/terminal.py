"""Tables that fit where they go: a terminal, COLUMNS, or a pipe, whose lines have no end."""

import os
from typing import Final

from rich.console import Console
from rich.table import Column, Table

# Of a pipe or a file, where each row is to stay one line.
_NO_END: Final = 1000


def output_console() -> Console:
    """Standard output; what is printed is taken as it is, brackets and all."""
    fits = Console(emoji=False).is_terminal or "COLUMNS" in os.environ
    # Sentences are left to the terminal: a line end within one would spoil what is copied.
    return Console(
        emoji=False, markup=False, highlight=False, soft_wrap=True, width=None if fits else _NO_END
    )


def print_table(console: Console, table: Table) -> None:
    """Print the table, or its columns in groups that fit, each with the first column again."""
    for part in _parts(console, table):
        console.print(part, soft_wrap=False)


def _parts(console: Console, table: Table) -> list[Table]:
    first, *others = table.columns
    wide = Console(emoji=False, width=_NO_END, markup=False)

    def width(columns: list[Column]) -> int:
        return wide.measure(_of(table, columns)).maximum

    groups: list[list[Column]] = [[first]]
    for column in others:
        if len(groups[-1]) > 1 and width([*groups[-1], column]) > console.width:
            groups.append([first])
        groups[-1].append(column)
    return [table] if len(groups) == 1 else [_of(table, group) for group in groups]


def _of(table: Table, columns: list[Column]) -> Table:
    part = Table(
        box=table.box, pad_edge=table.pad_edge, show_lines=table.show_lines, title=table.title
    )
    for column in columns:
        part.add_column(
            column.header,
            justify=column.justify,
            no_wrap=column.no_wrap,
            overflow=column.overflow,
            max_width=column.max_width,
        )
    for cells in zip(*(column.cells for column in columns), strict=True):
        part.add_row(*cells)
    return part

"""Which lines above a table are its heading, and which name stands above which column."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nabij.data.own import heading
from nabij.data.own.cells import (
    BLANKS,
    COMMENTS,
    LEAST_NUMBERS,
    SEPARATORS,
    cells_of,
    is_number,
    number,
    trimmed,
)

_MOST_LINES: Final = 3
_RULE: Final = 0.9
_WIDE_BLANKS: Final = re.compile(r"\t| {2,}")
_ANY: Final = re.compile(r"[\s,;|]+")
_LETTER: Final = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Table:
    """All lines as cells and as text, where data begins, and the lines of data as cells."""

    rows: Sequence[Sequence[str]]
    lines: Sequence[str]
    first: int
    width: int
    data: Sequence[Sequence[str]]
    separator: str
    decimal: str


@dataclass(frozen=True)
class Heading:
    """One text a column (empty: none), the first of its lines, and what is to be said of it.

    `unread` is a line right above the data that names axes but fits no column.
    """

    names: tuple[str, ...]
    above: int
    note: str = ""
    unread: str = ""


def heading_of(table: Table) -> Heading:
    """The heading of a table: from the lines right above its data."""
    found: list[list[str]] = []
    at = table.first
    note = ""
    while at > 0 and len(found) < _MOST_LINES:
        row = list(table.rows[at - 1])
        while row and not row[-1] and len(row) > table.width:
            row.pop()
        row[:1] = [row[0].lstrip("#% ")] if row else []
        line = table.lines[at - 1]
        if len(row) > table.width and not row[0] and line.lstrip().startswith(COMMENTS):
            # The sign of a comment stands by itself, as numpy.savetxt writes it.
            del row[0]
        texts = sum(bool(cell) for cell in row)
        # A comment is a heading only right above the data.
        remark = found and line.lstrip().startswith(COMMENTS)
        if line.strip() and (
            remark or texts < min(LEAST_NUMBERS, table.width) or not _near(row, table.width)
        ):
            break
        at -= 1
        if line.strip():
            if not found:
                row, note = _placed(row, table)
            found.insert(0, row)
    distinct = [row for k, row in enumerate(found) if row not in found[:k]]
    if not distinct:
        return _foreign(table)
    columns = max(table.width, *(len(row) for row in distinct))
    padded = [row + [""] * (columns - len(row)) for row in distinct]
    names = tuple(" ".join(filter(None, texts)) for texts in zip(*padded, strict=True))
    return Heading(names, at, note)


def _placed(row: list[str], table: Table) -> tuple[list[str], str]:
    """The names, moved by a column where the first has none, and a sentence on a nameless last."""
    # Lines may all end in a separator under a heading that does not.
    nameless = table.width - len(row)
    if nameless < 1 or not any(cells[-1] for cells in table.data):
        return row, ""
    if nameless == 1 and _names_rows(row, table):
        return ["", *row], ""
    last = "last is" if nameless == 1 else f"last {nameless} are"
    note = f"has {table.width} columns under {len(row)} headings: the {last} taken to have no name"
    return row, note


def _names_rows(names: Sequence[str], table: Table) -> bool:
    """True when the first column is an index or row names, above which R writes no heading."""
    if not _rises(table, 0, strictly=True) and _is_numeric(table, 0):
        return False
    timed = [at for at, name in enumerate(names) if heading.names_time(name)]
    return all(_rises(table, at + 1) for at in timed[:1])


def _is_numeric(table: Table, column: int) -> bool:
    cells = [row[column] for row in table.data if row[column]]
    return sum(is_number(cell, table.decimal) for cell in cells) >= _RULE * len(cells)


def _rises(table: Table, column: int, *, strictly: bool = False) -> bool:
    """True for a column that grows from line to line, as time does."""
    cells = [row[column] for row in table.data if row[column]]
    keys: list[float] | list[str] = cells
    if _is_numeric(table, column):
        keys = [number(cell, table.decimal) for cell in cells if is_number(cell, table.decimal)]
    pairs = list(itertools.pairwise(keys))
    up = sum(a < b for a, b in pairs)  # type: ignore[operator]
    level = 0 if strictly else sum(a == b for a, b in pairs)
    return up > 0 and up + level >= _RULE * len(pairs)


def _foreign(table: Table) -> Heading:
    """The heading when it is written with another separator than the data."""
    at = table.first - 1
    while at >= 0 and not table.lines[at].strip():
        at -= 1
    line = table.lines[at].lstrip("#% ") if at >= 0 else ""
    found = [
        cells_of([line], one)[0] for one in SEPARATORS if one not in {table.separator, BLANKS}
    ]
    found.append(_WIDE_BLANKS.split(line.strip()))
    for cells in map(trimmed, found):
        if len(cells) == table.width and all(map(_LETTER.search, filter(None, cells))):
            return Heading(tuple(cells), at, "has a heading with another separator than its data")
    named = heading.triads_of(_ANY.split(line))
    return Heading((), table.first, unread=line.strip() if named else "")


def _near(row: Sequence[str], width: int) -> bool:
    """Headings may lack a name or two; and where the data has decimal commas, about half."""
    return width // 2 <= len(row) <= width + 1

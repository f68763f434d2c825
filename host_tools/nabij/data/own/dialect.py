"""How a table is written: its separator, its decimal sign, its headings, and where data begins."""

import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.text import Text

BLANKS: Final = " "
# A decimal point, and commas between thousands: only where nothing else explains a table better.
GROUPED: Final = ".,"
_SEPARATORS: Final = ("\t", ";", ",", "|", BLANKS)
_NUMBERS: Final = {
    ".": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
    ",": re.compile(r"[+-]?(\d{1,3}(\.\d{3})+,\d+|\d+(,\d*)?|,\d+)([eE][+-]?\d+)?"),
    GROUPED: re.compile(r"[+-]?(\d{1,3}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
}
_OTHER: Final = {".": ",", ",": "."}
# What stands for no value, in the languages of spreadsheets.
NOTHING: Final = frozenset(
    {"", "nan", "na", "n/a", "null", "none", "-", "--", "#n/a", "#nv", "#n/b", "#value!"}
    | {"#waarde!", "#wert!", "#div/0!", "#deel/0!", "inf", "-inf"}
)
COMMENTS: Final = ("#", "%", "//")
_LINES: Final = 3000
# A line of samples has some dozens of characters; megabytes are no line.
LONGEST_LINE: Final = 1 << 16
_LEAST_NUMBERS: Final = 3
_LONGEST_NUMBER: Final = 60
_STATED: Final = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)
_HEADING_LINES: Final = 3


@dataclass(frozen=True)
class Dialect:
    """A table's form: `heading` one text a column (empty: none), `first` its first line of data.

    `heading_lines` are its lines as `heading_cells` gives them, `preamble` the lines above that
    are no heading, `rows` the first lines of data as cells.
    """

    separator: str
    decimal: str
    heading: tuple[str, ...]
    first: int
    cells: int
    preamble: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    heading_lines: tuple[list[str], ...] = ()

    @property
    def named(self) -> int:
        """The most cells that are filled: as many as headings, if most lines keep to that."""
        if not self.heading:
            return self.cells
        lengths = [len(trimmed(row)) for row in self.rows]
        usual = max(set(lengths), key=lengths.count) if lengths else 0
        return max(len(trimmed(self.heading)), usual)


def trimmed(cells: Sequence[str]) -> list[str]:
    """Cells without the empty ones behind the last that is filled."""
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def heading_cells(cells: Sequence[str]) -> list[str]:
    """A line of a heading to compare: without the sign of a comment and empty cells at its end."""
    return trimmed([*(cell.lstrip("#% ") for cell in cells[:1]), *cells[1:]])


def dialect_of(text: Text, told: Told) -> Dialect:
    """How this text is written; UnusableFileError when it has no three columns of numbers."""
    lines = text.head.split("\n")[:_LINES]
    stated = _STATED.fullmatch(lines[0])
    known = told.separator or (stated[1] if stated else "")
    separators = (known,) if known else _SEPARATORS
    decimals = {"": (".", ",", GROUPED), ".": (".", GROUPED)}.get(told.decimal, (told.decimal,))
    best: tuple[int, int, Dialect] | None = None
    for separator, decimal in itertools.product(separators, decimals):
        found = _as(lines, separator, decimal)
        if found and (best is None or found[:2] > best[:2]):
            best = found
    if best is None:
        first = next((line for line in lines if line.strip()), "")
        raise UnusableFileError(
            f"{text.name} has no three columns of numbers (it begins with "
            f"'{_shown(first)}'): it is no table of samples, or --separator and --decimal help."
        )
    dialect = best[2]
    if not told.decimal:
        _refuse_two_signs(text.name, lines, dialect)
    named = len(dialect.heading)
    if named and dialect.cells >= 2 * named - 1 and dialect.separator == ",":
        if any("." in cell for row in dialect.rows for cell in row):
            raise UnusableFileError(
                f"{text.name} has {dialect.cells} cells a line under {named} headings, as if "
                "there were two samples on each: give each sample a line of its own."
            )
        raise UnusableFileError(
            f"{text.name} has {dialect.cells} cells a line under {named} headings: its numbers "
            "have decimal commas and nothing else between them; export it with semicolons."
        )
    return dialect


def cells_of(lines: Sequence[str], separator: str) -> list[list[str]]:
    """The cells of lines, without quotes and blanks around them."""
    if separator == BLANKS:
        return [line.replace('"', "").split() for line in lines]
    # One by one: a quote that is never closed must not swallow the lines behind it.
    return [
        [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
        if len(line) <= LONGEST_LINE
        else [line]
        for line in (one.replace("\0", "") for one in lines)
    ]


def other_sign(cells: Sequence[str], decimal: str) -> bool:
    """True for a line whose numbers are written with the other decimal sign."""
    other = _OTHER.get(decimal)
    if other is None or len(cells) < _LEAST_NUMBERS:
        return False
    here, there = (sum(is_number(cell, one) for cell in cells) for one in (decimal, other))
    return there >= _LEAST_NUMBERS and there > here


def is_number(cell: str, decimal: str) -> bool:
    """True for a number that is written with this decimal sign."""
    return len(cell) <= _LONGEST_NUMBER and _NUMBERS[decimal].fullmatch(cell) is not None


def number(cell: str, decimal: str) -> float:
    """The value of a cell, NaN for none; ValueError for anything else."""
    if is_number(cell, decimal):
        if decimal == ",":
            cell = cell.replace(".", "")
        return float(cell.replace(",", "." if decimal == "," else ""))
    if cell.casefold() in NOTHING:
        return float("nan")
    raise ValueError(cell)


def _refuse_two_signs(name: str, lines: Sequence[str], dialect: Dialect) -> None:
    rows = cells_of(lines, dialect.separator)
    for line, row in enumerate(rows, 1):
        if len(row) == dialect.cells and other_sign(row, dialect.decimal):
            here = {".": "points", ",": "commas"}
            raise UnusableFileError(
                f"{name} line {line} has decimal {here[_OTHER[dialect.decimal]]} where others, as "
                f"line {dialect.first + 1}, have {here[dialect.decimal]}: write all numbers alike."
                if line <= dialect.first
                else f"{name} has decimal {here[dialect.decimal]} up to line {line}, which has "
                f"{here[_OTHER[dialect.decimal]]}: write all numbers alike."
            )


def _as(lines: Sequence[str], separator: str, decimal: str) -> tuple[int, int, Dialect] | None:
    """The dialect with these signs, and how many lines and cells it explains; None: none."""
    rows = cells_of(lines, separator)
    numbers = [sum(is_number(cell, decimal) for cell in row) for row in rows]
    shapes = [
        len(row) for row, count in zip(rows, numbers, strict=True) if count >= _LEAST_NUMBERS
    ]
    if not shapes:
        return None
    width = max(set(shapes), key=shapes.count)
    good = [
        count >= _LEAST_NUMBERS and len(row) == width
        for row, count in zip(rows, numbers, strict=True)
    ]
    first = good.index(True)
    # Lines of empty cells may come before the first whole sample.
    while first > 0 and len(rows[first - 1]) == width and _is_data(rows[first - 1], decimal):
        first -= 1
    explained = [count for count, one in zip(numbers, good, strict=True) if one]
    data = [row for row, one in zip(rows[first:], good[first:], strict=True) if one]
    # Lines may all end in a separator under a heading that does not; R writes NA, never nothing.
    named_rows = any(row[-1] for row in data)
    heading, above = _heading(rows, lines, first, width, named_rows=named_rows)
    dialect = Dialect(
        separator=separator,
        decimal=decimal,
        heading=heading,
        first=first,
        cells=width,
        preamble=tuple(lines[:above]),
        rows=tuple(map(tuple, data)),
        heading_lines=tuple(heading_cells(row) for row in rows[above:first] if any(row)),
    )
    return len(explained), sum(explained), dialect


def _is_data(row: Sequence[str], decimal: str) -> bool:
    """True for a line of numbers and of words that stand for none, and at least one number."""
    numbers = [is_number(cell, decimal) for cell in row]
    return any(numbers) and all(
        one or cell.casefold() in NOTHING for one, cell in zip(numbers, row, strict=True)
    )


def _heading(
    rows: Sequence[Sequence[str]],
    lines: Sequence[str],
    first: int,
    width: int,
    *,
    named_rows: bool,
) -> tuple[tuple[str, ...], int]:
    """One text a column from the lines right above the data, and where those lines begin."""
    found: list[list[str]] = []
    at = first
    while at > 0 and len(found) < _HEADING_LINES:
        row = list(rows[at - 1])
        while row and not row[-1] and len(row) > width:
            row.pop()
        row[:1] = [row[0].lstrip("#% ")] if row else []
        texts = sum(bool(cell) for cell in row)
        # A comment is a heading only right above the data.
        remark = found and lines[at - 1].lstrip().startswith(COMMENTS)
        if lines[at - 1].strip() and (
            remark or texts < min(_LEAST_NUMBERS, width) or not _near(row, width)
        ):
            break
        at -= 1
        if lines[at].strip():
            # R writes no heading above its column of row names.
            shifted = named_rows and len(row) == width - 1 and not found
            found.insert(0, ["", *row] if shifted else row)
    distinct = [row for k, row in enumerate(found) if row not in found[:k]]
    if not distinct:
        return (), first
    columns = max(len(row) for row in distinct)
    padded = [row + [""] * (columns - len(row)) for row in distinct]
    return tuple(" ".join(filter(None, texts)) for texts in zip(*padded, strict=True)), at


def _near(row: Sequence[str], width: int) -> bool:
    """Headings may lack a name or two; and where the data has decimal commas, about half."""
    return width // 2 <= len(row) <= width + 1


def _shown(line: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in line.strip())
    return plain if len(plain) <= 40 else plain[:37] + "..."

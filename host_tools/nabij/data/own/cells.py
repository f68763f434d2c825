"""The cells of a table: how lines fall into them, and which are numbers."""

import csv
import re
from collections.abc import Sequence
from typing import Final

BLANKS: Final = " "
# A decimal point, and commas between thousands: only where nothing else explains a table better.
GROUPED: Final = ".,"
SEPARATORS: Final = ("\t", ";", ",", "|", BLANKS)
_NUMBERS: Final = {
    ".": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
    ",": re.compile(r"[+-]?(\d{1,3}(\.\d{3})+,\d+|\d+(,\d*)?|,\d+)([eE][+-]?\d+)?"),
    GROUPED: re.compile(r"[+-]?([1-9]\d{0,2}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
}
OTHER_SIGN: Final = {".": ",", ",": "."}
# What stands for no value, in the languages of spreadsheets.
NOTHING: Final = frozenset(
    {"", "nan", "na", "n/a", "null", "none", "-", "--", "#n/a", "#nv", "#n/b", "#value!"}
    | {"#waarde!", "#wert!", "#div/0!", "#deel/0!", "inf", "-inf"}
)
COMMENTS: Final = ("#", "%", "//")
# A line of samples has some dozens of characters; megabytes are no line.
LONGEST_LINE: Final = 1 << 16
LEAST_NUMBERS: Final = 3
_LONGEST_NUMBER: Final = 60


def trimmed(cells: Sequence[str]) -> list[str]:
    """Cells without the empty ones behind the last that is filled."""
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def heading_cells(cells: Sequence[str]) -> list[str]:
    """A line of a heading to compare: without the sign of a comment and empty cells at its end."""
    return trimmed([*(cell.lstrip("#% ") for cell in cells[:1]), *cells[1:]])


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


def separates(separator: str, lines: Sequence[str]) -> bool:
    """True when any of the lines has this separator in it."""
    if separator == BLANKS:
        return any(len(line.split(None, 1)) > 1 for line in lines)
    return any(separator in line for line in lines)


def other_sign(cells: Sequence[str], decimal: str) -> bool:
    """True for a line whose numbers are written with the other decimal sign."""
    other = OTHER_SIGN.get(decimal)
    # Numbers without a sign are numbers either way.
    if other is None or len(cells) < LEAST_NUMBERS or not any(other in cell for cell in cells):
        return False
    here, there = (sum(is_number(cell, one) for cell in cells) for one in (decimal, other))
    return there >= LEAST_NUMBERS and there > here


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

"""How a table is written: its separator, its decimal sign, its headings, and where data begins."""

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Final

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.cells import (
    GROUPED,
    LEAST_NUMBERS,
    LONGEST_LINE,
    NOTHING,
    OTHER_SIGN,
    SEPARATORS,
    cells_of,
    heading_cells,
    is_number,
    other_sign,
    separates,
    trimmed,
)
from nabij.data.own.heading_lines import Table, heading_of
from nabij.data.own.text import Text

_LINES: Final = 3000
# A longer head is looked through in such pieces, so many, which share the lines of a heading.
_WINDOWS: Final = 20
_OVERLAP: Final = 6
_LOOKED_AT: Final = 100
_NO_NUMBERS: Final = {
    r"(?<![^\W_])0[xX][0-9a-fA-F]+": "its numbers are hexadecimal; export them as decimal ones",
    r"\d ?(?:m?g|G|m/s\S*|%)(?![\w/])": (
        "its numbers have a unit or sign behind them; export them without, with the unit in the "
        "heading"
    ),
}
_STATED: Final = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)


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
    # What is to be said of the heading; and a line that may be one, but fits no column.
    note: str = ""
    unread: str = ""

    def label(self, column: int) -> str:
        """How sentences call a column: by its heading, else by its number."""
        name = self.heading[column] if column < len(self.heading) else ""
        return f"'{name}'" if name else f"column {column + 1}"

    @property
    def named(self) -> int:
        """The most cells that are filled: as many as headings, if most lines keep to that."""
        if not self.heading:
            return self.cells
        lengths = [len(trimmed(row)) for row in self.rows]
        usual = max(set(lengths), key=lengths.count) if lengths else 0
        return max(len(trimmed(self.heading)), usual)


def dialect_of(text: Text, told: Told) -> Dialect:
    """How this text is written; UnusableFileError when it has no three columns of numbers."""
    lines: list[str] = []
    for begin, some in _windows(text):
        stated = _STATED.fullmatch(some[0]) if begin == 0 else None
        known = told.separator or (stated[1] if stated else "")
        found = _best(some, (known,) if known else SEPARATORS, told)
        lines = [*lines[:begin], *some]
        if found is not None:
            break
    else:
        first = next((line for line in lines if line.strip()), "")
        beginning = f" in its first {len(lines)} lines" if len(lines) > _LINES else ""
        raise UnusableFileError(
            f"{text.name} has no three columns of numbers{beginning} (it begins with "
            f"'{_shown(first)}'): {_reason(lines)}."
        )
    dialect = dataclasses.replace(
        found,
        first=found.first + begin,
        preamble=(*lines[:begin], *found.preamble) if begin else found.preamble,
    )
    if text.labels is not None:
        dialect = dataclasses.replace(dialect, heading=text.labels.names, heading_lines=())
    if not told.decimal:
        _refuse_two_signs(text.name, lines[: begin + _LINES], dialect)
    named = len(trimmed(dialect.heading))
    if named and dialect.named >= 2 * named - 1 and dialect.separator == ",":
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


def _reason(lines: Sequence[str]) -> str:
    """Why there are no numbers, as far as one can see, and what to do."""
    filled = [line for line in lines[:_LOOKED_AT] if line.strip()]
    for form, what in _NO_NUMBERS.items():
        if sum(re.search(form, line) is not None for line in filled) > len(filled) / 2:
            return what
    return "it is no table of samples, or --separator and --decimal help"


def _windows(text: Text) -> Iterator[tuple[int, list[str]]]:
    """The first lines, and then those behind them: from which line on, and the lines."""
    lines = text.head.split("\n")[:_LINES]
    yield 0, lines
    begin = 0
    with text.open() as file:
        for _ in range(max(0, len(lines) - _OVERLAP)):
            file.readline()
        begin = max(0, len(lines) - _OVERLAP)
        kept: list[str] = []
        for _ in range(_WINDOWS):
            read = [_line(file) for _ in range(_LINES)]
            some = [*kept, *(text.plain(line.rstrip("\n")) for line in read if line)]
            if len(some) <= len(kept) + 1:
                return
            yield begin, some
            begin += len(some) - _OVERLAP
            kept = some[-_OVERLAP:]


def _line(file: IO[str]) -> str:
    """The next line, empty at the end; of one that is no line of samples only its end."""
    line = file.readline(LONGEST_LINE)
    while len(line) == LONGEST_LINE and not line.endswith("\n"):
        line = file.readline(LONGEST_LINE) and "\n"
    return line


def _best(lines: Sequence[str], separators: Sequence[str], told: Told) -> Dialect | None:
    decimals = {"": (".", ",", GROUPED), ".": (".", GROUPED)}.get(told.decimal, (told.decimal,))
    best: tuple[int, int, Dialect] | None = None
    for separator in separators:
        if not separates(separator, lines):
            continue
        rows = cells_of(lines, separator)
        for decimal in decimals:
            found = _as(lines, rows, separator, decimal)
            if found and (best is None or found[:2] > best[:2]):
                best = found
    return best[2] if best else None


def _refuse_two_signs(name: str, lines: Sequence[str], dialect: Dialect) -> None:
    rows = cells_of(lines, dialect.separator)
    for line, row in enumerate(rows, 1):
        if len(row) == dialect.cells and other_sign(row, dialect.decimal):
            here = {".": "points", ",": "commas"}
            raise UnusableFileError(
                f"{name} line {line} has decimal {here[OTHER_SIGN[dialect.decimal]]} where "
                f"others, as line {dialect.first + 1}, have {here[dialect.decimal]}: write all "
                "numbers alike."
                if line <= dialect.first
                else f"{name} has decimal {here[dialect.decimal]} up to line {line}, which has "
                f"{here[OTHER_SIGN[dialect.decimal]]}: write all numbers alike."
            )


def _as(
    lines: Sequence[str], rows: list[list[str]], separator: str, decimal: str
) -> tuple[int, int, Dialect] | None:
    """The dialect with these signs, and how many lines and cells it explains; None: none."""
    numbers = [sum(is_number(cell, decimal) for cell in row) for row in rows]
    shapes = [len(row) for row, count in zip(rows, numbers, strict=True) if count >= LEAST_NUMBERS]
    if not shapes:
        return None
    width = max(set(shapes), key=shapes.count)
    good = [
        count >= LEAST_NUMBERS and len(row) == width
        for row, count in zip(rows, numbers, strict=True)
    ]
    first = good.index(True)
    # Lines of empty cells may come before the first whole sample.
    while first > 0 and len(rows[first - 1]) == width and _is_data(rows[first - 1], decimal):
        first -= 1
    explained = [count for count, one in zip(numbers, good, strict=True) if one]
    data = [row for row, one in zip(rows[first:], good[first:], strict=True) if one]
    table = Table(rows, lines, first, width, data, separator, decimal)
    found = heading_of(table)
    dialect = Dialect(
        separator=separator,
        decimal=decimal,
        heading=found.names,
        first=first,
        cells=width,
        preamble=tuple(lines[: found.above]),
        rows=tuple(map(tuple, data)),
        heading_lines=tuple(heading_cells(row) for row in rows[found.above : first] if any(row)),
        note=found.note,
        unread=found.unread,
    )
    return len(explained), sum(explained), dialect


def _is_data(row: Sequence[str], decimal: str) -> bool:
    """True for a line of numbers and of words that stand for none, and at least one number."""
    numbers = [is_number(cell, decimal) for cell in row]
    return any(numbers) and all(
        one or cell.casefold() in NOTHING for one, cell in zip(numbers, row, strict=True)
    )


def _shown(line: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in line.strip())
    return plain if len(plain) <= 40 else plain[:37] + "..."

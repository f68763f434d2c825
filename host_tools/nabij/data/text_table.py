"""Published files of numbers as text: their lines, and columns of them as arrays."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nabij.data.common import Floats, UnusableFileError

_MOST_BYTES: Final = 256 << 20
# The byte order mark of UTF-8, read as Latin-1.
_MARK_IN_LATIN_1: Final = "\u00ef\u00bb\u00bf"


def read_text(file: Path, encoding: str = "utf-8-sig") -> str:
    """The text of a file, without a byte order mark; UnusableFileError when it is not text."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise UnusableFileError(
                f"{file.name} has more than {_MOST_BYTES >> 20} MB, which no recording of a set "
                "has: leave it out."
            )
        text = io.TextIOWrapper(io.BytesIO(content), encoding).read()
    except OSError as error:
        raise UnusableFileError(f"{file.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnusableFileError(
            f"{file.name} is not UTF-8 text: save it as UTF-8, or leave it out."
        ) from error
    return text.removeprefix(_MARK_IN_LATIN_1)


def lines_of(text: str) -> list[str]:
    """The lines between line ends; str.splitlines also takes byte 0x85 and others for one."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


@dataclass(frozen=True)
class Table:
    """Columns of numbers; the notes tell of a cut last line, and of lines with two samples."""

    values: Floats
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """How a line is built: what separates its cells, and how many it has, where that is known."""

    separator: str = ","
    cells: int | None = None


COMMAS: Final = Shape()


def read_table(
    name: str, lines: Sequence[str], columns: Sequence[int], shape: Shape = COMMAS, first: int = 1
) -> Table:
    """These columns of lines of numbers; UnusableFileError names the line that has other things.

    `first` is the number of the first line in the file. Only the last line may be cut short.
    """
    numbers, rows, doubles = _rows(lines, shape, first)
    values, bad = _parsed(rows, columns, shape)
    notes = []
    if bad is not None:
        line = numbers[bad]
        if bad < len(rows) - 1 or bad == 0:
            raise UnusableFileError(
                f"{name} line {line} does not have {len(columns)} numbers in its columns "
                f"{', '.join(str(one + 1) for one in columns)} (separated by "
                f"'{shape.separator}'): copy the file again, or leave it out."
            )
        values, _ = _parsed(rows[:-1], columns, shape)
        notes.append(f"{name} ends in the middle of line {line}, which is left out.")
    if doubles:
        notes.append(
            f"{name} has lines with more than one sample, as line {doubles[0]}: all were taken "
            f"({len(doubles)} such lines)."
        )
    if len(values) < 2:
        raise UnusableFileError(f"{name} has {len(values)} samples: a recording has at least 2.")
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        line = numbers[int(np.argmin(finite))]
        raise UnusableFileError(f"{name} line {line} has a value that is not a number.")
    return Table(values, tuple(notes))


def _rows(
    lines: Sequence[str], shape: Shape, first: int
) -> tuple[list[int], list[str], list[int]]:
    """Line numbers and lines that hold something, each with one sample, and which held more."""
    numbers: list[int] = []
    rows: list[str] = []
    doubles: list[int] = []
    for number, line in enumerate(lines, first):
        bare = line.strip()
        if not bare:
            continue
        cells = bare.removesuffix(shape.separator).count(shape.separator) + 1
        if shape.cells is None or cells <= shape.cells or cells % shape.cells:
            numbers.append(number)
            rows.append(bare)
            continue
        doubles.append(number)
        parts = bare.split(shape.separator)
        for at in range(0, cells, shape.cells):
            numbers.append(number)
            rows.append(shape.separator.join(parts[at : at + shape.cells]))
    return numbers, rows, doubles


def _parsed(
    rows: Sequence[str], columns: Sequence[int], shape: Shape
) -> tuple[Floats, int | None]:
    """The numbers in these columns, or which row lacks a cell or a number."""
    none = np.empty((0, len(columns)))
    if not rows:
        return none, None
    if shape.cells is not None:
        for at, row in enumerate(rows):
            if row.removesuffix(shape.separator).count(shape.separator) + 1 != shape.cells:
                return none, at
    try:
        return np.loadtxt(
            rows,
            delimiter=shape.separator,
            usecols=columns,
            ndmin=2,
            comments=None,
            dtype=np.float64,
        ), None
    except ValueError:
        return none, _first_bad(rows, columns, shape.separator)


def _first_bad(rows: Sequence[str], columns: Sequence[int], separator: str) -> int:
    for at, row in enumerate(rows):
        cells = row.split(separator)
        try:
            for column in columns:
                float(cells[column])
        except (ValueError, IndexError):
            return at
    return len(rows) - 1

"""The cells of spreadsheets: .xlsx, .xls, .xlsb and .ods, whoever wrote them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nabij.data.common import UnusableFileError

if TYPE_CHECKING:
    import python_calamine

Cell = float | str | None
# Gigabytes as objects; a damaged file may claim any number.
_MOST_CELLS: Final = 1 << 26


def read_sheet(file: Path) -> list[list[Cell]]:
    """The rows of the first sheet, from row 1; numbers are floats, empty cells None."""
    rows = next(iter(read_sheets(file, file.name).values()))
    if not any(cell is not None for row in rows for cell in row):
        raise UnusableFileError(f"{file.name} has no cells in its first sheet.")
    return [_trimmed([_plain(cell) for cell in row]) for row in rows]


def read_sheets(file: Path, name: str) -> dict[str, list[list[Any]]]:
    """The rows of all sheets by name, cells as they are; UnusableFileError for no workbook."""
    import python_calamine  # noqa: PLC0415 - an extra

    try:
        book = _opened(file)
        sheets = {one: _rows(book, one, name) for one in book.sheet_names}
    except python_calamine.PasswordError as error:
        raise UnusableFileError(f"{name} is locked by a password: save it without one.") from error
    except (python_calamine.CalamineError, OSError) as error:
        raise UnusableFileError(
            f"{name} is not a readable {file.suffix or 'workbook'} file: copy it again."
        ) from error
    if not sheets:
        raise UnusableFileError(f"{name} has no sheet.")
    return sheets


def _opened(file: Path) -> python_calamine.CalamineWorkbook:
    import python_calamine  # noqa: PLC0415 - an extra

    try:
        return python_calamine.CalamineWorkbook.from_path(file)
    except python_calamine.PasswordError:
        raise
    except python_calamine.CalamineError:
        # Under another ending than its own, as mail programs leave it: what it holds decides.
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.read_bytes()))


def _trimmed(row: list[Cell]) -> list[Cell]:
    while row and row[-1] is None:
        row.pop()
    return row


def _rows(book: python_calamine.CalamineWorkbook, sheet: str, name: str) -> list[list[Any]]:
    found = book.get_sheet_by_name(sheet)
    if found.total_height * found.total_width > _MOST_CELLS:
        raise UnusableFileError(f"{name} has too many cells in its sheet {sheet}: save it as CSV.")
    return [
        [None if cell == "" else cell for cell in row]
        for row in found.to_python(skip_empty_area=False)
    ]


def _plain(cell: Any) -> Cell:
    if isinstance(cell, bool) or cell is None:
        return None if cell is None else str(cell)
    return float(cell) if isinstance(cell, int | float) else str(cell)

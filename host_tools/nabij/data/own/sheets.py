"""Of several sheets the one with the acceleration, as text: of workbooks, JSON and web pages."""

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nabij.data.common import UnusableFileError
from nabij.data.own import heading

# A heading is not far from the top of a sheet.
_HEADING: Final = 60


@dataclass(frozen=True)
class Sheet:
    """A sheet as lines of cells with semicolons between them.

    `others` are the names of all, `also` of those that another choice would have taken.
    """

    name: str
    content: str
    others: tuple[str, ...]
    also: tuple[str, ...] = ()


def chosen(name: str, sheets: Mapping[str, Sequence[Sequence[Any]]], asked: str) -> Sheet:
    """The sheet that was asked for, or else that with the most rows of an acceleration.

    Raises UnusableFileError where there is none of that name.
    """
    also: list[str] = []
    if asked:
        same = [one for one in sheets if one.casefold().strip() == asked.casefold().strip()]
        if not same:
            there = ", ".join(filter(None, sheets)) or "only one table, leave --sheet out"
            raise UnusableFileError(f"{name} has no sheet '{asked}': it has {there}.")
        found = asked if asked in same else same[0]
    else:
        scores = {one: _score(one, rows) for one, rows in sheets.items()}
        found = max(scores, key=lambda one: scores[one])
        also = [one for one in scores if one != found and scores[one][0] >= scores[found][0] > 1]
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";", lineterminator="\n")
    for row in sheets[found]:
        rows.writerow([_cell(cell) for cell in row])
    return Sheet(found, out.getvalue(), tuple(sheets), tuple(also))


def _score(sheet: str, rows: Sequence[Sequence[Any]]) -> tuple[int, int]:
    """How likely a sheet holds the acceleration, by its headings and name; and its length."""
    count = sum(_filled(row) >= 3 for row in rows)
    if count < 2:
        return 0, count
    rank = heading.rank_of_sheet(sheet, [[_cell(cell) for cell in row] for row in rows[:_HEADING]])
    return rank, count


def _filled(row: Sequence[Any]) -> int:
    return sum(cell not in ("", None) for cell in row)


def _cell(cell: Any) -> str:
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell.total_seconds())
    return "" if cell is None else str(cell)

"""The column of time of a table: which one it is, and how its cells become seconds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from nabij.data.common import Floats, Told, UnusableFileError
from nabij.data.own import time_text, wraps
from nabij.data.own.cells import GROUPED, is_number, number
from nabij.data.own.dialect import Dialect
from nabij.data.own.heading import find_columns, names_time, plain, unit_of
from nabij.data.own.time_numbers import (
    UNITS,
    Seen,
    from_digits,
    refuse_grouped,
    unit_of_numbers,
)

# In place of a column: there is none, although one looks like it.
NO_TIME: Final = "none"
# What is counted from the start needs no date.
_RELATIVE: Final = re.compile(r"elapsed|since|relative|\bt\b|time \(s|time \(ms")
_LEAST: Final = 0.9


@dataclass(frozen=True)
class TimeColumn:
    """The column of time: numbers of so many seconds each, or text in a form that is known.

    `how` says in words what it was taken for. `wrap_s`: text without a date begins anew then.
    `counted`: it is no clock, but a count of samples at a rate that is known.
    """

    column: int
    seconds_a_tick: float | None
    how: str
    form: str = "clock"
    wrap_s: float | None = None
    counted: bool = False
    # What speaks against what it was taken for.
    doubt: str = ""
    # All dates so far; what order day and month have only the last of them may show.
    dates: dict[str, int] = field(default_factory=dict)

    def seconds(self, cells: Any) -> Floats:
        """Seconds of cells, NaN where one holds no time; `resolved` puts them on one clock."""
        if self.seconds_a_tick is not None:
            return np.asarray(cells, np.float64) * self.seconds_a_tick
        if self.form == "clock":
            return time_text.read_clock(cells, self.dates)
        if self.form == "unit":
            return time_text.read_with_unit(cells)
        return time_text.read_iso(cells) if self.form == "iso" else time_text.read_compact(cells)

    def resolved(self, t_s: Floats) -> tuple[Floats, str]:
        """Seconds of all rows on one clock that goes on, and what is to be said of that."""
        t_s = time_text.on_one_clock(t_s, self.dates)
        if self.seconds_a_tick in {1.0, 1e-3} and not self.counted:
            day_s = from_digits(t_s)
            if day_s is not None:
                return wraps.over(day_s, time_text.A_DAY_S), "has its time as hhmmss in digits"
        t_s = wraps.over(t_s, self.wrap_s)
        return wraps.continued(t_s, self.seconds_a_tick)


def unit_of_time(word: str) -> str:
    """The unit that a word means, as headings write it; empty: none."""
    return unit_of(f"t ({word})", UNITS)


def time_column_of(
    name: str, dialect: Dialect, axes: Sequence[int], told: Told
) -> TimeColumn | None:
    """The clock of a table, None when it has none; UnusableFileError for one that cannot be."""
    if told.time.casefold() == NO_TIME:
        return None
    if told.time:
        (column,) = find_columns(name, dialect.heading, dialect.cells, [told.time])
        if column in axes:
            raise UnusableFileError(
                f"{name} cannot have its time in a column of its acceleration ('{told.time}')."
            )
        return _as_clock(name, dialect, column, told, certain=True)
    refused: UnusableFileError | None = None
    for column in _candidates(dialect, axes):
        named = bool(dialect.heading) and names_time(dialect.heading[column])
        try:
            clock = _as_clock(name, dialect, column, told, certain=named)
        except UnusableFileError as error:
            refused = refused or error
            continue
        if clock is not None:
            return clock
    if refused is not None and told.rate_hz is None:
        raise refused
    return None


def _candidates(dialect: Dialect, axes: Sequence[int]) -> list[int]:
    """Columns that may be the time: by their names, counted from the start first, then others."""
    others = [at for at in range(dialect.cells) if at not in axes]
    if not dialect.heading:
        return others[:1]
    heads = [*dialect.heading, *[""] * dialect.cells]
    named = [at for at in others if names_time(heads[at])]
    relative = [at for at in named if _RELATIVE.search(plain(heads[at]))]
    found = [*relative, *(at for at in named if at not in relative)] or others[:1]
    # A date that does not change stands beside the time of day.
    return [at for at in found if len({row[at] for row in dialect.rows}) > 1] or found


def _as_clock(
    name: str, dialect: Dialect, column: int, told: Told, *, certain: bool
) -> TimeColumn | None:
    cells = [row[column] for row in dialect.rows]
    filled = [cell for cell in cells if cell]
    if not filled:
        return None
    numeric = sum(is_number(cell, dialect.decimal) for cell in filled)
    label = dialect.label(column)
    if time_text.is_compact(filled) and not told.time_unit:
        return TimeColumn(column, None, f"{label} as date and time in digits", form="compact")
    if certain and dialect.decimal != GROUPED:
        refuse_grouped(name, label, filled)
    if numeric >= _LEAST * len(filled):
        values = [
            number(cell, dialect.decimal) for cell in filled if is_number(cell, dialect.decimal)
        ]
        seen = Seen(
            label=label,
            values=np.array(values),
            stated=unit_of(dialect.heading[column] if dialect.heading else "", UNITS),
            told=told.time_unit,
            certain=certain,
            rate_told=told.rate_hz is not None,
            fine=bool(dialect.heading) and plain(dialect.heading[column]) == "sample time fine",
        )
        unit = unit_of_numbers(name, seen)
        return (
            TimeColumn(column, unit.seconds_a_tick, unit.how, doubt=unit.doubt) if unit else None
        )
    if told.time_unit and certain:
        raise UnusableFileError(
            f"{name} has no numbers in its time {label} but text like '{filled[0][:30]}': leave "
            "--time-unit out."
        )
    return _textual(name, column, label, filled, certain=certain)


def _textual(
    name: str, column: int, label: str, cells: Sequence[str], *, certain: bool
) -> TimeColumn | None:
    if all(time_text.ISO.fullmatch(cell.replace(",", ".")) for cell in cells):
        return TimeColumn(column, None, f"{label} as date and time", form="iso")
    if time_text.has_unit(cells):
        return TimeColumn(column, None, f"{label} as numbers with their unit", form="unit")
    matches = [time_text.has_form(cell) for cell in cells]
    if sum(match is not None for match in matches) < _LEAST * len(cells):
        if not certain:
            return None
        raise UnusableFileError(
            f"{name} has a time {label} like '{cells[0][:40]}', which is in no form that is "
            "known: write it as 2026-11-03 08:15:00.000, or give another column with --time "
            "(--time none and --source-rate if no sample is missing)."
        )
    first = next(match for match in matches if match)
    if first["date"]:
        return TimeColumn(column, None, f"{label} as date and time")
    hours = len(re.findall(r"\d+", first["time"])) == 3
    wrap_s = time_text.A_DAY_S if hours else time_text.AN_HOUR_S
    return TimeColumn(
        column, None, f"{label} as time of {'day' if hours else 'hour'}", wrap_s=wrap_s
    )

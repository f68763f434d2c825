"""Tables with one axis a line, as databases of measurements export them: x, y and z side by side.

A column says which axis a line is of (`z`, `acc_z`), one has its value, one its time.
"""

import re
from collections.abc import Sequence
from typing import Final

from nabij.data.common import UnusableFileError
from nabij.data.own.cells import LONGEST_LINE, SEPARATORS, cells_of, is_number
from nabij.data.own.heading import names_time, triads_of

_AXIS: Final = re.compile(r"(?:(?P<of>.*[^\W_])[ _.:\-])?(?P<axis>[xyz])", re.IGNORECASE)
_VALUE: Final = re.compile(r"value|reading|wert|waarde|valeur|valor|measure", re.IGNORECASE)
_AXES: Final = ("x", "y", "z")
_LINES: Final = 200
_RULE: Final = 0.5
_HEAD_CHARS: Final = 1 << 18
_FEWEST_COLUMNS: Final = 3

Row = tuple[str, ...]


def is_long(head: str) -> bool:
    """True for a text that begins as such a table does."""
    return _form(head) is not None


def long_sheets(name: str, text: str) -> dict[str, list[list[str]]]:
    """A sheet for each sensor with its three axes side by side.

    Raises UnusableFileError where the axes have other times, or one is missing.
    """
    separator, column = _form(text[:_HEAD_CHARS]) or (",", 0)
    return _side_by_side(name, _rows(text.split("\n"), separator), column)


def _form(head: str) -> tuple[str, int] | None:
    """The separator, and the column that names axes; None for another table."""
    lines = head.split("\n", _LINES)[:_LINES]
    if max(map(len, lines)) > LONGEST_LINE:
        return None
    for separator in SEPARATORS[:-1]:
        column = _axis_column(_rows(lines, separator))
        if column is not None:
            return separator, column
    return None


def _rows(lines: Sequence[str], separator: str) -> list[Row]:
    return [tuple(row) for row in cells_of(lines, separator) if any(row)]


def _axis_column(rows: Sequence[Row]) -> int | None:
    """The column that names axes, below a heading without any; other things may be among them."""
    if len(rows) < 2 * len(_AXES) or len({len(row) for row in rows}) > 1:
        return None
    heading, *data = rows
    if len(heading) < _FEWEST_COLUMNS or triads_of(heading):
        return None
    for at in range(len(heading)):
        named = [found for row in data if (found := _AXIS.fullmatch(row[at]))]
        axes: dict[str, set[str]] = {}
        for found in named:
            axes.setdefault(found["of"] or "", set()).add(found["axis"].casefold())
        in_turn = any(one == set(_AXES) for one in axes.values())
        # One axis behind the other: only the first is seen here.
        if len(named) == len(data) or (in_turn and len(named) >= _RULE * len(data)):
            return at
    return None


def _side_by_side(name: str, rows: Sequence[Row], column: int) -> dict[str, list[list[str]]]:
    heading, *data = rows
    value = _value_column(name, heading, data[0], column)
    others = [at for at in range(len(heading)) if at not in (column, value)]
    times = [at for at in others if names_time(heading[at])] or others[:1]
    sensors: dict[str, dict[str, list[tuple[Row, str]]]] = {}
    for line, row in enumerate(data, 2):
        if len(row) != len(heading):
            raise UnusableFileError(
                f"{name} row {line} has {len(row)} cells, not {len(heading)} as its columns: "
                "correct it, or take it out."
            )
        found = _AXIS.fullmatch(row[column])
        if found is None:
            continue
        axes = sensors.setdefault(found["of"] or "", {})
        moment = tuple(row[at] for at in times)
        axes.setdefault(found["axis"].casefold(), []).append((moment, row[value]))
    sheets = {}
    for sensor, axes in sensors.items():
        if set(axes) == set(_AXES):
            head = [*(heading[at] for at in times), *(f"{sensor} {one}".strip() for one in _AXES)]
            sheets[sensor] = [head, *_aligned(name, [axes[one] for one in _AXES])]
    if not sheets:
        raise UnusableFileError(
            f"{name} has one axis a line, but none of its sensors has x, y and z: it has "
            f"{', '.join(dict.fromkeys(row[column] for row in data[:_LINES]))}."
        )
    return sheets


def _value_column(name: str, heading: Row, row: Row, column: int) -> int:
    others = [at for at in range(len(heading)) if at != column]
    numbers = [
        at
        for at in others
        if any(is_number(row[at], sign) for sign in ".,") and not names_time(heading[at])
    ]
    named = [at for at in numbers if _VALUE.search(heading[at])]
    for found in (named, numbers):
        if len(found) == 1:
            return found[0]
    raise UnusableFileError(
        f"{name} has one axis a line, and nothing says which of {', '.join(heading)} is its "
        "value: call that column value."
    )


def _aligned(name: str, axes: Sequence[Sequence[tuple[Row, str]]]) -> list[list[str]]:
    """The three axes row by row; all have the same times, but for a row cut off at the end."""
    shortest = min(map(len, axes))
    if max(map(len, axes)) > shortest + 1 or any(
        x[0] != y[0] or x[0] != z[0]
        for x, y, z in zip(*(one[:shortest] for one in axes), strict=True)
    ):
        raise UnusableFileError(
            f"{name} has one axis a line, and x, y and z are not at the same times: export them "
            "side by side."
        )
    return [
        [*x[0], x[1], y[1], z[1]]
        for x, y, z in zip(*(one[:shortest] for one in axes), strict=True)
    ]

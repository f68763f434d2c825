"""What a person tells of files of one's own: checked as a whole, and against the files there."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nabij.data.common import MG_A_STATED_UNIT, Told
from nabij.data.own import cwa, heading, time_column, time_numbers
from nabij.data.own.text import has_sheets, is_encoding, is_workbook
from nabij.errors import UsageError

_DECIMALS: Final = {"point": ".", "dot": ".", "comma": ","}
_OPTIONS: Final = {
    "columns": "--columns",
    "offset": "--offset",
    "time": "--time",
    "time_unit": "--time-unit",
    "decimal": "--decimal",
    "separator": "--separator",
    "encoding": "--encoding",
    "sheet": "--sheet",
    "skip_bad": "--skip-bad",
}
# What each kind of file has no use for.
_IDLE: Final = {
    "text": ("sheet",),
    "workbook": ("separator", "encoding"),
    "sheets": (),
    "logger": tuple(_OPTIONS),
}
_MEANT_FOR: Final = {
    "sheet": "files of several tables (.xlsx, .xls, .ods, JSON)",
    "encoding": "text",
}


def checked(told: Told) -> Told:
    """The same in our words for units and signs; UsageError for what is true of no file."""
    if told.units and told.units not in MG_A_STATED_UNIT:
        unit = heading.unit_of(f"x ({told.units})")
        if unit not in MG_A_STATED_UNIT:
            raise UsageError(
                f"There is no unit '{told.units}': choose from {', '.join(MG_A_STATED_UNIT)}"
                f"{', or give --scale for raw counts' if unit == 'counts' else ''}."
            )
        told = dataclasses.replace(told, units=unit)
    if told.time_unit and told.time_unit not in time_numbers.SECONDS_A_TICK:
        unit = time_column.unit_of_time(told.time_unit)
        if not unit:
            raise UsageError(
                f"There is no unit of time '{told.time_unit}': choose from "
                f"{', '.join(time_numbers.SECONDS_A_TICK)}."
            )
        told = dataclasses.replace(told, time_unit=unit)
    _check_counts(told)
    told = dataclasses.replace(told, decimal=_DECIMALS.get(told.decimal, told.decimal))
    if told.decimal not in {"", ".", ","}:
        raise UsageError("--decimal is . or a comma.")
    if told.encoding and not is_encoding(told.encoding):
        raise UsageError(
            f"There is no encoding of text '{told.encoding}': name one such as utf-8 or cp1252."
        )
    if told.separator and told.separator == told.decimal:
        raise UsageError("--separator and --decimal are the same: numbers would fall apart.")
    if told.units and told.scale is not None:
        raise UsageError("--units and --scale say the same in two ways: give one of them.")
    if told.time.casefold() == time_column.NO_TIME and told.time_unit:
        raise UsageError("--time none and --time-unit exclude each other: give one of them.")
    return told


def _check_counts(told: Told) -> None:
    if len(told.offset) not in {0, 1, 3}:
        raise UsageError(
            "--offset takes one number, or three for x, y and z, such as 512,505,518."
        )
    if told.columns and len(told.columns) != 3:
        raise UsageError("--columns takes three names, separated by commas, such as ax,ay,az.")
    if len(set(told.columns)) < len(told.columns):
        raise UsageError("--columns names one column twice: x, y and z are three, as ax,ay,az.")


def refuse_idle(told: Told, files: Sequence[Path]) -> None:
    """UsageError for an option that none of these files has a use for."""
    given = [name for name in _OPTIONS if getattr(told, name)]
    if not given or not files:
        return
    kinds = set(map(_kind, files))
    for name in given:
        if all(name in _IDLE[kind] for kind in kinds):
            meant = _MEANT_FOR.get(name, "tables")
            raise UsageError(
                f"{_OPTIONS[name]} is for {meant}, and {files[0].name} is none: leave it out."
                if len(files) == 1
                else f"{_OPTIONS[name]} is for {meant}, of which there is none here: leave it out."
            )


def _kind(file: Path) -> str:
    if file.suffix.casefold() == cwa.SUFFIX:
        return "logger"
    if is_workbook(file):
        return "workbook"
    return "sheets" if has_sheets(file) else "text"

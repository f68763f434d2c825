"""What the importers share: what they yield, and how columns of numbers are read."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from nabij.errors import NabijError, UsageError

STANDARD_GRAVITY: Final = 9.80665
Floats = npt.NDArray[np.float64]


class UnusableFileError(NabijError):
    """A file of a data set that cannot be used; one sentence that names it."""


@dataclass(frozen=True)
class Source:
    """A data set: what it is, whose it is, and how its numbers become milli-g.

    `placements` are all it has; `torso` those that a badge can be worn at, imported by default.
    """

    key: str
    title: str
    citation: str
    licence: str
    url: str
    conversion: str
    placements: tuple[str, ...]
    torso: tuple[str, ...]
    looks_like: str


@dataclass(frozen=True)
class Recorded:
    """One recording at one place of the body, in milli-g as logged: nothing filtered."""

    trial_id: str
    subject: str
    activity_code: str
    activity: str
    is_fall: bool
    rate_hz: float
    placement: str
    acc_mg: Floats
    max_gap_s: float | None = None
    fall_start_s: float | None = None
    fall_end_s: float | None = None
    # An axis that reaches this was at the end of the sensor's range.
    rail_mg: float | None = None
    # What a reader of the figures should know, such as a cut last line.
    note: str = ""


@dataclass(frozen=True)
class Job:
    """One published file and how to read it.

    `read` raises UnusableFileError for the file, or lists one for a recording among others.
    """

    file: Path
    read: Callable[[], Sequence[Recorded | UnusableFileError]]


def unusable(file: Path, error: UnusableFileError) -> Job:
    """A job that tells why a file beside the recordings was not used."""

    def read() -> list[Recorded]:
        raise error

    return Job(file, read)


@dataclass(frozen=True)
class Wanted:
    """What the caller asked for: places of the body, and what only the generic csv needs."""

    placements: tuple[str, ...]
    columns: tuple[str, ...] = ()
    units: str = ""
    source_rate_hz: float | None = None


def named(folder: Path, glob: str, pattern: re.Pattern[str]) -> list[tuple[Path, re.Match[str]]]:
    """The files below a folder whose name is of the pattern, in order, and what it found."""
    files = [(file, pattern.fullmatch(file.name)) for file in sorted(folder.rglob(glob))]
    return [(file, match) for file, match in files if match]


def columns_of(file: Path, head: Sequence[object], names: Sequence[str]) -> list[int]:
    """Where columns of these names stand in a heading; UnusableFileError when one does not."""
    missing = [name for name in names if name not in head]
    if missing:
        raise UnusableFileError(
            f"{file.name} has no column '{missing[0]}': it is not of this set."
        )
    return [head.index(name) for name in names]


def choose_placements(source: Source, asked: Sequence[str]) -> tuple[str, ...]:
    """The set's own names of the places asked for (`all` for all), or those on the torso."""
    if not asked:
        return source.torso
    if any(name.casefold() == "all" for name in asked):
        return source.placements
    chosen: list[str] = []
    for name in asked:
        same = [one for one in source.placements if one.casefold() == name.casefold()]
        near = [one for one in source.placements if name.casefold() in one.casefold()]
        if not (same or near):
            raise UsageError(
                f"{source.title} has no placement '{name}': "
                f"choose from {', '.join(source.placements)}, or all."
            )
        chosen += same or near
    return tuple(dict.fromkeys(chosen))


def read_text(file: Path, encoding: str = "utf-8-sig") -> str:
    """The text of a file, without a byte order mark; UnusableFileError when it is not text."""
    try:
        return file.read_text(encoding=encoding)
    except OSError as error:
        raise UnusableFileError(f"{file.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnusableFileError(f"{file.name} is not {encoding} text: copy it again.") from error


@dataclass(frozen=True)
class Table:
    """Columns of numbers; `note` tells of a last line that was cut and left out."""

    values: Floats
    note: str = ""


def read_table(
    name: str,
    lines: Sequence[str],
    columns: Sequence[int],
    *,
    separator: str = ",",
    first: int = 1,
) -> Table:
    """These columns of lines of numbers; UnusableFileError names the line that has other things.

    `first` is the number of the first line in the file. Only the last line may be cut short.
    """
    filled = [line for line in lines if line.strip()]
    try:
        values = _load(filled, columns, separator)
        note = ""
    except ValueError:
        at = _first_bad(filled, columns, separator)
        line = first + _position(lines, at)
        if at < len(filled) - 1 or at == 0:
            raise UnusableFileError(
                f"{name} line {line} does not have {len(columns)} numbers in its columns "
                f"{', '.join(str(one + 1) for one in columns)} (separated by '{separator}'): "
                "copy the file again."
            ) from None
        values = _load(filled[:-1], columns, separator)
        note = f"{name} ends in the middle of line {line}, which is left out."
    if len(values) < 2:
        raise UnusableFileError(f"{name} has {len(values)} samples: a recording has at least 2.")
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        line = first + _position(lines, int(np.argmin(finite)))
        raise UnusableFileError(f"{name} line {line} has a value that is not a number.")
    return Table(values, note)


def mean_rate_hz(name: str, t_s: Floats) -> float:
    """Samples a second over the whole recording, from its time stamps."""
    span = float(t_s[-1] - t_s[0])
    if len(t_s) < 2 or not span > 0:
        raise UnusableFileError(
            f"{name} has time stamps that do not advance: its rate is unknown."
        )
    return (len(t_s) - 1) / span


def nominal(rate_hz: float, usual: Sequence[float], tolerance: float) -> float:
    """The usual rate within this share of the measured one, else the measured one."""
    near = min(usual, key=lambda one: abs(one - rate_hz))
    return near if abs(near - rate_hz) <= tolerance * near else round(rate_hz, 2)


def longest_gap_s(t_s: Floats) -> float:
    """The longest time between two samples."""
    return round(float(np.diff(t_s).max()), 3)


def _load(lines: Sequence[str], columns: Sequence[int], separator: str) -> Floats:
    if not lines:
        return np.empty((0, len(columns)))
    values: Floats = np.loadtxt(
        lines, delimiter=separator, usecols=columns, ndmin=2, comments=None, dtype=np.float64
    )
    return values


def _first_bad(lines: Sequence[str], columns: Sequence[int], separator: str) -> int:
    for at, line in enumerate(lines):
        cells = line.split(separator)
        try:
            for column in columns:
                float(cells[column])
        except (ValueError, IndexError):
            return at
    return len(lines) - 1


def _position(lines: Sequence[str], filled_at: int) -> int:
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return filled[filled_at]

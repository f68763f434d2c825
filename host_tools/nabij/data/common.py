"""What the importers share: what they yield, and how columns of numbers are read."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nabij.errors import NabijError, UsageError

STANDARD_GRAVITY: Final = 9.80665
MG_A_UNIT: Final = {"g": 1000.0, "mg": 1.0, "m/s2": 1000 / STANDARD_GRAVITY}
# What a heading or a person may say as well; nothing is guessed to be these.
MG_A_STATED_UNIT: Final = {
    **MG_A_UNIT,
    "cm/s2": 10 / STANDARD_GRAVITY,
    "mm/s2": 1 / STANDARD_GRAVITY,
    "ft/s2": 304.8 / STANDARD_GRAVITY,
    "ug": 1e-3,
}
Floats = npt.NDArray[np.floating[Any]]


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
class Logged:
    """One recording at one place of the body as its file has it, in milli-g: nothing filtered.

    `t_s` is the time of each row, None where the set tells its rate; `marks` are the rows of a
    fall's onset and impact.
    """

    trial_id: str
    subject: str
    activity_code: str
    activity: str
    is_fall: bool
    placement: str
    acc_mg: Floats
    t_s: Floats | None = None
    marks: tuple[int, int] | None = None
    # An axis that reaches this was at the end of the sensor's range.
    rail_mg: float | None = None
    # What is known to be wrong with its samples, as index.csv names it in `quality`.
    flags: tuple[str, ...] = ()
    # What a reader of the figures should know, such as a cut last line.
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """A recording at a steady rate; parts.recorded makes it of what was logged."""

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
    rail_mg: float | None = None
    # Where in its file the recording begins, when it is only a part of it.
    source_start_s: float | None = None
    # What was done to it, as index.csv names it in `quality`.
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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
class Told:
    """What a person says of a file in place of what is guessed; empty or None: to be guessed.

    Columns are names of the heading or numbers from 1; `scale` is the milli-g of 1 in the file.
    """

    columns: tuple[str, ...] = ()
    units: str = ""
    scale: float | None = None
    # What 0 g is in the file, of all axes or of each; empty: 0.
    offset: tuple[float, ...] = ()
    time: str = ""
    time_unit: str = ""
    rate_hz: float | None = None
    decimal: str = ""
    separator: str = ""
    encoding: str = ""
    sheet: str = ""
    # So many lines that hold no sample may be left out.
    skip_bad: int = 0


NOTHING_TOLD: Final = Told()


@dataclass(frozen=True)
class Taken:
    """What a file was taken for, in words, and its first three samples: seconds and milli-g."""

    time: str
    axes: str
    unit: str
    form: str
    first: tuple[tuple[float, ...], ...]

    @property
    def layout(self) -> tuple[str, ...]:
        """What files of one kind have in common."""
        return self.time, self.axes, self.unit.partition(", ")[0], self.form


@dataclass(frozen=True)
class Wanted:
    """What the caller asked for: places of the body, and what only recordings of one's own need.

    `told` is what the caller knows of the files; `taken` collects what each was taken for.
    """

    placements: tuple[str, ...]
    told: Told = NOTHING_TOLD
    taken: list[tuple[str, Taken]] = field(default_factory=list)


def named(folder: Path, glob: str, pattern: re.Pattern[str]) -> list[tuple[Path, re.Match[str]]]:
    """The files below a folder whose name is of the pattern, in order, and what it found."""
    files = [(file, pattern.fullmatch(file.name)) for file in sorted(folder.rglob(glob))]
    # A device under such a name would never end.
    return [(file, match) for file, match in files if match and file.is_file()]


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


def nominal(rate_hz: float, usual: Sequence[float], tolerance: float) -> float:
    """The usual rate within this share of the measured one, else the measured one."""
    near = min(usual, key=lambda one: abs(one - rate_hz))
    return near if abs(near - rate_hz) <= tolerance * near else round(rate_hz, 2)

"""One file of one's own as a recording: what is taken for what, in what order it is found."""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nabij.data import stamps
from nabij.data.common import Floats, Logged, Taken, Told, UnusableFileError
from nabij.data.own import cwa, heading
from nabij.data.own.blocks import Numbers, Reader
from nabij.data.own.clock import clock_of
from nabij.data.own.dialect import BLANKS, Dialect, dialect_of
from nabij.data.own.scale import EMPATICA, scale_of
from nabij.data.own.text import text_of
from nabij.data.rest import rest_size, sizes
from nabij.data.timeline import Rules

TEXTS: Final = (".csv", ".txt", ".tsv", ".dat", ".asc")
WORKBOOKS: Final = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
SUFFIXES: Final = (*TEXTS, *WORKBOOKS, cwa.SUFFIX)
# What telephones put beside the acceleration, by the name of its file.
_OTHER_SENSOR: Final = re.compile(
    r"gyro|gravity|magnet|orient|wrist motion|^(?:location|barometer|microphone|pedometer|"
    r"battery|annotation|metadata|compass|heading|light)s?[ _-]?\d*$",
    re.IGNORECASE,
)
_RATE: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*Hz", re.IGNORECASE)
_RATE_WORDS: Final = re.compile(r"sampl|freq|rate|abtast|meetfreq|\bat \d", re.IGNORECASE)
_EPOCHS: Final = re.compile(r"Epoch Period \(hh:mm:ss\)\s*(\d\d:\d\d:\d\d)")
_SAME_RATE: Final = 0.03
_LONGEST_REMARK: Final = 300
_NAMES: Final = {BLANKS: "blanks", "\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}


@dataclass(frozen=True)
class Own:
    """A recording of one's own as it was logged, and what its rate is known by."""

    acc_mg: Floats
    t_s: Floats | None
    rules: Rules
    taken: Taken
    notes: tuple[str, ...]

    def logged(self, trial_id: str) -> Logged:
        """The same, for parts.recorded: nobody's, doing nothing that is known."""
        return Logged(
            *(trial_id, "unknown", "unknown", "unknown"),
            is_fall=False,
            placement="unknown",
            acc_mg=self.acc_mg,
            t_s=self.t_s,
            notes=self.notes,
        )


def read_own(path: Path, name: str, told: Told) -> Own:
    """The recording in a file; UnusableFileError when it has none that can be trusted."""
    if path.suffix.casefold() == cwa.SUFFIX:
        return _logged_by_axivity(path, name, told)
    text = text_of(path, name, told)
    dialect = dialect_of(text, told)
    if (
        _OTHER_SENSOR.search(path.stem)
        and not told.columns
        and not heading.names_acceleration(dialect.heading)
    ):
        raise UnusableFileError(
            f"{name} is of another sensor, by its name: leave it out, or give --columns."
        )
    _refuse_epochs(name, dialect)
    dialect, known_hz = _empatica(dialect)
    axes, stated = _axes(name, dialect, told)
    if known_hz is not None:
        stated = EMPATICA
    clock = clock_of(name, dialect, axes, told)
    preamble_hz = known_hz or _rate_in(dialect.preamble)
    if clock is None and preamble_hz is None and told.rate_hz is None:
        raise UnusableFileError(f"{name} has no column of time: give --source-rate, or --time.")
    numbers = Reader(text, dialect, axes, clock).read()
    encoding = text.encoding.removesuffix("-sig").replace("_", "-")
    where = f"{encoding}{f', sheet {text.sheet}' if text.sheet else ''}"
    separated = _NAMES.get(dialect.separator, dialect.separator)
    form = f"{where}; {separated}; decimal '{dialect.decimal}'"
    time = clock.how if clock else "none"
    return _own(name, numbers, told, preamble_hz, stated, (time, _named(dialect, axes), form))


def _own(
    name: str,
    numbers: Numbers,
    told: Told,
    stated_hz: float | None,
    unit: str,
    words: tuple[str, str, str],
) -> Own:
    if len(numbers.axes) < 2:
        raise UnusableFileError(
            f"{name} has {len(numbers.axes)} samples: a recording has at least 2."
        )
    t_s, rules = _timed(numbers, told, stated_hz)
    rough_hz = rules.told_hz or _rough_rate(t_s)
    rest = rest_size(numbers.axes, rough_hz)
    if rest is None:
        # Less than a second: as good as can be.
        rest = float(np.median(sizes(numbers.axes)))
    scale = scale_of(name, rest, unit, told)
    # In place: a recording of a day is hundreds of megabytes.
    acc_mg = numbers.axes
    acc_mg *= np.float32(scale.mg)
    notes = [*numbers.notes, *scale.notes]
    doubted = numbers.t_s is not None and stated_hz and not told.rate_hz
    if doubted and stated_hz and abs(rough_hz / stated_hz - 1) > _SAME_RATE:
        notes.append(
            f"{name} says {stated_hz:g} Hz above its table, its time stamps {rough_hz:.4g} Hz: "
            "the stamps count."
        )
    time, axes, form = words
    seconds = t_s - t_s[0] if t_s is not None else np.arange(3) / rough_hz
    first = tuple(
        (round(float(second), 6), *(round(float(value), 1) for value in row))
        for second, row in zip(seconds[:3], acc_mg[:3], strict=False)
    )
    if numbers.t_s is None:
        rate = told.rate_hz or stated_hz
        time = f"none; {rate:g} Hz {'as told' if told.rate_hz else 'as stated above the table'}"
    taken = Taken(time, axes, scale.how, form, first)
    return Own(acc_mg, t_s, rules, taken, tuple(notes))


def _timed(numbers: Numbers, told: Told, stated_hz: float | None) -> tuple[Floats | None, Rules]:
    """The time of each row: by its stamp, else by its number where the rate is told."""
    if numbers.t_s is not None:
        t_s = numbers.t_s if numbers.t_s.flags.writeable else numbers.t_s.copy()
        t_s -= t_s[0]
        return t_s, Rules(told_hz=told.rate_hz)
    rate_hz = told.rate_hz or stated_hz
    if rate_hz is None or numbers.at is None:
        return None, Rules(told_hz=rate_hz)
    # Lines without values are lost samples.
    return (numbers.at - numbers.at[0]) / rate_hz, Rules(usual_hz=(rate_hz,), tolerance=0.02)


def _rough_rate(t_s: Floats | None) -> float:
    if t_s is None or len(t_s) < 2:
        return 100.0
    step_s = abs(stamps.usual_step(t_s))
    return min(2000.0, 1 / step_s) if step_s else 100.0


def _axes(name: str, dialect: Dialect, told: Told) -> tuple[tuple[int, int, int], str]:
    """The columns of x, y and z, and the unit that their heading states."""
    if told.columns:
        found = heading.find_columns(name, dialect.heading, dialect.cells, told.columns)
        units = [heading.unit_of(dialect.heading[at]) for at in found if at < len(dialect.heading)]
        return (found[0], found[1], found[2]), next(filter(None, units), "")
    if dialect.heading:
        triad = heading.acceleration_of(name, dialect.heading)
        return triad.columns, triad.unit or _unit_of_logger(dialect.preamble)
    if dialect.cells == 3:
        return (0, 1, 2), ""
    columns = (1, 2, 3)
    if clock_of(name, dialect, columns, Told(time_unit=told.time_unit)) is not None:
        return columns, ""
    raise UnusableFileError(
        f"{name} has no heading and {dialect.cells} columns: give --columns, as --columns 1,2,3."
    )


def _named(dialect: Dialect, axes: Sequence[int]) -> str:
    if not dialect.heading:
        return f"columns {', '.join(str(at + 1) for at in axes)}"
    return ", ".join(f"'{dialect.heading[at]}'" for at in axes)


def _unit_of_logger(preamble: Sequence[str]) -> str:
    return "g" if preamble and "ActiGraph" in preamble[0] else ""


def _rate_in(preamble: Sequence[str]) -> float | None:
    """The one rate that the lines above a table state."""
    stated = {
        float(found.replace(",", "."))
        for line in preamble
        if len(line) <= _LONGEST_REMARK and _RATE_WORDS.search(line)
        for found in _RATE.findall(line)[:1]
    }
    return stated.pop() if len(stated) == 1 else None


def _refuse_epochs(name: str, dialect: Dialect) -> None:
    for line in dialect.preamble:
        found = _EPOCHS.search(line)
        if found and found[1] != "00:00:00":
            raise UnusableFileError(
                f"{name} holds counts of epochs of {found[1]}, not samples: export raw data."
            )


def _empatica(dialect: Dialect) -> tuple[Dialect, float | None]:
    """Empatica's ACC.csv: the start three times, the rate three times, then counts."""
    if dialect.heading or dialect.cells != 3 or len(dialect.rows) < 3:
        return dialect, None
    start, rate = dialect.rows[:2]
    if len(set(start)) > 1 or len(set(rate)) > 1 or float(start[0].replace(",", ".")) < 1e9:
        return dialect, None
    cut = dataclasses.replace(dialect, first=dialect.first + 2, rows=dialect.rows[2:])
    return cut, float(rate[0].replace(",", "."))


def _logged_by_axivity(path: Path, name: str, told: Told) -> Own:
    t_s, axes = cwa.read(path, name)
    numbers = Numbers(t_s, axes, None)
    words = ("by the logger's clock", "the accelerometer's x, y and z", "Axivity .cwa")
    return _own(name, numbers, told, None, "g", words)

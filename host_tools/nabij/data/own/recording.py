"""One file of one's own as a recording: what is taken for what, in what order it is found."""

import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nabij.data import stamps
from nabij.data.common import Floats, Logged, Taken, Told, UnusableFileError
from nabij.data.own import cwa, faults, heading
from nabij.data.own.blocks import Numbers, Reader
from nabij.data.own.cells import BLANKS
from nabij.data.own.counter import counter_of
from nabij.data.own.dialect import Dialect, dialect_of
from nabij.data.own.rates import rates_in, refuse_other_rate
from nabij.data.own.scale import EMPATICA, Scale, Sizes, scale_of, unit_of
from nabij.data.own.text import text_of
from nabij.data.own.time_column import time_column_of
from nabij.data.own.unchanged import unchanged
from nabij.data.rest import rest_size, sizes
from nabij.data.stamps import Indices
from nabij.data.timeline import Rules
from nabij.data.two_scales import two_scales

TEXTS: Final = (".csv", ".txt", ".tsv", ".dat", ".asc", ".json", ".jsonl", ".ndjson")
WORKBOOKS: Final = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
SUFFIXES: Final = (*TEXTS, *WORKBOOKS, cwa.SUFFIX)
# Time, three axes, light, button and temperature, and not much more.
_MOST_BARE: Final = 10
# Nobody has so many columns.
_A_LINE: Final = 200
_EPOCHS: Final = re.compile(r"Epoch Period \(hh:mm:ss\)\s*(\d\d:\d\d:\d\d)")
_SAME_RATE: Final = 0.03
_PROBES: Final = 20_000
_REMEDY: Final = (
    " (another column with --time may fit, or --time none and --source-rate if no sample is "
    "missing)"
)
_LEAST_REST_MG: Final = 700.0
# A bundle has int16.
_MOST_MG: Final = 32_767.0
_NAMES: Final = {BLANKS: "blanks", "\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}


@dataclass(frozen=True)
class Own:
    """A recording of one's own as it was logged, and what its rate is known by."""

    acc_mg: Floats
    t_s: Floats | None
    rules: Rules
    taken: Taken
    notes: tuple[str, ...]
    rail_mg: float | None = None
    flags: tuple[str, ...] = ()

    def logged(self, trial_id: str) -> Logged:
        """The same, for parts.recorded: nobody's, doing nothing that is known."""
        return Logged(
            *(trial_id, "unknown", "unknown", "unknown"),
            is_fall=False,
            placement="unknown",
            acc_mg=self.acc_mg,
            t_s=self.t_s,
            rail_mg=self.rail_mg,
            flags=self.flags,
            notes=self.notes,
        )


def read_own(path: Path, name: str, told: Told) -> Own:
    """The recording in a file; UnusableFileError when it has none that can be trusted."""
    with unchanged(path, name):
        return _read(path, name, told)


def _read(path: Path, name: str, told: Told) -> Own:
    if path.suffix.casefold() == cwa.SUFFIX:
        return _logged_by_axivity(path, name, told)
    text = text_of(path, name, told)
    dialect = dialect_of(text, told)
    if (
        heading.OTHER_SENSOR.search(path.stem)
        and not told.columns
        and not heading.names_acceleration(dialect.heading)
    ):
        raise UnusableFileError(
            f"{name} is of another sensor, by its name: leave it out, or give --columns."
        )
    _refuse_epochs(name, dialect)
    dialect, known_hz = _empatica(dialect)
    try:
        axes, stated, weightless = _axes(name, dialect, told)
    except UnusableFileError as error:
        if len(text.sheets) < 2:
            raise
        raise UnusableFileError(
            f"{error.sentence.removesuffix('.')}; this is its sheet {text.sheet} of "
            f"{', '.join(text.sheets)}, and --sheet takes another."
        ) from error
    if known_hz is not None:
        stated = EMPATICA
    clock = time_column_of(name, dialect, axes, told)
    stated_hz = rates_in(dialect.preamble)
    preamble_hz = known_hz or (stated_hz[0] if len(stated_hz) == 1 else None)
    if clock is None and preamble_hz is None and told.rate_hz is None:
        rates = " and ".join(f"{one:g} Hz" for one in stated_hz)
        why = f" and states {rates} above its table" if stated_hz else ""
        raise UnusableFileError(
            f"{name} has no column of time{why}: give --source-rate, or --time."
        )
    if clock is None:
        clock = counter_of(dialect, axes, told, preamble_hz)
    if not told.columns:
        faults.refuse_several_sensors(name, dialect, (*axes, *([clock.column] if clock else ())))
    reader = Reader(text, dialect, axes, clock, told.skip_bad)
    numbers = reader.read()
    encoding = text.encoding.removesuffix("-sig").replace("_", "-")
    encoding += "" if text.sure else " (a guess)"
    where = f"{encoding}{f', sheet {text.sheet}' if text.sheet else ''}"
    separated = _NAMES.get(dialect.separator, dialect.separator)
    separated = text.labels.how if text.labels else separated
    form = f"{where}; {separated}; decimal '{dialect.decimal[0]}'"
    words = (clock.how if clock else "none", _named(dialect, axes), form)
    about = _About(
        name=name,
        told=told,
        words=words,
        unit=stated,
        hz=preamble_hz,
        weightless=weightless,
        counted=clock is not None and clock.counted,
        line_of=reader.line_of,
    )
    return _own(about, numbers)


@dataclass(frozen=True)
class _About:
    """What a file says beside its numbers; `words` are time, axes and form as they were taken.

    `counted`: the time of its rows is a count of samples at its rate.
    """

    name: str
    told: Told
    words: tuple[str, str, str]
    unit: str
    hz: float | None = None
    weightless: bool = False
    counted: bool = False
    line_of: Callable[[int], int] | None = None


def _own(about: _About, numbers: Numbers) -> Own:
    name, told = about.name, about.told
    if len(numbers.axes) < 2:
        raise UnusableFileError(
            f"{name} has {len(numbers.axes)} samples: a recording has at least 2."
        )
    faults.refuse_thousands(name, numbers.axes)
    notes, flags = [*numbers.notes], []
    if faults.sign_16_bit(numbers.axes):
        notes.append(f"{name} {faults.LOST_SIGN}.")
    stated_hz = told.rate_hz or (about.hz if numbers.t_s is None else None)
    rough_hz = stated_hz or _rough_rate(_sorted(numbers.t_s))
    if numbers.t_s is not None and about.hz and not told.rate_hz:
        refuse_other_rate(name, about.words[0], about.hz, rough_hz)
    dropped = faults.dropouts(name, numbers.axes, rough_hz)
    if len(dropped):
        nothing = faults.nothing_but(numbers.axes[dropped, 0])
        flags.append("dropouts")
        notes.append(
            f"{name}: its sensor dropped out; samples of nothing but {nothing}, left out: "
            f"{len(dropped)}."
        )
        numbers = _without(numbers, dropped)
    if told.offset:
        numbers.axes[:] -= np.asarray(told.offset, np.float32)
    t_s, rules = _timed(numbers, told, about)
    order = None if t_s is None or rules.told_hz else stamps.in_order(t_s)
    if t_s is not None and order is not None:
        t_s -= t_s[order[0]]
    moving = numbers.axes[slice(None) if order is None else order]
    still = faults.standstill(moving, rough_hz)
    if still is not None:
        # What is frozen in a movement is no rest.
        moving = np.delete(moving, still.rows, axis=0) if still.share < 1 else moving
        flags.append("frozen")
        notes.append(
            f"{name}: its sensor stood still for {still.longest_s:.3g} s from {still.at_s:.2f} s "
            f"({still.total_s:.3g} s in all): nothing that happened then was recorded."
        )
    scale = _scale(about, moving, rough_hz)
    # In place: a recording of a day is hundreds of megabytes.
    acc_mg = numbers.axes
    acc_mg *= np.float32(scale.mg)
    _refuse_beyond(about, numbers, acc_mg)
    notes += scale.notes
    rail = faults.rail_of(acc_mg)
    change = two_scales(moving, rough_hz, clipped=rail is not None)
    if change is not None:
        raise UnusableFileError(f"{name} {change.words}: make a file of each part.")
    if rail is not None:
        notes.append(
            f"{name}: an axis is at the end of its range, {rail[0] / 1000:.3g} g, in {rail[1]} "
            "samples: what was harder is cut off."
        )
    doubted = numbers.t_s is not None and about.hz and not told.rate_hz
    if doubted and about.hz and abs(rough_hz / about.hz - 1) > _SAME_RATE:
        notes.append(
            f"{name} says {about.hz:g} Hz above its table, its time stamps {rough_hz:.4g} Hz: "
            "the stamps count."
        )
    seconds = t_s - t_s[0] if t_s is not None else np.arange(3) / rough_hz
    first = tuple(
        (round(float(second), 6), *(round(float(value), 1) for value in row))
        for second, row in zip(seconds[:3], acc_mg[:3], strict=False)
    )
    words = list(about.words)
    if numbers.t_s is None:
        rate = told.rate_hz or about.hz
        words[0] = (
            f"none; {rate:g} Hz {'as told' if told.rate_hz else 'as stated above the table'}"
        )
    taken = Taken(words[0], words[1], scale.how + _middle(told), words[2], first)
    return Own(
        acc_mg=acc_mg,
        t_s=t_s,
        rules=rules,
        taken=taken,
        notes=tuple(notes),
        rail_mg=None if rail is None else rail[0],
        flags=tuple(flags),
    )


def _middle(told: Told) -> str:
    """What was told of 0 g, to be said behind the unit."""
    return f"; 0 g at {', '.join(f'{one:g}' for one in told.offset)}" if told.offset else ""


def _without(numbers: Numbers, rows: Indices) -> Numbers:
    """The numbers without these rows, which stay counted."""
    at = np.arange(len(numbers.axes)) if numbers.at is None else numbers.at
    return Numbers(
        None if numbers.t_s is None else np.delete(numbers.t_s, rows),
        np.delete(numbers.axes, rows, axis=0),
        np.delete(at, rows),
        numbers.notes,
    )


def _scale(about: _About, axes: Floats, rate_hz: float) -> Scale:
    """The scale of a file of one unit; UnusableFileError for one of several, or of none."""
    try:
        scale = scale_of(about.name, _sizes(about, axes, rate_hz), about.unit, about.told)
    except UnusableFileError:
        # Of two units one may be known, and that they are two explains more.
        faults.refuse_mixtures(about.name, axes, rate_hz, lambda size: bool(unit_of(size)))
        raise
    least = _LEAST_REST_MG / scale.mg
    faults.refuse_mixtures(about.name, axes, rate_hz, lambda size: size >= least)
    return scale


def _sizes(about: _About, axes: Floats, rate_hz: float) -> Sizes:
    rest = rest_size(axes, rate_hz)
    if rest is None:
        # Less than a second: as good as can be.
        rest = float(np.median(sizes(axes)))
    probes = axes[:_PROBES]
    largest = max(float(axes.max()), -float(axes.min()))
    whole = bool((probes == np.rint(probes)).all())
    every = max(1, len(axes) // _PROBES)
    lowest = 0.0 if about.told.offset else float(np.percentile(axes[::every], 2, axis=0).min())
    return Sizes(rest, largest, lowest, whole, about.weightless)


def _refuse_beyond(about: _About, numbers: Numbers, acc_mg: Floats) -> None:
    """UnusableFileError that names the line of what a bundle cannot hold."""
    if max(float(acc_mg.max()), -float(acc_mg.min())) <= _MOST_MG:
        return
    beyond = np.flatnonzero((np.abs(acc_mg) > _MOST_MG).any(axis=1))
    row = int(beyond[0])
    logged = row if numbers.at is None else int(numbers.at[row])
    where = f" line {about.line_of(logged)}" if about.line_of else f" sample {logged + 1}"
    others = f", as have {len(beyond) - 1} others" if len(beyond) > 1 else ""
    raise UnusableFileError(
        f"{about.name}{where} has {float(np.abs(acc_mg[row]).max()) / 1000:.4g} g, which exceeds "
        f"{_MOST_MG / 1000} g{others}: correct or take out what the sensor cannot have measured; "
        "a bundle holds no more."
    )


def _timed(numbers: Numbers, told: Told, about: _About) -> tuple[Floats | None, Rules]:
    """The time of each row: by its stamp, else by its number where the rate is told."""
    rate_hz = told.rate_hz or about.hz
    if numbers.t_s is not None and rate_hz and about.counted:
        return numbers.t_s - numbers.t_s[0], Rules(usual_hz=(rate_hz,), tolerance=0.02)
    if numbers.t_s is not None and not (told.rate_hz and numbers.at is not None):
        t_s = numbers.t_s if numbers.t_s.flags.writeable else numbers.t_s.copy()
        t_s -= t_s[0]
        return t_s, Rules(told_hz=told.rate_hz, remedy=_REMEDY)
    if rate_hz is None or numbers.at is None:
        return None, Rules(told_hz=rate_hz)
    # Lines without values are lost samples.
    return (numbers.at - numbers.at[0]) / rate_hz, Rules(usual_hz=(rate_hz,), tolerance=0.02)


def _sorted(t_s: Floats | None) -> Floats | None:
    order = None if t_s is None else stamps.in_order(t_s)
    return t_s if order is None or t_s is None else t_s[order]


def _rough_rate(t_s: Floats | None) -> float:
    if t_s is None or len(t_s) < 2:
        return 100.0
    step_s = abs(stamps.usual_step(t_s))
    return min(2000.0, 1 / step_s) if step_s else 100.0


def _axes(name: str, dialect: Dialect, told: Told) -> tuple[tuple[int, int, int], str, bool]:
    """The columns of x, y and z, the unit that their heading states, and whether it is linear."""
    if told.columns:
        found = heading.find_columns(name, dialect.heading, dialect.cells, told.columns)
        return (found[0], found[1], found[2]), _stated(name, dialect, found, told), False
    if dialect.heading:
        triad = heading.acceleration_of(name, dialect.heading)
        unit = _stated(name, dialect, triad.columns, told)
        return triad.columns, unit or _unit_of_logger(dialect.preamble), triad.weightless
    if dialect.unread:
        raise UnusableFileError(
            f"{name} has a heading that fits not its columns ('{dialect.unread[:60]}'): give "
            "--columns, as --columns 2,3,4, and --units."
        )
    if dialect.cells == 3:
        return (0, 1, 2), "", False
    if dialect.cells > _A_LINE:
        raise UnusableFileError(
            f"{name} has {dialect.cells} cells on a line: write each sample on a line of its own."
        )
    columns = (1, 2, 3)
    if dialect.cells <= _MOST_BARE:
        clock = time_column_of(name, dialect, columns, Told(time_unit=told.time_unit))
        if clock is not None:
            return columns, "", False
    raise UnusableFileError(
        f"{name} has no heading and {dialect.cells} columns: give --columns, as --columns 1,2,3, "
        "and --time, a number too (or none)."
    )


def _stated(name: str, dialect: Dialect, axes: Sequence[int], told: Told) -> str:
    """The unit in the heading of the axes, where nothing was told in its place."""
    if told.units or told.scale is not None:
        return ""
    return heading.stated_unit(name, [one for at, one in enumerate(dialect.heading) if at in axes])


def _named(dialect: Dialect, axes: Sequence[int]) -> str:
    if not dialect.heading:
        return f"columns {', '.join(str(at + 1) for at in axes)}"
    return ", ".join(map(dialect.label, axes))


def _unit_of_logger(preamble: Sequence[str]) -> str:
    return "g" if preamble and "ActiGraph" in preamble[0] else ""


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
    t_s, axes, notes = cwa.read(path, name)
    numbers = Numbers(t_s, axes, None, notes)
    words = ("by the logger's clock", "the accelerometer's x, y and z", "Axivity .cwa")
    return _own(_About(name, told, words, "g"), numbers)

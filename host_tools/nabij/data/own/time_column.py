"""The column of time of a table: which one it is, and how its cells become seconds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from nabij.data import stamps
from nabij.data.bundle_files import RATE_RANGE_HZ
from nabij.data.common import Floats, Told, UnusableFileError
from nabij.data.own.cells import is_number, number
from nabij.data.own.dialect import Dialect
from nabij.data.own.heading import find_columns, names_time, plain, unit_of

_GUESSED: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "days": 86_400.0}
# Minutes and hours by steps alone could be seconds at another rate.
SECONDS_A_TICK: Final = {**_GUESSED, "min": 60.0, "hours": 3600.0}
# In place of a column: there is none, although one looks like it.
NO_TIME: Final = "none"
_UNITS: Final = (
    ("ms", r"ms|msec|millis(econds?)?|milli-?s(ekunden|econden)?|millisek(unden)?"),
    ("us", r"[uμ]s|micros(econds?)?|usec"),
    ("ns", r"ns|nanos(econds?)?|nsec"),
    ("s", r"s|secs?|seconds?|sek(unden)?|seconden"),
    ("days", r"days?|dagen|tage"),
    ("min", r"min|minutes?|minuten|minuut"),
    ("hours", r"h|hrs?|hours?|stunden?|std|uren|uur"),
)
# What is counted from the start needs no date.
_RELATIVE: Final = re.compile(r"elapsed|since|relative|\bt\b|time \(s|time \(ms")
_TEXT: Final = re.compile(
    r"(?:(?P<date>\d{1,4}[-./]\d{1,2}[-./]\d{1,4})[T ,;_]+)?"
    r"(?P<time>\d{1,3}[:\-.h]\d{1,2}[:\-.m]\d{1,2}|\d{1,3}:\d{1,2})"
    r"(?:(?P<point>[.,:_])(?P<fraction>\d{1,9}))?"
    r"\s*(?P<half>[AaPp])?(?:\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?"
)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?\s*(Z|[+-]\d\d:?\d\d)?")
# Seconds between dates whose true distance is not known yet: more than a day and its zones.
_A_DATE_S: Final = 1e6
_A_DAY_S: Final = 86_400.0
_AN_HOUR_S: Final = 3600.0
_LEAST: Final = 0.9


@dataclass(frozen=True)
class TimeColumn:
    """The column of time: numbers of so many seconds each, or text in a form that is known.

    `how` says in words what it was taken for. `wrap_s`: text without a date begins anew then.
    """

    column: int
    seconds_a_tick: float | None
    how: str
    iso: bool = False
    wrap_s: float | None = None
    # All dates so far; what order day and month have only the last of them may show.
    dates: dict[str, int] = field(default_factory=dict)

    def seconds(self, cells: Any) -> Floats:
        """Seconds of cells, NaN where one holds no time; `resolved` puts them on one clock."""
        if self.seconds_a_tick is not None:
            return np.asarray(cells, np.float64) * self.seconds_a_tick
        return _read_iso(cells) if self.iso else _read_text(cells, self.dates)

    def resolved(self, t_s: Floats) -> Floats:
        """Seconds of all rows, with dates in their true distance and days that go on."""
        if self.dates:
            # Hours without a date that no day has, before the first date, stay as they are.
            which = np.rint(t_s / _A_DATE_S).astype(np.intp).clip(0, len(self.dates) - 1)
            days = np.array(list(_days(list(self.dates)).values()))
            t_s = t_s - which * _A_DATE_S + days[which] * _A_DAY_S
        return _unwrapped(t_s, self.wrap_s)


def unit_of_time(word: str) -> str:
    """The unit that a word means, as headings write it; empty: none."""
    return unit_of(f"t ({word})", _UNITS)


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


def _unwrapped(t_s: Floats, wrap_s: float | None) -> Floats:
    """Seconds that go on where a clock without a date began a new day, or a new hour."""
    if wrap_s is None or len(t_s) < 2:
        return t_s
    new = np.flatnonzero(t_s[1:] - t_s[:-1] < -wrap_s / 2)
    if not len(new):
        return t_s
    turns = np.zeros(len(t_s))
    turns[new + 1] = wrap_s
    return t_s + np.cumsum(turns)


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
    if numeric >= _LEAST * len(filled):
        values = [
            number(cell, dialect.decimal) for cell in filled if is_number(cell, dialect.decimal)
        ]
        heading = dialect.heading[column] if dialect.heading else ""
        return _numeric(name, column, label, np.array(values), heading, told, certain=certain)
    if told.time_unit and certain:
        raise UnusableFileError(
            f"{name} has no numbers in its time {label} but text like '{filled[0][:30]}': leave "
            "--time-unit out."
        )
    return _textual(name, column, label, filled, certain=certain)


def _numeric(
    name: str, column: int, label: str, values: Floats, heading: str, told: Told, *, certain: bool
) -> TimeColumn | None:
    step = abs(stamps.usual_step(values)) if len(values) > 1 else 0.0
    low, high = RATE_RANGE_HZ
    fits = [
        unit for unit, tick in SECONDS_A_TICK.items() if step and low <= 1 / (step * tick) <= high
    ]
    guesses = [unit for unit in fits if unit in _GUESSED]
    stated = told.time_unit or unit_of(heading, _UNITS)
    if stated:
        # A stretch of one second's stamps, or of a standing clock: the timeline will judge it.
        if step and stated not in fits and not told.time_unit:
            hint = f"--time-unit {fits[0]} would fit" if fits else "give --source-rate"
            raise UnusableFileError(
                f"{name} has a time {label} in {stated} that would mean "
                f"{1 / (step * SECONDS_A_TICK[stated]):.3g} samples a second: {hint}."
            )
        how = "as told" if told.time_unit else "by its heading"
        return TimeColumn(column, SECONDS_A_TICK[stated], f"{label} in {stated} ({how})")
    if not certain and (len(values) < 2 or (np.diff(values) >= 0).mean() <= _LEAST):
        return None
    if not guesses:
        if not certain:
            return None
        if fits:
            raise UnusableFileError(
                f"{name} has a time {label} whose steps of {step:.3g} would fit {fits[0]}, but "
                f"nothing says so: give --time-unit {fits[0]} if that is true."
            )
        raise UnusableFileError(
            f"{name} has a time {label} whose steps of {step:.3g} fit no unit: give --time-unit, "
            "--source-rate or another column with --time."
        )
    if step == 1 and (np.diff(values) == 1).all():
        if not certain and not told.rate_hz:
            return None
        raise UnusableFileError(
            f"{name} counts its {label} one by one: give --time-unit ms if these are "
            "milliseconds, or --time none and --source-rate if they are samples."
        )
    return TimeColumn(
        column, SECONDS_A_TICK[guesses[0]], f"{label} in {guesses[0]} (by its steps)"
    )


def _textual(
    name: str, column: int, label: str, cells: Sequence[str], *, certain: bool
) -> TimeColumn | None:
    if all(_ISO.fullmatch(cell.replace(",", ".")) for cell in cells):
        return TimeColumn(column, None, f"{label} as date and time", iso=True)
    matches = [_TEXT.fullmatch(cell) for cell in cells]
    if sum(match is not None for match in matches) < _LEAST * len(cells):
        if not certain:
            return None
        raise UnusableFileError(
            f"{name} has a time {label} like '{cells[0][:30]}', which is in no form that is "
            "known: give --time none and --source-rate."
        )
    first = next(match for match in matches if match)
    if first["date"]:
        return TimeColumn(column, None, f"{label} as date and time")
    hours = len(re.findall(r"\d+", first["time"])) == 3
    wrap_s = _A_DAY_S if hours else _AN_HOUR_S
    return TimeColumn(
        column, None, f"{label} as time of {'day' if hours else 'hour'}", wrap_s=wrap_s
    )


def _read_iso(cells: Any) -> Floats:
    import pandas as pd  # noqa: PLC0415 - half a second that only imports of text times need

    text = pd.Series(cells, dtype="str").str.replace(",", ".")
    # pandas counts nanoseconds, which end in 2262.
    text = text.where(text.str[:4].between("1900", "2200"))
    times = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
    seconds: Floats = (times - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy(np.float64)
    return seconds


def _read_text(cells: Any, known: dict[str, int]) -> Floats:
    found = np.full(len(cells), np.nan)
    matches = [_TEXT.fullmatch(cell) if isinstance(cell, str) else None for cell in cells]
    for at, match in enumerate(matches):
        if match is None:
            continue
        parts = [int(one) for one in re.findall(r"\d+", match["time"])]
        second = float(parts[-1] + 60 * parts[-2] + (3600 * parts[0] if len(parts) == 3 else 0))
        if match["fraction"]:
            # A colon before milliseconds, which need not have three digits.
            a_digit = 1000 if match["point"] in ":_" else 10 ** len(match["fraction"])
            second += int(match["fraction"]) / a_digit
        if match["half"] and len(parts) == 3:
            second += 3600 * (12 * (match["half"] in "pP") - 12 * (parts[0] == 12))
        if (match["date"] or known) and second > _A_DAY_S + _AN_HOUR_S:
            # No day has it: a line was torn.
            continue
        if match["date"]:
            second += known.setdefault(match["date"], len(known)) * _A_DATE_S
        if match["zone"] and match["zone"][0] in "+-":
            offset = int(match["zone"][1:3]) * 3600 + int(match["zone"][-2:]) * 60
            second -= offset if match["zone"][0] == "+" else -offset
        found[at] = second
    return found


def _days(dates: Sequence[str]) -> dict[str, float]:
    """A number for each date, in days; day and month in the order that leaves least between."""
    import pandas as pd  # noqa: PLC0415 - see above

    best: tuple[float, dict[str, float]] | None = None
    plain_dates = [re.sub(r"[./]", "-", one) for one in dates]
    for form in ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d"):
        times = pd.to_datetime(pd.Series(plain_dates, dtype="str"), format=form, errors="coerce")
        if times.isna().any():
            continue
        numbers = ((times - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_list()
        span = max(numbers) - min(numbers)
        if best is None or span < best[0]:
            best = (span, dict(zip(dates, numbers, strict=True)))
    if best is None:
        return dict.fromkeys(dates, float("nan"))
    return best[1]

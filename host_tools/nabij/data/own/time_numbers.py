"""Moments as numbers: their unit by the heading, by the size of a date, or by their steps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nabij.data import stamps
from nabij.data.bundle_files import RATE_RANGE_HZ
from nabij.data.common import Floats, UnusableFileError

_GUESSED: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "days": 86_400.0}
# What nobody means who does not say so: 100 us of Xsens, and crystals of watches.
_STATED_ONLY: Final = {"100us": 1e-4, "1/1024s": 1 / 1024, "1/32768s": 1 / 32_768}
# Minutes and hours by steps alone could be seconds at another rate; 100 ns are those of Windows.
SECONDS_A_TICK: Final = {
    **_GUESSED,
    "min": 60.0,
    "hours": 3600.0,
    "100ns": 1e-7,
    **_STATED_ONLY,
}
UNITS: Final = (
    ("ms", r"ms|毫秒|мс|msec|millis(econds?)?|milli-?s(ekunden|econden)?|millisek(unden)?"),
    ("us", r"[uμ]s|micros(econds?)?|usec"),
    ("ns", r"ns|nanos(econds?)?|nsec"),
    ("s", r"s|秒|초|\u0441|сек|secs?|seconds?|sek(unden)?|seconden"),
    ("days", r"days?|dagen|tage"),
    ("min", r"min|minutes?|minuten|minuut"),
    ("hours", r"h|hrs?|hours?|stunden?|std|uren|uur"),
    ("100ns", r"100 ?ns|filetime|ticks"),
    ("100us", r"100 ?[uμ]s"),
    ("1/1024s", r"1/1024 ?s"),
    ("1/32768s", r"1/32768 ?s"),
)
# Dates from 2005 to 2050: seconds since 1970, and 100 ns since 1601 and since year 1.
_DATES_S: Final = (1.1e9, 2.53e9)
_TICKS: Final = ((1.275e17, 1.42e17), (6.32e17, 6.47e17))
_DATE_UNITS: Final = ("s", "ms", "us", "ns")
# Somebody may log so slowly; a unit by which it is that is not ruled out by another.
_SLOWEST_HZ: Final = 0.5
BY_STEPS: Final = "(by its steps)"
_PROBES: Final = 20_000
_LEAST: Final = 0.9
_A_MINUTE_S: Final = 60.0
_LONGEST_STEP_S: Final = 500.0
# SampleTimeFine of Xsens counts 100 us, that of its DOT 1 us; at most 2000 and 120 Hz.
_FINE_STEP: Final = 1000.0
_USUAL_HZ: Final = (
    *(20, 25, 30, 40, 50, 51.2, 60, 62.5, 64, 75, 80, 100, 120, 125, 128),
    *(150, 200, 240, 250, 256, 300, 400, 500, 512, 800, 1000, 1024),
)
_ROUND: Final = 5e-4
_NEARLY: Final = 0.01
_HOLDS: Final = f"a recording has {RATE_RANGE_HZ[0]:g} to {RATE_RANGE_HZ[1]:g}"


@dataclass(frozen=True)
class Unit:
    """Seconds of 1, in words what it was taken for and by what, and what speaks against it."""

    seconds_a_tick: float
    how: str
    doubt: str = ""


@dataclass(frozen=True)
class Seen:
    """A column of numbers: how it is called, its first values, and which unit its heading says.

    `certain`: it is called a time, so that what fits no unit is an error; `told` is an option's;
    `fine`: it is the SampleTimeFine of Xsens.
    """

    label: str
    values: Floats
    stated: str
    told: str
    certain: bool
    rate_told: bool
    fine: bool = False


def unit_of_numbers(name: str, seen: Seen) -> Unit | None:
    """The unit of a column of time; None for what is none, UnusableFileError for what is open."""
    label, values = seen.label, seen.values
    step = abs(stamps.usual_step(values)) if len(values) > 1 else 0.0
    rates = {unit: 1 / (step * tick) for unit, tick in SECONDS_A_TICK.items()} if step else {}
    low, high = RATE_RANGE_HZ
    stated = seen.told or seen.stated
    if seen.fine and not stated:
        stated = "us" if step > _FINE_STEP else "100us"
    fits = [unit for unit, rate_hz in rates.items() if low <= rate_hz <= high]
    fits = [unit for unit in fits if unit not in _STATED_ONLY or unit == stated]
    dated = _unit_of_date(values)
    if stated:
        # A stretch of one second's stamps, or of a standing clock: the timeline will judge it.
        if step and stated not in fits and not seen.told:
            raise UnusableFileError(
                f"{name} has a time {label} in {stated} that would mean "
                f"{_misfit(rates, fits, stated, dated)}."
            )
        how = "as told" if seen.told else "by its heading"
        return Unit(SECONDS_A_TICK[stated], f"{label} in {stated} ({how})")
    if not seen.certain and (len(values) < 2 or (np.diff(values) >= 0).mean() <= _LEAST):
        return None
    if dated and (dated in fits or not step):
        return Unit(SECONDS_A_TICK[dated], f"{label} in {dated} (by its size, that of a date)")
    if dated and not _counts(values, SECONDS_A_TICK[dated], step):
        raise _too_slow(name, label, rates, dated, [one for one in fits if one in _GUESSED])
    if step == 1 and (np.diff(values) == 1).all():
        if not seen.certain and not seen.rate_told:
            return None
        raise UnusableFileError(
            f"{name} counts its {label} one by one: in s that is 1 samples a second: {_HOLDS}; "
            "give --time-unit ms if these are milliseconds, or --time none and --source-rate if "
            "they are samples."
        )
    guesses = [unit for unit in fits if unit in _GUESSED]
    slow = [unit for unit in _GUESSED if _SLOWEST_HZ <= rates.get(unit, 0) < low]
    if slow and seen.certain:
        others = guesses or [one for one in fits if one != "100ns"]
        raise _too_slow(name, label, rates, slow[0], [*_crystals(rates), *others])
    if not guesses or slow:
        if not seen.certain:
            return None
        raise _no_unit(name, label, step, fits)
    return Unit(
        SECONDS_A_TICK[guesses[0]],
        f"{label} in {guesses[0]} {BY_STEPS}",
        _doubt(rates, guesses[0]),
    )


def _doubt(rates: Mapping[str, float], guess: str) -> str:
    """What to say of a clock in ms whose rate is odd, and round in ticks of 1/1024 s."""
    if guess != "ms" or "1/1024s" not in _crystals(rates) or _is_usual(rates["ms"], _NEARLY):
        return ""
    return (
        f"has its time in ms, by which its rate is {rates['ms']:.2f} Hz; if its clock counts "
        f"1/1024 s, it is {rates['1/1024s']:.2f} Hz: --time-unit 1/1024s (or ms, if that is true)"
    )


def _crystals(rates: Mapping[str, float]) -> list[str]:
    """The units of crystals of watches in which the rate is a usual one."""
    return [unit for unit in ("1/1024s", "1/32768s") if _is_usual(rates[unit], _ROUND)]


def _is_usual(rate_hz: float, within: float) -> bool:
    return any(abs(one / rate_hz - 1) <= within for one in _USUAL_HZ)


def refuse_grouped(name: str, label: str, cells: Sequence[str]) -> None:
    """UnusableFileError for a time of whole numbers with a separator between their thousands."""
    grouped = [cell for cell in cells if re.fullmatch(r"\d{1,3}([.,])\d{3}(\1\d{3})*", cell)]
    whole = [cell for cell in cells if re.fullmatch(r"\d{1,3}", cell)]
    if not grouped or len(grouped) + len(whole) < len(cells) or len(set(whole)) < 2:
        return
    if all(re.fullmatch(r"[1-9]\d*[.,].*", cell) for cell in grouped):
        raise UnusableFileError(
            f"{name} has whole numbers in its time {label} and some like {grouped[0]}, which can "
            f"only be {re.sub('[.,]', '', grouped[0])}: export it without a separator between "
            "thousands."
        )


def from_digits(t_s: Floats) -> Floats | None:
    """Seconds of the day of numbers like 81550.01, hhmmss; None for seconds that count on.

    Those pass from 59.99 over 60 to 99, these to 100.00 at once.
    """
    if len(t_s) < 2 or t_s.min() < 0 or t_s.max() >= 240_000:
        return None
    # A recording of a day has nine million of them: the others are soon seen.
    for some in (t_s[:: max(1, len(t_s) // _PROBES)], t_s):
        seconds, minutes = some % 100, some // 100
        if seconds.max() >= 60 or (minutes % 100).max() >= 60:
            return None
    new = np.flatnonzero(minutes[1:] > minutes[:-1])
    step_s = abs(stamps.usual_step(t_s)) if len(new) else 0.0
    left = t_s[new + 1] - t_s[new] - step_s
    passed = np.minimum(np.abs(left - 40), np.abs(left - 4040)) <= step_s
    found: Floats = minutes // 100 * 3600 + minutes % 100 * 60 + seconds
    return found if passed.any() else None


def _unit_of_date(values: Floats) -> str:
    """The unit in which these are dates of our days; empty: in none."""
    least, most = float(values.min()), float(values.max())
    for unit in _DATE_UNITS:
        low, high = (one / _GUESSED[unit] for one in _DATES_S)
        if low <= least and most <= high:
            return unit
    return "100ns" if any(low <= least and most <= high for low, high in _TICKS) else ""


def _counts(values: Floats, tick_s: float, step: float) -> bool:
    """True for a counter that only looks like dates: nobody logs by such steps."""
    step_s = step * tick_s
    whole_minutes = abs(step_s / _A_MINUTE_S - round(step_s / _A_MINUTE_S)) < 1e-6
    if step_s > _LONGEST_STEP_S and not whole_minutes:
        return True
    # A telephone counts its ns from its start with jitter; who logs each 10 s has whole ms.
    return tick_s == _GUESSED["us"] and bool((np.diff(values) % 1000 != 0).mean() > 0.5)


def _misfit(rates: dict[str, float], fits: Sequence[str], stated: str, dated: str) -> str:
    rate_hz = rates[stated]
    said = f"{rate_hz:.3g} samples a second"
    if rate_hz < RATE_RANGE_HZ[0] and (rate_hz >= _SLOWEST_HZ or dated == stated or not fits):
        return f"{said}: {_HOLDS}, so that this is too slow to show a fall"
    if not fits:
        return f"{said}: {_HOLDS}; give --time-unit or --source-rate if it has another rate"
    hint = f"--time-unit {fits[0]} would fit"
    if rate_hz < RATE_RANGE_HZ[0]:
        hint += f", if that is true ({_HOLDS})"
    return f"{said}: {hint}"


def _too_slow(
    name: str, label: str, rates: dict[str, float], unit: str, others: Sequence[str]
) -> UnusableFileError:
    said = f"{rates[unit]:.3g} samples a second: {_HOLDS}, so that this is too slow to show a fall"
    if not others:
        return UnusableFileError(
            f"{name} has a time {label} whose steps fit no unit; in {unit} they mean {said}."
        )
    return UnusableFileError(
        f"{name} has a time {label} that in {unit} means {said}; give --time-unit {others[0]} "
        f"only if it is in {others[0]}."
    )


def _no_unit(name: str, label: str, step: float, fits: Sequence[str]) -> UnusableFileError:
    if fits:
        return UnusableFileError(
            f"{name} has a time {label} whose steps of {step:.3g} would fit {fits[0]}, but "
            f"nothing says so: give --time-unit {fits[0]} if that is true."
        )
    return UnusableFileError(
        f"{name} has a time {label} whose steps of {step:.3g} fit no unit: give --time-unit, "
        "--source-rate or another column with --time."
    )

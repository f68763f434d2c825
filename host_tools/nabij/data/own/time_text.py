"""Moments as text: what forms of date and time of day people and loggers write."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from nabij.data.common import Floats

_CLOCK: Final = re.compile(
    r"(?:(?P<date>\d{1,4}[-./]\d{1,2}[-./]\d{1,4})[T ,;_]+)?"
    r"(?P<time>\d{1,3}[:\-.h]\d{1,2}[:\-.m]\d{1,2}|\d{1,3}:\d{1,2})"
    r"(?:(?P<point>[.,:_])(?P<fraction>\d{1,9}))?"
    r"\s*(?P<half>[AaPp])?(?:\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?"
)
ISO: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?\s*(Z|[+-]\d\d:?\d\d)?")
# 20261103081550010, 20261103T081550.01, 2026-11-03_081550: the digits say which they are.
COMPACT: Final = re.compile(
    r"((?:19|20|21)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])[T _-]?"
    r"([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)[.,]?(\d{0,9})\s*(Z|[+-]\d\d:?\d\d)?"
)
_MONTHS: Final = {
    word: number
    for number, words in enumerate(
        (
            *("jan ene gen", "feb fév fev", "mar mär mrt maa", "apr avr abr", "may mei mai mag"),
            *("jun juin giu", "jul juil lug", "aug aoû aou ago", "sep set", "oct okt ott"),
            *("nov", "dec dez déc dic"),
        ),
        1,
    )
    for word in words.split()
}
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[- .]+([^\W\d_]{3,9})[- .,]+(\d{4})[, ]+")
_MONTH_FIRST: Final = re.compile(r"([^\W\d_]{3,9})\.? +(\d{1,2}), *(\d{4}),? +")
_CTIME: Final = re.compile(
    r"(?:[^\W\d_]{2,3}\.? +)?([^\W\d_]{3})\.? +(\d{1,2}) +(\d\d?:\S+?)"
    r"(?: +([A-Z]{3,4}[^ ]*))? +(\d{4})"
)
_NAMED_ZONE: Final = re.compile(r"\s*\[[\w/+\-]+\]$")
_OFFSET: Final = re.compile(r"\s*\(?(?:GMT|UTC) ?([+-])(\d{1,2})(?::?(\d\d))?\)?$")
# As pandas and Python write a duration, and MATLAB.
_WITH_DAYS: Final = re.compile(r"(\d{1,2}) days?,? \+?(\d{1,2})(?=:)")
_WITH_UNIT: Final = re.compile(
    r"([+-]?\d+(?:[.,]\d*)?(?:[eE][+-]?\d+)?) ?(ms|s|secs?|seconds?|min|hrs?)"
)
_UNITS: Final = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_ZONES: Final = re.compile(r"\s*(?:GMT|CET|CEST|BST|WET|WEST|EET|EEST|[ECMP][SD]T)$")
_HALF: Final = re.compile(r"\b([ap])\s*\.?\s*m\b\.?", re.IGNORECASE)
# Seconds between dates whose true distance is not known yet: more than a day and its zones.
_A_DATE_S: Final = 1e6
A_DAY_S: Final = 86_400.0
AN_HOUR_S: Final = 3600.0
Form = Callable[[str], bool]


def has_form(cell: str) -> re.Match[str] | None:
    """The parts of a moment that is written in a known form; None for other text."""
    return _CLOCK.fullmatch(cell) or _CLOCK.fullmatch(_common(cell))


def is_compact(cells: Sequence[str]) -> bool:
    """True for moments that are nothing but digits: year, month, day, hour, minute, second."""
    return all(map(COMPACT.fullmatch, cells))


def read_iso(cells: Any) -> Floats:
    """Seconds since 1970 of cells in ISO 8601, NaN for others."""
    import pandas as pd  # noqa: PLC0415 - half a second that only imports of text times need

    text = pd.Series(cells, dtype="str").str.replace(",", ".")
    # pandas counts nanoseconds, which end in 2262.
    text = text.where(text.str[:4].between("1900", "2200"))
    times = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
    seconds: Floats = (times - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy(np.float64)
    return seconds


def read_compact(cells: Any) -> Floats:
    """Seconds since 1970 of moments that are nothing but digits, NaN for others."""
    import pandas as pd  # noqa: PLC0415 - see above

    text = pd.Series(cells, dtype="str").str.replace(
        COMPACT.pattern, r"\1-\2-\3T\4:\5:\6.\g<7>0", regex=True
    )
    return read_iso(text.str.slice(0, 29))


def has_unit(cells: Sequence[str]) -> bool:
    """True for numbers with a unit of time behind each, as '0.01 sec'."""
    return all(map(_WITH_UNIT.fullmatch, cells))


def read_with_unit(cells: Any) -> Floats:
    """Seconds of numbers with a unit of time behind each, NaN for others."""
    found = np.full(len(cells), np.nan)
    for at, cell in enumerate(cells):
        match = _WITH_UNIT.fullmatch(cell) if isinstance(cell, str) else None
        if match:
            unit = match[2] if match[2] == "ms" else match[2][0]
            found[at] = float(match[1].replace(",", ".")) * _UNITS[unit]
    return found


def read_clock(cells: Any, known: dict[str, int]) -> Floats:
    """Seconds of cells with a time of day, NaN for others; dates are numbered in `known`.

    `on_one_clock` brings those to their true distance.
    """
    found = np.full(len(cells), np.nan)
    matches = [has_form(cell) if isinstance(cell, str) else None for cell in cells]
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
        if (match["date"] or known) and second > A_DAY_S + AN_HOUR_S:
            # No day has it: a line was torn.
            continue
        if match["date"]:
            second += known.setdefault(match["date"], len(known)) * _A_DATE_S
        if match["zone"] and match["zone"][0] in "+-":
            offset = int(match["zone"][1:3]) * 3600 + int(match["zone"][-2:]) * 60
            second -= offset if match["zone"][0] == "+" else -offset
        found[at] = second
    return found


def on_one_clock(t_s: Floats, known: dict[str, int]) -> Floats:
    """Seconds of read_clock with dates in their true distance."""
    if not known:
        return t_s
    # Hours without a date that no day has, before the first date, stay as they are.
    which = np.rint(t_s / _A_DATE_S).astype(np.intp).clip(0, len(known) - 1)
    days = np.array(list(_days(list(known)).values()))
    moved: Floats = t_s - which * _A_DATE_S + days[which] * A_DAY_S
    return moved


def _common(cell: str) -> str:
    """The same moment with its month as a number, its half of the day and zone as is usual."""
    text = unicodedata.normalize("NFKC", cell)
    text = _ZONES.sub("", _NAMED_ZONE.sub("", text))
    text = _OFFSET.sub(lambda one: f"{one[1]}{one[2]:0>2}:{one[3] or '00'}", text)
    text = _HALF.sub(r"\1m", text)
    text = _WITH_DAYS.sub(lambda one: f"{24 * int(one[1]) + int(one[2])}", text)
    text = _CTIME.sub(r"\2-\1-\5 \3", text)
    for pattern, day, month in ((_DAY_FIRST, 1, 2), (_MONTH_FIRST, 2, 1)):
        found = pattern.match(text)
        number = _month(found[month]) if found else None
        if found and number:
            text = f"{found[3]}-{number:02}-{int(found[day]):02} {text[found.end() :]}"
    return text


def _month(word: str) -> int | None:
    lower = word.casefold()
    return _MONTHS.get(lower[:4]) or _MONTHS.get(lower[:3])


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

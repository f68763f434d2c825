"""The sampling rate that lines above a table state: of its acceleration, and of nothing else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nabij.data.common import UnusableFileError
from nabij.data.own.time_numbers import BY_STEPS

_RATE: Final = re.compile(r"(?<!\d)(?<!\d[.,])(\d+(?:[.,]\d+)?)\s*Hz", re.IGNORECASE)
_RATE_WORDS: Final = re.compile(r"sampl|freq|rate|abtast|meetfreq|\bat \d|\bodr\b", re.IGNORECASE)
# What is given in Hz and is no rate of samples.
_NO_RATE: Final = re.compile(
    r"filter|cut.?off|pass\b|band|corner|grens|grenz|eck|fc\b|nyquist|resonan|notch|mains|noise|"
    r"kantel|coupure|corte|[-\u2013]\s*$",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"gyr|magn|baro|press|temp|gps|gnss|location|heart|\bhr\b|\becg\b|\bppg\b|\beda\b|\bgsr\b|"
    r"\bbvp\b|light|audio|sound|micro|video|camera|display|screen|refresh|cpu|radio|orient|"
    r"rotation|quat",
    re.IGNORECASE,
)
_ACCELERATION: Final = re.compile(r"acc|beschl|versnel|acel", re.IGNORECASE)
_BRACKET: Final = re.compile(r"\s*\(([^)]*)\)")
_OTHER_RATE: Final = 1.5
_LONGEST_REMARK: Final = 300


@dataclass(frozen=True)
class _Stated:
    rate_hz: float
    about: str


def rates_in(preamble: Sequence[str]) -> tuple[float, ...]:
    """The sampling rates that may be those of the acceleration: one, none, or several."""
    found = [
        one
        for line in preamble
        if len(line) <= _LONGEST_REMARK and _RATE_WORDS.search(line)
        for one in _stated(line)
    ]
    named = [one for one in found if _ACCELERATION.search(one.about)]
    others = [one for one in found if not _OTHER.search(one.about)]
    return tuple(dict.fromkeys(one.rate_hz for one in named or others))


def refuse_other_rate(name: str, clock: str, stated_hz: float, seen_hz: float) -> None:
    """UnusableFileError where a unit of time that was only guessed makes quite another rate."""
    if not clock.endswith(BY_STEPS):
        return
    if max(stated_hz, seen_hz) > _OTHER_RATE * min(stated_hz, seen_hz):
        raise UnusableFileError(
            f"{name} says {stated_hz:g} Hz above its table, but its time "
            f"{clock.removesuffix(BY_STEPS).strip()} would mean {seen_hz:.4g} Hz: give "
            "--time-unit, or --source-rate."
        )


def _stated(line: str) -> list[_Stated]:
    """Each figure in Hz of a line with the words that it is about: those before it, mostly."""
    figures = list(_RATE.finditer(line))
    # "100 Hz accelerometer, 200 Hz gyroscope" has them behind.
    behind = bool(figures) and not re.search(r"[^\W\d_]", line[: figures[0].start()])
    found = []
    begin = 0
    for at, figure in enumerate(figures):
        before = line[begin : figure.start()]
        end = figures[at + 1].start() if at + 1 < len(figures) else len(line)
        bracket = _BRACKET.match(line, figure.end(), end)
        begin = bracket.end() if bracket else figure.end()
        about = f"{before} {bracket[1] if bracket else ''}"
        if behind:
            about = line[figure.end() : end]
        if not _NO_RATE.search(about.rstrip()):
            found.append(_Stated(float(figure[1].replace(",", ".")), about))
    return found

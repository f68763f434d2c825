"""The sampling rate that lines above a table state: of its acceleration, and of nothing else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nabij.data.bundle_files import RATE_RANGE_HZ
from nabij.data.common import UnusableFileError
from nabij.data.own.time_numbers import BY_STEPS

_FIGURE: Final = r"(?<!\d)(?<!\d[.,])(\d+(?:[.,]\d+)?)"
_RATE: Final = re.compile(rf"{_FIGURE}\s*(k?)Hz", re.IGNORECASE)
_RATE_WORDS: Final = re.compile(
    r"sampl|freq|rate|abtast|meetfreq|fr\u00e9q|\bat \d|\bodr\b|^\W*fs\b", re.IGNORECASE
)
# A name, a sign between and a number: "Abtastrate;100", "Sample Rate (Hz): 100".
_SETTING: Final = re.compile(
    r"[\s#%/\"]*(?P<name>[^\W\d][^:;=,\t\d]*?)[\s\"]*(?:[(\[](?P<unit>[^)\]]+)[)\]])?[\s\"]*[:;=,\t]"
    r"[\s\"]*(?P<figure>\d+(?:[.,]\d+)?)\s*(?P<behind>[mu\u00b5]?s|sec)?[\s;,\"]*",
    re.IGNORECASE,
)
# A bare number is a rate under such a name only: not of bauds, frames or so many samples.
_OF_SAMPLES: Final = re.compile(
    r"(?=.*(sampl|abtast|me(ss|et)|bemonster|chantillon|muestr|campion|data|output|acc))"
    r".*(rate|fr[e\u00e9]q|per second|interval|period|abstand).*|rate|freq(uency)?|odr|fs",
    re.IGNORECASE,
)
_INTERVAL: Final = re.compile(r"interval|period|abstand", re.IGNORECASE)
_SECONDS: Final = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "us": 1e-6, "\u00b5s": 1e-6}
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
    if not figures:
        return _set(line)
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
            factor = 1000 if figure[2] else 1
            found.append(_Stated(factor * _number(figure[1]), about))
    return found


def _set(line: str) -> list[_Stated]:
    """The rate of a line that is a setting: a rate by a bare number, or the time of a sample."""
    setting = _SETTING.fullmatch(line)
    if setting is None or _NO_RATE.search(setting["name"].rstrip()):
        return []
    if not _OF_SAMPLES.fullmatch(setting["name"]):
        return []
    figure = _number(setting["figure"])
    unit = (setting["behind"] or setting["unit"] or "").strip().casefold()
    if _INTERVAL.search(setting["name"]):
        rate_hz = 1 / (figure * _SECONDS[unit]) if unit in _SECONDS and figure else 0.0
    else:
        rate_hz = figure * {"": 1, "hz": 1, "khz": 1000}.get(unit, 0)
    low, high = RATE_RANGE_HZ
    rate_hz = round(rate_hz, 6)
    return [_Stated(rate_hz, setting["name"])] if low <= rate_hz <= high else []


def _number(text: str) -> float:
    return float(text.replace(",", "."))

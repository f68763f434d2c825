"""What the headings of a table say: which columns are an acceleration, and in which unit."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nabij.data.common import MG_A_STATED_UNIT, UnusableFileError

_PER_SECOND_SQUARED: Final = (
    r"@ ?[/*.·_]? ?\(? ?s(ec(ond)?)? ?_?[\^*]{0,2} ?-?2 ?\)?|@/s/s|"
    r"@(eters?|etres?|eet)?/s(ec(ond)?)?\^?2"
)


def _squared(length: str) -> str:
    return _PER_SECOND_SQUARED.replace("@", length)


_UNITS: Final = (
    ("m/s2", rf"{_squared('m')}|[\u043c米]/[\u0441秒]\^?2"),
    ("cm/s2", rf"{_squared('cm')}|gals?"),
    ("mm/s2", _squared("mm")),
    ("ft/s2", _squared("ft")),
    ("ug", r"[uμ]g|micro-?g"),
    ("mg", r"mg|milli-?g"),
    ("g", r"gs?|g-?force"),
    ("counts", r"counts?|lsb|raw|adc|digits?"),
)
# What an acceleration is not measured in: angles and their rates, fields, volts, speeds.
_OTHER_UNIT: Final = re.compile(
    r"(°|deg|d|rad|grad|m|km|r)/(s|sec|h)|dps|rpm|[mnuμµ]?t|(micro|nano)?tesla|gauss|[mu]?ga|"
    r"°|deg|rad|[mμuµ]?v|volts?|h?pa|lux|lx|%|°c"
)
_BRACKETS: Final = re.compile(r"[(\[]\s*(.+?)\s*[)\]]\s*$")
_SUFFIX: Final = re.compile(r"[ _\-:,/]([a-zμ/^\-0-9()]+)$")
_SQUARED_SUFFIX: Final = re.compile(r"[ _\-:,/]((?:[cm]?m|ft)_s_?\^?2)$")
# In brackets, and no unit: who made or wears it, how it was treated.
_NO_UNIT: Final = re.compile(
    r"[xyz#]?[ _]?(axis)?\d*|(un)?cal(ib.*)?|filt(ered)?|smooth|avg|mean|left|right|wrist|hip|"
    r"waist|chest|ankle|thigh|neck|head|back|low|wide|ln|wr|hg|lg|body|world|total|watch|phone|"
    r"imu|mpu|float|int|txt|text|val(ue)?s?|accel?|sensor|abs|norm|std|ned|enu"
)
_MAY_BE_UNIT: Final = re.compile(r".*[/^²].*|[^\W\d_]{1,5}\d?")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# One unit, and not two words: mG, uS, mSec.
_CAPITAL_UNIT: Final = re.compile(r"(?<![^\W_])[mnuμ](G|S|Secs?)(?![^\W_])")
_TOKEN: Final = re.compile(r"[^\W_]+")
_AXIS_IN_BRACKETS: Final = re.compile(r"[(\[]\s*([xyz])(?:[- ]?axis)?\s*[)\]]")
_OTHER: Final = re.compile(
    r"gyr|rot|omega|angul|winkel|hoek|mag|euler|orient|quat|gravit|field|veloc|speed|pos|roll|"
    r"pitch|yaw|deg|rad|tesla|compass|kompas|std|stdev|var|角速度|陀螺|磁|角度|угл|гиро"
)
_NO_GRAVITY: Final = re.compile(
    r"lin(ear|eair|eal)?\b|user|\bfree\b|without|ohne|zonder|sans|compensat"
)
# What telephones put beside the acceleration, by the name of its file or sheet.
OTHER_SENSOR: Final = re.compile(
    r"gyro|gravity|magnet|orient|wrist motion|^(?:location|barometer|microphone|pedometer|"
    r"battery|annotation|metadata|compass|heading|light)s?[ _-]?\d*$",
    re.IGNORECASE,
)
_ACCELERATION: Final = re.compile(
    r"acc|beschl|versnel|acel|加速度|가속도|ускор|επιταχ|تسارع|ivme|\bax?\*|\ba \*|g ?force|\bgf|"
    r"\bg \*"
)
# When one sensor stands there twice: calibrated before raw, the wide range before the fine one.
# And with gravity (Sensor Logger, all sensors in one file) before without.
_BETTER: Final = re.compile(r"\bcal|wide|\bwr\b|high|\btotal")
_WORSE: Final = re.compile(r"raw|uncal|\bln\b|low")

_TIME: Final = re.compile(
    r"time|zeit|uhr|tijd|temps|tiempo|tempo|elapsed|epoch|unix|clock|date|datum|stamp|"
    r"时间|時間|时刻|時刻|시간|время|χρόν|χρον|زمن|وقت|זמן|zaman|"
    r"\bt\b|\bms\b|\bsec|\bsek|millis|micros|nanos"
)
_NO_CLOCK: Final = re.compile(r"zone|duration|dauer|duur")


@dataclass(frozen=True)
class Triad:
    """Three columns of one vector: where x, y and z are, and the common part of their names."""

    columns: tuple[int, int, int]
    stem: str
    unit: str
    other_unit: bool = False

    @property
    def weightless(self) -> bool:
        """True when its name says that gravity was taken out."""
        return bool(_NO_GRAVITY.search(self.stem))


def plain(heading: str) -> str:
    """The heading in small letters, with 2 for a superscript two, and without quotes."""
    text = unicodedata.normalize("NFKC", heading).replace("\u2212", "-").strip(" \"'\ufeff")
    text = _CAPITAL_UNIT.sub(lambda unit: unit[0].casefold(), text)
    return _CAMEL.sub(" ", text).casefold()


def unit_of(heading: str, units: Sequence[tuple[str, str]] = _UNITS) -> str:
    """The unit that a heading ends in, in brackets or behind a blank or so; empty: none."""
    text = plain(heading)
    found = _BRACKETS.search(text)
    candidates = [found[1]] if found else []
    candidates += [match[1] for match in [_SUFFIX.search(text)] if match]
    candidates += [match[1] for match in [_SQUARED_SUFFIX.search(text)] if match]
    candidates += [text.rpartition(" ")[2]]
    for candidate in candidates:
        for unit, pattern in units:
            if re.fullmatch(pattern, candidate.strip()):
                return unit
    return ""


def stated_unit(name: str, headings: Sequence[str]) -> str:
    """The one unit that three headings state; empty: none.

    Raises UnusableFileError for different ones, and for one that is not known.
    """
    units = list(dict.fromkeys(filter(None, map(unit_of, headings))))
    if len(units) > 1:
        raise UnusableFileError(
            f"{name} has its axes in different units ({', '.join(units)}): bring them to one, or "
            "give --units if its heading is wrong."
        )
    brackets = [found[1] for found in map(_BRACKETS.search, map(plain, headings)) if found]
    for text in brackets if not units else ():
        if _MAY_BE_UNIT.fullmatch(text) and not _NO_UNIT.fullmatch(text):
            raise UnusableFileError(
                f"{name} has its acceleration in '{text}', which is no unit that is known: give "
                f"--units ({', '.join(MG_A_STATED_UNIT)}), or --scale, the mg of 1 in it."
            )
    return units[0] if units else ""


def names_time(heading: str) -> bool:
    """Whether a heading is that of a column of time."""
    text = plain(heading).replace("_", " ")
    return bool(_TIME.search(text)) and not _NO_CLOCK.search(text)


def triads_of(heading: Sequence[str]) -> list[Triad]:
    """The vectors in a heading: three names that differ in nothing but x, y and z."""
    found: dict[str, dict[str, list[int]]] = {}
    for at, name in enumerate(heading):
        for axis, stem in _axes_of(name):
            found.setdefault(stem, {}).setdefault(axis, []).append(at)
    triads = []
    for stem, axes in found.items():
        if set(axes) == {"x", "y", "z"} and all(len(columns) == 1 for columns in axes.values()):
            columns = (axes["x"][0], axes["y"][0], axes["z"][0])
            units = [unit for unit in (unit_of(heading[at]) for at in columns) if unit]
            other = any(_is_other_unit(heading[at]) for at in columns)
            triads.append(Triad(columns, stem, units[0] if units else "", other))
    return triads


def acceleration_of(name: str, heading: Sequence[str]) -> Triad:
    """The columns of the acceleration; UnusableFileError when there is none, or more than one."""
    ranked: dict[int, list[Triad]] = {}
    for triad in triads_of(heading):
        ranked.setdefault(_rank(triad), []).append(triad)
    ranked.pop(0, None)
    shown = [plain(one) for one in heading]
    if not ranked and all(shown.count(axis) > 1 for axis in "xyz"):
        at = ",".join(str(shown.index(axis) + 1) for axis in "xyz")
        raise UnusableFileError(
            f"{name} has more than one x, y and z, and nothing says which is the acceleration: "
            f"give --columns by number, as --columns {at}."
        )
    if not ranked:
        raise UnusableFileError(
            f"{name} has no columns x, y, z of an acceleration (it has "
            f"{', '.join(_shown(heading))}): give --columns."
        )
    best = ranked[max(ranked)]
    for pattern, wanted in ((_WORSE, False), (_BETTER, True)):
        better = [one for one in best if bool(pattern.search(one.stem)) is wanted]
        best = better or best
    if len({one.columns for one in best}) > 1:
        names = " or ".join(",".join(heading[at] for at in one.columns) for one in best[:3])
        raise UnusableFileError(f"{name} has more than one acceleration: give --columns {names}.")
    return best[0]


def names_acceleration(heading: Sequence[str]) -> bool:
    """Whether the heading itself says that columns are an acceleration."""
    return any(_rank(triad) == 3 for triad in triads_of(heading))


def rank_of_sheet(name: str, rows: Sequence[Sequence[str]]) -> int:
    """How likely a sheet holds an acceleration: 3 named, 2 bare axes, 1 no heading, 0 another."""
    if OTHER_SENSOR.search(name):
        return 0
    ranks = [_rank(triad) for row in rows for triad in triads_of(row)]
    best = max(ranks, default=1)
    return 3 if best == 2 and _ACCELERATION.search(plain(name)) else best


def find_columns(name: str, heading: Sequence[str], cells: int, asked: Sequence[str]) -> list[int]:
    """Where columns are that were asked for by name or by number; UnusableFileError: not there."""
    exact: Mapping[str, int] = {one: at for at, one in reversed(list(enumerate(heading)))}
    bare = {_bare(one): at for at, one in reversed(list(enumerate(heading)))}
    found = []
    for one in asked:
        if one in exact:
            found.append(exact[one])
        elif _bare(one) in bare:
            found.append(bare[_bare(one)])
        elif one.isdecimal() and 1 <= int(one) <= cells:
            found.append(int(one) - 1)
        else:
            there = f"it has {', '.join(_shown(heading))}" if heading else f"it has {cells}"
            raise UnusableFileError(f"{name} has no column '{one}' ({there}).")
    if len(set(found)) < len(found):
        raise UnusableFileError(f"{name} has one column under two of {', '.join(asked)}.")
    return found


def _bare(heading: str) -> str:
    return _BRACKETS.sub("", plain(heading)).strip(" :_")


def _is_other_unit(heading: str) -> bool:
    found = _BRACKETS.search(plain(heading))
    return found is not None and bool(_OTHER_UNIT.fullmatch(found[1].replace(" ", "")))


def _rank(triad: Triad) -> int:
    """3 for what is called an acceleration, 2 for bare axes, 1 without gravity, 0 for others."""
    stem = triad.stem
    if triad.other_unit:
        return 0
    if triad.weightless:
        return 1
    if _ACCELERATION.search(stem) and not re.search(r"gravit|std|var", stem):
        return 3
    if _OTHER.search(stem) or re.fullmatch(r"[gmwvqrbh]\*", stem):
        return 0
    return 2


def _axes_of(heading: str) -> list[tuple[str, str]]:
    """Each axis that a name may mean, with the name when that letter is taken out."""
    text = plain(heading)
    text = _AXIS_IN_BRACKETS.sub(r" \1 ", text)
    # Units may stand at one axis only.
    text = _BRACKETS.sub("", text)
    tokens = _TOKEN.findall(text)
    if (
        tokens
        and unit_of(heading)
        and tokens[-1] in {"g", "mg", "s2", "2", "ms2"}
        and len(tokens) > 1
    ):
        tokens = tokens[:-2] if tokens[-1] in {"s2", "2"} and len(tokens) > 2 else tokens[:-1]
    found = []
    for at, token in enumerate(tokens):
        for axis in "xyz":
            if token == axis:
                rest = "*"
            elif token.endswith(axis):
                rest = f"{token[:-1]}*"
            elif token.startswith(axis):
                rest = f"*{token[1:]}"
            else:
                continue
            found.append((axis, " ".join([*tokens[:at], rest, *tokens[at + 1 :]])))
    return found


def _shown(heading: Sequence[str]) -> list[str]:
    names = [one if len(one) <= 30 else one[:27] + "..." for one in heading if one][:8]
    return names + (["..."] if len([one for one in heading if one]) > 8 else [])

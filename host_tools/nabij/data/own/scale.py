"""What 1 in a file is in milli-g: told, in a heading, or seen from the size at rest."""

import math
from dataclasses import dataclass
from typing import Final

from nabij.data.common import MG_A_STATED_UNIT, MG_A_UNIT, Told, UnusableFileError
from nabij.data.rest import REST_RANGE_MG

# Sensors are off by some percent; units are at least a factor of 9 apart.
_GUESSED: Final = 0.1
# Beyond this the unit is wrong, and not the sensor.
_BELIEVED_MG: Final = (500.0, 2000.0)
_FEWEST_COUNTS: Final = 32
# What loggers write whose form says who made it; nobody would tell it by an option.
EMPATICA: Final = "1/64 g"
_MG_OF_LOGGERS: Final = {EMPATICA: 1000 / 64}
_WEIGHTLESS_MG: Final = 300.0
# The same in a unit that is unknown: below the smallest 1 g, or far below the peaks (a sensor of
# 16 g has at most 28 times its rest).
_LEAST_REST: Final = 0.7
_WEIGHTLESS_RATIO: Final = 35.0
# What sensors are off by that were never calibrated.
_SENSOR_OFF: Final = (0.7, 1.4)
# Of unsigned numbers, and how far their middle is from half the range.
_NEVER_NEAR_0: Final = 0.35
_HALF_RANGE: Final = 0.3
_COUNTS_LIKE_MG: Final = 1024
_NO_GRAVITY: Final = (
    "it is acceleration without gravity, of which nobody can tell how a body lies: record it with "
    "gravity (phyphox: 'Acceleration (with g)', Sensor Logger: TotalAcceleration.csv)"
)


@dataclass(frozen=True)
class Scale:
    """Milli-g of 1 in the file, where that was found, and what is to be said of it."""

    mg: float
    how: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """|a| in a file, in its own numbers: at rest, and the largest on an axis.

    `whole`: they are whole numbers; `weightless`: the heading says that gravity was taken out.
    """

    rest: float
    largest: float
    # The smallest value on any axis, but for 2 %; 0 where an offset was told.
    lowest: float = 0.0
    whole: bool = False
    weightless: bool = False

    @property
    def unsigned(self) -> bool:
        """True when no axis is ever near 0, as gravity on three axes hardly is through a move."""
        return self.lowest > _NEVER_NEAR_0 * self.rest


def scale_of(name: str, seen: Sizes, stated: str, told: Told) -> Scale:
    """The scale of a file of such sizes, with the unit `stated` in its heading.

    Raises UnusableFileError with the factor that would fit, when what was stated cannot be.
    """
    rest = seen.rest
    unit, how = (told.units, "as told") if told.units else (stated, "by its heading")
    if told.scale is not None:
        notes = (*_off(name, rest, told.scale), *_unsigned(name, seen))
        return Scale(told.scale, f"{told.scale:g} mg each (as told)", notes)
    mg = (MG_A_STATED_UNIT | _MG_OF_LOGGERS).get(unit)
    if mg is not None:
        if not _BELIEVED_MG[0] <= rest * mg <= _BELIEVED_MG[1]:
            raise UnusableFileError(_wrong(name, seen, unit, mg))
        doubts = _unsigned(name, seen) if told.units else ()
        return Scale(mg, f"{unit} ({how})", (*_off(name, rest, mg), *doubts))
    guess = unit_of(rest)
    if seen.unsigned:
        or_units = f"; --units {guess} takes it as {guess} all the same" if guess else ""
        raise UnusableFileError(
            f"{name} does not say its unit and is hardly ever below {seen.lowest:.4g} on any "
            f"axis, as if 0 g were {_middle(seen)} in it: give --offset (0 g in the file, one "
            f"number or X,Y,Z), and --scale if that does not make it 1 g{or_units}."
        )
    if guess and unit != "counts":
        how = f"{guess} (by its size at rest, {rest:.4g})"
        return Scale(MG_A_UNIT[guess], how, _doubts(name, seen, guess))
    if rest == 0:
        raise UnusableFileError(
            f"{name} has nothing but zeros in its quietest second: its sensor was off, or gravity "
            "was taken out; record it with gravity."
        )
    raise UnusableFileError(
        f"{name} does not say its unit and rests at {rest:.4g}, which is 1 g in none of g, mg and "
        f"m/s2: {_remedy(seen)}."
    )


def _middle(seen: Sizes) -> str:
    """What 0 g may be in a file of unsigned numbers: half of its converter's range."""
    centre = seen.rest / math.sqrt(3)
    half = 2 ** round(math.log2(centre)) if seen.whole and centre > 1 else 0
    return f"{half}" if half and abs(centre / half - 1) <= _HALF_RANGE else f"about {centre:.3g}"


def _unsigned(name: str, seen: Sizes) -> tuple[str, ...]:
    """What to say of numbers that were told a scale, and may have an offset too."""
    if not seen.unsigned:
        return ()
    sentence = (
        f"{name} is hardly ever below {seen.lowest:.4g} on any axis: if 0 g is not 0 in it, give "
        f"--offset too ({_middle(seen)}, or X,Y,Z)."
    )
    return (sentence,)


def _doubts(name: str, seen: Sizes, guess: str) -> tuple[str, ...]:
    """What speaks against a unit that was only seen."""
    if seen.weightless:
        return (f"{name} has gravity, as it rests at 1 g, although its heading says otherwise.",)
    if guess == "mg" and seen.whole and abs(seen.rest / _COUNTS_LIKE_MG - 1) <= _GUESSED:
        other = 1000 / _COUNTS_LIKE_MG
        sentence = (
            f"{name} rests at {seen.rest:.4g} in whole numbers, taken as mg; if these are raw "
            f"counts of a sensor with {_COUNTS_LIKE_MG} a g, which is 2.4 % less, give --scale "
            f"{other:.4g} (--units mg says that they are mg)."
        )
        return (sentence,)
    return ()


def _remedy(seen: Sizes) -> str:
    """What to do about a file that rests at 1 g in no unit."""
    rest = seen.rest
    if seen.weightless or rest < _LEAST_REST or seen.largest > _WEIGHTLESS_RATIO * rest:
        return _NO_GRAVITY
    for unit, mg in MG_A_UNIT.items():
        off = rest * mg / 1000
        if _SENSOR_OFF[0] <= off <= _SENSOR_OFF[1]:
            return (
                f"if it is in {unit}, its sensor is {abs(off - 1) * 100:.0f} % off; --units "
                f"{unit} takes it as it is, --scale {1000 / rest:.4g} makes it 1 g"
            )
    return _counts(rest)


def unit_of(rest: float) -> str:
    """The unit in which this is 1 g; empty: in none."""
    return next(
        (one for one, mg in MG_A_UNIT.items() if abs(rest * mg - 1000) <= 1000 * _GUESSED), ""
    )


def _wrong(name: str, seen: Sizes, unit: str, mg: float) -> str:
    rest = seen.rest
    rests_g = rest * mg / 1000
    said = f"{name} rests at {rests_g:.3g} g in {unit}, not at 1 g"
    other = unit_of(rest)
    if seen.weightless:
        return f"{said}: {_NO_GRAVITY}."
    if other:
        return f"{said}: with --units {other} it would be {rest * MG_A_UNIT[other] / 1000:.3g} g."
    if rests_g * 1000 < _WEIGHTLESS_MG:
        return f"{said}: {_NO_GRAVITY}."
    return f"{said}: {_counts(rest)}."


def _counts(rest: float) -> str:
    """What to give when these are raw counts: sensors have a power of two of them in 1 g."""
    usual = 2 ** round(math.log2(rest)) if rest > _FEWEST_COUNTS else 0
    if usual and abs(rest / usual - 1) <= _GUESSED:
        return (
            f"if these are raw counts, --scale {1000 / usual:.4g} fits a sensor with {usual} "
            f"counts a g (--scale {1000 / rest:.4g} would make it 1 g)"
        )
    factor = f"--scale {1000 / rest:.4g}"
    if rest <= _FEWEST_COUNTS:
        return f"{factor} would make it 1 g, if it rests at all"
    return f"if these are raw counts, {factor} (mg a count) would make it 1 g"


def _off(name: str, rest: float, mg: float) -> tuple[str, ...]:
    low, high = REST_RANGE_MG
    if rest == 0 or low <= rest * mg <= high:
        return ()
    sentence = (
        f"{name} rests at {rest * mg / 1000:.3g} g, not at 1 g: a factor of "
        f"{1000 / (rest * mg):.3g} (--scale {1000 / rest:.4g}) would fit."
    )
    return (sentence,)

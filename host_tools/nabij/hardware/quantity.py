"""A figure of the power account: what is reckoned with, whence, and how far it may be off."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from nabij.errors import NabijError

Case = Literal["likely", "best", "worst"]
CASES: Final[tuple[Case, ...]] = ("likely", "best", "worst")
# Nobody has measured it: half or twice as much would surprise nobody.
_FACTOR: Final = 2
_ASSUMED: Final = "assumption"
_MEASURED_KEYS: Final = ("by", "date", "board_rev")
_WHOLE: Final = 100


class PowerError(NabijError):
    """The figures cannot be used; says which and why."""


@dataclass(frozen=True)
class Quantity:
    """A value in its unit, its source, and the bounds between which it may be."""

    value: float
    low: float
    high: float
    source: str
    assumed: bool

    def told(self, value: float, source: str) -> "Quantity":
        """The same quantity as somebody knows it: not in doubt any more."""
        return replace(self, value=value, low=value, high=value, source=source, assumed=False)

    def drawn(self, case: Case) -> float:
        """What takes energy: much of it is the worst."""
        return {"likely": self.value, "best": self.low, "worst": self.high}[case]

    def given(self, case: Case) -> float:
        """What gives energy: little of it is the worst."""
        return {"likely": self.value, "best": self.high, "worst": self.low}[case]


def read(table: dict[str, Any], where: str, unit: str, name: str = "") -> Quantity:
    """`name_unit` of a table with its `name_source`, `name_range` and `name_measured`.

    Without a name the keys are `unit`, `source`, `range` and `measured`. What was measured is
    used in place of the value, and is not in doubt. PowerError when something makes no sense.
    """
    prefix = f"{name}_" if name else ""
    value: float = whole(table, f"{prefix}{unit}")
    source = table.get(f"{prefix}source")
    if not isinstance(source, str) or not source:
        raise PowerError(
            f"{where} needs a source for '{prefix}{unit}' in '{prefix}source'; "
            "write 'assumption: ...' when there is none."
        )
    assumed = source.startswith(_ASSUMED)
    measured = table.get(f"{prefix}measured")
    if measured is not None:
        value = _measured(measured, where, f"{prefix}measured", unit)
        return Quantity(value, value, value, _said(measured), assumed=False)
    low, high = _bounds(table, where, f"{prefix}range", unit, value, assumed=assumed)
    return Quantity(value, low, high, source, assumed)


def keys(unit: str, name: str = "") -> set[str]:
    """What `read` looks at."""
    prefix = f"{name}_" if name else ""
    return {f"{prefix}{key}" for key in (unit, "source", "range", "measured")}


def whole(table: dict[str, Any], name: str) -> int:
    """A whole number of a table; PowerError when it is none."""
    value = table.get(name)
    if type(value) is not int or value < 0:
        raise PowerError(f"'{name}' is {value!r}; write a whole number, 0 or more.")
    return value


def _bounds(
    table: dict[str, Any], where: str, key: str, unit: str, value: float, *, assumed: bool
) -> tuple[float, float]:
    told = table.get(key)
    if told is not None:
        if not (
            isinstance(told, list)
            and len(told) == 2
            and all(type(one) is int and one >= 0 for one in told)
            and told[0] <= value <= told[1]
        ):
            raise PowerError(
                f"{where} has {told!r} as '{key}'; write [least, most] around {value:g}."
            )
        return float(told[0]), float(told[1])
    if not assumed:
        return value, value
    if unit == "percent":
        # What is lost is in doubt, not what is left.
        lost = _WHOLE - value
        return max(0.0, _WHOLE - _FACTOR * lost), _WHOLE - lost / _FACTOR
    return value / _FACTOR, value * _FACTOR


def _measured(table: object, where: str, key: str, unit: str) -> float:
    form = f"{{ {unit} = 123, by = 'name', date = 2026-11-28, board_rev = 'V1.0' }}"
    if not isinstance(table, dict) or set(table) != {unit, *_MEASURED_KEYS}:
        raise PowerError(f"{where} has a '{key}' that says too little or too much; write {form}.")
    if not all(isinstance(table[name], str) and table[name] for name in ("by", "board_rev")):
        raise PowerError(f"{where} has a '{key}' without a name or a board; write {form}.")
    if type(table["date"]) is not date:
        raise PowerError(f"{where} has a '{key}' whose date is none; write {form}.")
    return whole(table, unit)


def _said(measured: dict[str, Any]) -> str:
    return "measured by {by} on {date}, board {board_rev}".format(**measured)

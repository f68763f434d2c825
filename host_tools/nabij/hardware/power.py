"""What the badge draws: hardware/power.toml, checked, and reckoned to the battery's side.

Each figure is reckoned with as it is likely, and between the bounds that it may have.
"""

import tomllib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from nabij import places
from nabij.errors import NabijError
from nabij.hardware import boards, quantity
from nabij.hardware.quantity import Case, PowerError, Quantity
from nabij.paths import read_file

__all__ = ["FILE", "Figure", "Figures", "PowerError", "load"]

FILE: Final = places.HARDWARE / "power.toml"
REFERENCE_BOARD: Final = "t_sim7080g_s3"
_NOT_PARTS: Final = frozenset({"battery", "timing"})
_TIMING: Final = ("active", "tail")
_BATTERY: Final = ("usable", "efficiency")


@dataclass(frozen=True)
class Figure:
    """One part in one state: the current on its rail, in microamperes, and the rail's voltage.

    Without `mv` it is measured at the battery already.
    """

    part: str
    state: str
    current: Quantity
    mv: int | None

    @property
    def ua(self) -> float:
        """What is likely drawn on the part's own rail."""
        return self.current.value

    @property
    def source(self) -> str:
        """Who says so."""
        return self.current.source

    @property
    def assumed(self) -> bool:
        """Whether nobody has measured or specified it."""
        return self.current.assumed


@dataclass(frozen=True)
class Figures:
    """All of them; `battery_mah` is the board's cell."""

    battery_mah: int
    usable: Quantity
    efficiency: Quantity
    nominal_mv: int
    modem_timing: dict[str, Quantity]
    parts: dict[str, dict[str, Figure]]

    def battery_ua(self, part: str, state: str, case: Case = "likely") -> float:
        """What the battery gives for a part in a state, in microamperes."""
        figure = self.parts[part][state]
        ua = figure.current.drawn(case)
        if figure.mv is None:
            return ua
        # Through a converter: the power is the same but for its losses, the current is not.
        return ua * figure.mv * 100 / (self.nominal_mv * self.efficiency.given(case))

    def timing_ms(self, case: Case = "likely") -> dict[str, int]:
        """How long the modem's radio stays up, by name."""
        return {f"{name}_ms": round(one.drawn(case)) for name, one in self.modem_timing.items()}

    def told(
        self,
        *,
        tail_ma: float | None = None,
        tail_s: float | None = None,
        capacity_mah: int | None = None,
    ) -> "Figures":
        """The figures with what somebody knows about their network and their cell."""
        found = self
        if tail_ma is not None:
            tail = found.parts["modem"]["tail"]
            current = tail.current.told(tail_ma * 1000, "told with --tail-ma")
            modem = found.parts["modem"] | {"tail": replace(tail, current=current)}
            found = replace(found, parts=found.parts | {"modem": modem})
        if tail_s is not None:
            ms = found.modem_timing["tail"].told(tail_s * 1000, "told with --tail-s")
            found = replace(found, modem_timing=found.modem_timing | {"tail": ms})
        if capacity_mah is not None:
            found = replace(found, battery_mah=capacity_mah)
        return found

    def to_json(self) -> dict[str, Any]:
        """As sim/models/ledger.py takes them."""
        return {
            "battery_mah": self.battery_mah,
            "usable_percent": round(self.usable.value),
            "modem_timing": self.timing_ms(),
            "modem_timing_if": {case: self.timing_ms(case) for case in ("best", "worst")},
            "parts": {
                part: {state: round(self.battery_ua(part, state)) for state in states}
                for part, states in self.parts.items()
            },
        }


def load(path: Path = FILE, board: str = REFERENCE_BOARD) -> Figures:
    """The figures of a file, and the cell of a board.

    PowerError when a figure is missing, has no source or makes no sense.
    """
    try:
        raw = tomllib.loads(read_file(path, "the currents", "correct it").decode())
    except NabijError as error:
        raise PowerError(error.sentence) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PowerError(f"{path} cannot be read ({error}): correct it.") from error
    definition = boards.load(board)
    battery, timing = _table(raw, "battery"), _table(raw, "timing")
    for part, states in definition.power.items():
        if part not in raw or part in _NOT_PARTS:
            raise PowerError(f"[power] of {board}.toml has '{part}', which is no part; remove it.")
        raw[part] = _table(raw, part) | states
    parts = {
        part: {state: _figure(part, state, _table(states, state)) for state in states}
        for part, states in raw.items()
        if part not in _NOT_PARTS
    }
    found = Figures(
        battery_mah=definition.battery.capacity_mah,
        usable=_percent(battery, "usable"),
        efficiency=_percent(battery, "efficiency"),
        nominal_mv=quantity.whole(battery, "nominal_mv"),
        modem_timing={name: quantity.read(timing, "[timing]", "ms", name) for name in _TIMING},
        parts=parts,
    )
    _refuse_unread(battery, "[battery]", "percent", _BATTERY, {"nominal_mv"})
    _refuse_unread(timing, "[timing]", "ms", _TIMING)
    return found


def _percent(battery: dict[str, Any], name: str) -> Quantity:
    found = quantity.read(battery, "[battery]", "percent", name)
    if not 0 < found.low <= found.high <= 100:
        raise PowerError(
            f"'{name}_percent' may be {found.low:g} to {found.high:g}; write 1 to 100."
        )
    return found


def _figure(part: str, state: str, table: dict[str, Any]) -> Figure:
    where = f"[{part}.{state}]"
    mv = quantity.whole(table, "mv") if "mv" in table else None
    found = Figure(part, state, quantity.read(table, where, "ua"), mv)
    _refuse_unread(table, where, "ua", ("",), {"mv"})
    return found


def _refuse_unread(
    table: dict[str, Any],
    where: str,
    unit: str,
    names: tuple[str, ...],
    more: AbstractSet[str] = frozenset(),
) -> None:
    known = more | {key for name in names for key in quantity.keys(unit, name)}
    for key in table:
        if key not in known:
            raise PowerError(f"{where} has an unknown entry '{key}'; remove it.")


def _table(raw: dict[str, Any], name: str) -> dict[str, Any]:
    table = raw.get(name)
    if not isinstance(table, dict):
        raise PowerError(f"The power figures need a table [{name}].")
    return table

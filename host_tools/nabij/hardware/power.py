"""What the badge draws: hardware/power.toml, checked, and reckoned to the battery's side."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nabij import places
from nabij.errors import NabijError

FILE: Final = places.HARDWARE / "power.toml"
_NOT_PARTS: Final = frozenset({"battery", "timing"})
_ASSUMED: Final = "assumption"


class PowerError(NabijError):
    """The figures cannot be used; says which and why."""


@dataclass(frozen=True)
class Figure:
    """One part in one state: microamperes as given, and as the battery sees them."""

    part: str
    state: str
    ua: int
    battery_ua: int
    source: str

    @property
    def assumed(self) -> bool:
        """Whether nobody has measured or specified it."""
        return self.source.startswith(_ASSUMED)


@dataclass(frozen=True)
class Figures:
    """All of them; `battery_mah` is the reference board's cell."""

    battery_mah: int
    usable_percent: int
    modem_timing: dict[str, int]
    parts: dict[str, dict[str, Figure]]

    def to_json(self) -> dict[str, Any]:
        """As sim/models/ledger.py takes them."""
        return {
            "battery_mah": self.battery_mah,
            "usable_percent": self.usable_percent,
            "modem_timing": self.modem_timing,
            "parts": {
                part: {state: figure.battery_ua for state, figure in states.items()}
                for part, states in self.parts.items()
            },
        }


def load(path: Path = FILE) -> Figures:
    """The figures of a file; PowerError when one is missing, has no source or makes no sense."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PowerError(f"{path} cannot be read ({error}): correct it.") from error
    battery, timing = _table(raw, "battery"), _table(raw, "timing")
    for table in (battery, timing):
        for name in [name for name in table if f"{name.rsplit('_', 1)[0]}_source" not in table]:
            if name.endswith(("_percent", "_ms", "_mah")):
                raise PowerError(f"{path.name}: '{name}' needs a source beside it.")
    parts = {
        part: {state: _figure(part, state, _table(states, state), battery) for state in states}
        for part, states in raw.items()
        if part not in _NOT_PARTS
    }
    return Figures(
        battery_mah=_whole(battery, "capacity_mah"),
        usable_percent=_whole(battery, "usable_percent"),
        modem_timing={name: _whole(timing, name) for name in ("active_ms", "tail_ms")},
        parts=parts,
    )


def _figure(part: str, state: str, table: dict[str, Any], battery: dict[str, Any]) -> Figure:
    source = table.get("source")
    if not isinstance(source, str) or not source:
        raise PowerError(
            f"[{part}.{state}] needs a source; write 'assumption: ...' when there is none."
        )
    ua = _whole(table, "ua")
    battery_ua = ua
    if "mv" in table:
        # Through a converter: the power is the same but for its losses, the current is not.
        through = _whole(battery, "nominal_mv") * _whole(battery, "efficiency_percent")
        battery_ua = round(ua * _whole(table, "mv") * 100 / through)
    return Figure(part, state, ua, battery_ua, source)


def _table(raw: dict[str, Any], name: str) -> dict[str, Any]:
    table = raw.get(name)
    if not isinstance(table, dict):
        raise PowerError(f"The power figures need a table [{name}].")
    return table


def _whole(table: dict[str, Any], name: str) -> int:
    value = table.get(name)
    if type(value) is not int or value < 0:
        raise PowerError(f"'{name}' is {value!r}; write a whole number, 0 or more.")
    return value

"""Symbols of the schematic: kept in hardware/electronics/nabij.kicad_sym, or boxes of ours."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass

from nabij.electronics.pod import FOLDER, Box, DesignError
from nabij.electronics.sexpr import Node, first, lists, number, parse, quoted, unquoted

LIBRARY = "nabij"
PITCH_MM = 2.54
_FONT: Node = ["effects", ["font", ["size", "1.27", "1.27"]]]
_HIDDEN: Node = ["effects", ["font", ["size", "1.27", "1.27"]], ["hide", "yes"]]


@dataclass(frozen=True)
class Pin:
    """Where a wire meets a pin (mm, y upwards), and the way into the symbol (degrees)."""

    number: str
    name: str
    x: float
    y: float
    angle: int


def library(boxes: Mapping[str, Box]) -> dict[str, list[Node]]:
    """Every symbol that a design may use, by name: kept ones and boxes."""
    kept = parse((FOLDER / f"{LIBRARY}.kicad_sym").read_text(encoding="utf-8"))
    symbols = {unquoted(one[1]): one for one in lists(kept, "symbol")}
    return symbols | {name: _drawn(name, box) for name, box in boxes.items()}


def library_file(symbols: Mapping[str, list[Node]]) -> list[Node]:
    """The library that lies beside the schematic, so that KiCad can compare the two."""
    head: list[Node] = [["version", "20241209"], ["generator", '"nabij"']]
    return ["kicad_symbol_lib", *head, ["generator_version", '"9.0"'], *symbols.values()]


def embedded(name: str, symbols: Mapping[str, list[Node]]) -> list[Node]:
    """A symbol as the schematic holds it: under the name of its library."""
    if name not in symbols:
        raise DesignError(f"There is no symbol {name}: keep it in {LIBRARY}.kicad_sym.")
    symbol = copy.deepcopy(symbols[name])
    symbol[1] = quoted(f"{LIBRARY}:{name}")
    return symbol


def pins(symbol: Node) -> list[Pin]:
    """All pins of a symbol."""
    found = [
        Pin(
            number=unquoted(first(pin, "number")[1]),
            name=unquoted(first(pin, "name")[1]),
            x=float(unquoted(first(pin, "at")[1])),
            y=float(unquoted(first(pin, "at")[2])),
            angle=int(float(unquoted(first(pin, "at")[3]))),
        )
        for pin in lists(symbol, "pin")
    ]
    for unit in lists(symbol, "symbol"):
        found += pins(unit)
    return found


def height_mm(symbol: Node) -> float:
    """How far the pins reach from the middle, upwards or downwards."""
    return max(abs(pin.y) for pin in pins(symbol))


def _drawn(name: str, box: Box) -> list[Node]:
    rows = max(len(box.left), len(box.right))
    top = round((rows - 1) / 2) * PITCH_MM
    half = box.width / 2
    drawn: list[Node] = ["symbol", quoted(f"{name}_1_1")]
    for column, x, angle in ((box.left, -half - PITCH_MM, 0), (box.right, half + PITCH_MM, 180)):
        for row, pin in enumerate(column):
            if pin:
                drawn.append(_pin(pin, (x, top - PITCH_MM * row), angle))
    corners: list[Node] = [
        ["start", number(-half), number(top + PITCH_MM)],
        ["end", number(half), number(top - PITCH_MM * rows)],
    ]
    stroke: Node = ["stroke", ["width", "0.254"], ["type", "default"]]
    body: Node = ["rectangle", *corners, stroke, ["fill", ["type", "background"]]]
    fields: list[Node] = [
        ["property", quoted(field), quoted(text), ["at", "0", "0", "0"], looks]
        for field, text, looks in (
            ("Reference", "U", _FONT),
            ("Value", name, _FONT),
            ("Footprint", "", _HIDDEN),
            ("Datasheet", "", _HIDDEN),
            ("Description", "", _HIDDEN),
        )
    ]
    switches: list[Node] = [["exclude_from_sim", "no"], ["in_bom", "yes"], ["on_board", "yes"]]
    names: Node = ["pin_names", ["offset", "1.016"]]
    more: list[Node] = [["pin_numbers", ["hide", "yes"]]] if _is_named(box) else []
    unit: Node = ["symbol", quoted(f"{name}_0_1"), body]
    return ["symbol", quoted(name), *more, names, *switches, *fields, unit, drawn]


def _is_named(box: Box) -> bool:
    """Whether its pins are named by what they do: their numbers are the names once more."""
    return any(pin and not pin[0].isdecimal() for pin in (*box.left, *box.right))


def _pin(pin: tuple[str, str, str], at: tuple[float, float], angle: int) -> Node:
    label, name, kind = pin
    place: Node = ["at", number(at[0]), number(at[1]), str(angle)]
    words: list[Node] = [["name", quoted(name), _FONT], ["number", quoted(label), _FONT]]
    return ["pin", kind, "line", place, ["length", number(PITCH_MM)], *words]

"""The schematic of a design as KiCad 9 reads it; the same design gives the same bytes."""

import json
import uuid
from collections.abc import Mapping
from typing import Final

from nabij.electronics import symbols as drawings
from nabij.electronics.pod import Design, Frame, Part
from nabij.electronics.sexpr import Node, number, quoted

PROJECT: Final = "nabij"
_SPACE: Final = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
_GRID_MM: Final = 1.27
_WIRE_MM: Final = 2.54
_TITLE_MM: Final = 2.0


def identity(*names: object) -> str:
    """The UUID of an item: the same names, the same UUID on every machine."""
    return str(uuid.uuid5(_SPACE, "/".join(map(str, ("nabij", *names)))))


def schematic(design: Design, symbols: Mapping[str, list[Node]]) -> list[Node]:
    """The tree of nabij.kicad_sch."""
    used = sorted({part.kind.symbol for part in design.parts})
    embedded = {name: drawings.embedded(name, symbols) for name in used}
    title: list[Node] = [
        *(["title", quoted(design.title)], ["company", '"Nabij"']),
        [
            "comment",
            "1",
            quoted("Made from hardware/electronics and hardware/boards: edit those."),
        ],
        ["comment", "2", quoted("Nobody has built it yet. Not tested by any laboratory.")],
    ]
    items: list[Node] = []
    for frame in design.frames:
        items += _frame(frame)
        for part in frame.parts:
            items += _placed(part, frame, embedded[part.kind.symbol])
    return [
        "kicad_sch",
        *(["version", "20250114"], ["generator", '"nabij"'], ["generator_version", '"9.0"']),
        *(["uuid", quoted(identity("sheet"))], ["paper", '"A3"'], ["title_block", *title]),
        ["lib_symbols", *embedded.values()],
        *items,
        ["sheet_instances", ["path", '"/"', ["page", '"1"']]],
        ["embedded_fonts", "no"],
    ]


def project() -> str:
    """The text of nabij.kicad_pro for a schematic alone."""
    told = {
        "meta": {"filename": f"{PROJECT}.kicad_pro", "version": 3},
        "sheets": [[identity("sheet"), "Root"]],
    }
    return json.dumps(told, indent=1) + "\n"


def table(kind: str, place: str) -> list[Node]:
    """The list of libraries (`sym` or `fp`) of the project: ours alone, beside it."""
    uri = quoted(f"${{KIPRJMOD}}/{place}")
    names: list[Node] = [["name", quoted(PROJECT)], ["type", '"KiCad"'], ["uri", uri]]
    return [f"{kind}_lib_table", ["lib", *names, ["options", '""'], ["descr", '""']]]


def _placed(part: Part, frame: Frame, symbol: list[Node]) -> list[Node]:
    middle = (_on_grid(frame.box[0] + part.at[0]), _on_grid(frame.box[1] + part.at[1]))
    found = drawings.pins(symbol)
    items: list[Node] = []
    for pin in found:
        at = (middle[0] + pin.x, middle[1] - pin.y)
        net = part.pins.get(pin.number)
        if net is None:
            items.append(_no_connect(part, pin.number, at))
        else:
            items += _wired(part, pin, at, net)
    return [_symbol(part, middle, symbol, [pin.number for pin in found]), *items]


def _symbol(part: Part, middle: tuple[float, float], symbol: list[Node], pins: list[str]) -> Node:
    on_board = "yes" if part.board else "no"
    path: Node = ["path", quoted(f"/{identity('sheet')}"), ["reference", quoted(part.ref)]]
    return [
        *("symbol", ["lib_id", symbol[1]], ["at", number(middle[0]), number(middle[1]), "0"]),
        *(["unit", "1"], ["exclude_from_sim", "no"], ["in_bom", "yes"], ["on_board", on_board]),
        *(["dnp", "no"], ["uuid", quoted(identity(part.ref))], *_fields(part, middle, symbol)),
        *(["pin", quoted(pin), ["uuid", quoted(identity(part.ref, pin))]] for pin in pins),
        ["instances", ["project", quoted(PROJECT), [*path, ["unit", "1"]]]],
    ]


def _fields(part: Part, middle: tuple[float, float], symbol: list[Node]) -> list[Node]:
    x, y = middle
    ends = drawings.pins(symbol)
    if any(pin.angle in {90, 270} for pin in ends):
        # Its labels stand above and below: the two texts go to its right.
        right = x + (3 if len(ends) == 2 else 5) * _GRID_MM
        at = ((right, y - _GRID_MM), (right, y + _GRID_MM))
        looks: list[Node] = [["justify", "left"]]
    else:
        reach = max(drawings.height_mm(symbol), _WIRE_MM) + 6 * _GRID_MM
        at, looks = ((x, y - reach), (x, y - reach + 2 * _GRID_MM)), []
    footprint = f"{PROJECT}:{part.kind.footprint}" if part.board else ""
    shown = (("Reference", part.ref, at[0]), ("Value", part.kind.value, at[1]))
    hidden = (
        *(("Footprint", footprint), ("Datasheet", ""), ("Description", part.kind.what)),
        *(("Maker", part.kind.maker), ("MPN", part.kind.number)),
    )
    font: Node = ["font", ["size", "1.27", "1.27"]]
    fields: list[Node] = [
        ["property", quoted(name), quoted(text), _at(place), ["effects", font, *looks]]
        for name, text, place in shown
    ]
    return fields + [
        ["property", quoted(name), quoted(text), _at(middle), ["effects", font, ["hide", "yes"]]]
        for name, text in hidden
    ]


def _wired(part: Part, pin: drawings.Pin, at: tuple[float, float], net: str) -> list[Node]:
    # The pin points inwards, so the wire leaves the other way; the label reads away from it.
    across, down = {0: (-1, 0), 180: (1, 0), 90: (0, 1), 270: (0, -1)}[pin.angle]
    end = (at[0] + across * _WIRE_MM, at[1] + down * _WIRE_MM)
    turn = {0: 180, 180: 0, 90: 270, 270: 90}[pin.angle]
    side = "right" if turn in {180, 270} else "left"
    points: Node = ["pts", *(["xy", number(x), number(y)] for x, y in (at, end))]
    stroke: Node = ["stroke", ["width", "0"], ["type", "default"]]
    looks: Node = ["effects", ["font", ["size", "1.27", "1.27"]], ["justify", side]]
    return [
        ["wire", points, stroke, _uuid(part.ref, pin.number, "wire")],
        [
            *("global_label", quoted(net), ["shape", "passive"], _at(end, turn), looks),
            _uuid(part.ref, pin.number, "label"),
        ],
    ]


def _no_connect(part: Part, pin: str, at: tuple[float, float]) -> Node:
    return ["no_connect", _at(at)[:3], _uuid(part.ref, pin, "open")]


def _frame(frame: Frame) -> list[Node]:
    x, y, width, height = frame.box
    corners: list[Node] = [
        ["start", number(x), number(y)],
        ["end", number(x + width), number(y + height)],
    ]
    stroke: Node = ["stroke", ["width", "0"], ["type", "dash"]]
    font: Node = ["font", ["size", number(_TITLE_MM), number(_TITLE_MM)]]
    looks: Node = ["effects", font, ["justify", "left", "bottom"]]
    place = (x + _TITLE_MM, y + 2 * _TITLE_MM)
    return [
        ["rectangle", *corners, stroke, ["fill", ["type", "none"]], _uuid(frame.title, "frame")],
        [
            *("text", quoted(frame.title), ["exclude_from_sim", "no"], _at(place), looks),
            _uuid(frame.title, "title"),
        ],
    ]


def _at(place: tuple[float, float], turn: int = 0) -> list[Node]:
    return ["at", number(place[0]), number(place[1]), str(turn)]


def _uuid(*names: object) -> Node:
    return ["uuid", quoted(identity(*names))]


def _on_grid(value: float) -> float:
    return round(value / _GRID_MM) * _GRID_MM

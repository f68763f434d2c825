"""The carrier as KiCad 9 reads it: parts, outline, tracks, planes; the same bytes each time."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from nabij.electronics.footprints import place
from nabij.electronics.pod import Design, Part
from nabij.electronics.router import Laid, Rules, Track, route
from nabij.electronics.routing_grid import EDGE_MM, VIA_DRILL_MM, VIA_MM
from nabij.electronics.schematic import PROJECT, identity
from nabij.electronics.sexpr import Node, number, quoted
from nabij.electronics.symbols import pins

# Where the corner of the carrier lies on KiCad's page, in mm.
ORIGIN: Final = (50.0, 40.0)
PLANE: Final = "GND"
_LAYERS: Final = (
    *((0, "F.Cu", "signal"), (2, "B.Cu", "signal"), (9, "F.Adhes", "user")),
    *((11, "B.Adhes", "user"), (13, "F.Paste", "user"), (15, "B.Paste", "user")),
    *((5, "F.SilkS", "user"), (7, "B.SilkS", "user"), (1, "F.Mask", "user")),
    *((3, "B.Mask", "user"), (25, "Edge.Cuts", "user"), (27, "Margin", "user")),
    *((31, "F.CrtYd", "user"), (29, "B.CrtYd", "user"), (35, "F.Fab", "user")),
    (33, "B.Fab", "user"),
)
_COPPER: Final = ("F.Cu", "B.Cu")


def carrier(design: Design, symbols: Mapping[str, list[Node]]) -> list[Node]:
    """The tree of nabij.kicad_pcb, its planes not filled yet; raises DesignError."""
    parts = [_with_open_pins(part, symbols[part.kind.symbol]) for part in design.parts]
    names = sorted({net for part in parts if part.board for net in part.pins.values()})
    numbers = {net: index for index, net in enumerate(names, 1)}
    placed = [place(part, numbers, ORIGIN) for part in parts if part.board]
    form = design.to_make
    rules = Rules(
        outline=form.outline,
        clearance=form.clearance_mm,
        width=form.track_mm,
        wide=dict.fromkeys(sorted(form.wide), form.wide_mm),
        plane=PLANE,
    )
    laid = route([pad for one in placed for pad in one.pads], rules)
    return [
        *("kicad_pcb", ["version", "20241229"], ["generator", '"nabij"']),
        *(["generator_version", '"9.0"'], ["general", ["thickness", "1.6"]], ["paper", '"A4"']),
        ["title_block", ["title", quoted(design.title)], ["company", '"Nabij"']],
        ["layers", *([str(one), quoted(name), kind] for one, name, kind in _LAYERS)],
        ["setup", ["pad_to_mask_clearance", "0"]],
        ["net", "0", '""'],
        *(["net", str(index), quoted(net)] for net, index in numbers.items()),
        *(one.tree for one in placed),
        *_outline(design),
        *_texts(design),
        *_copper(laid, numbers),
        *(_plane(design, layer, numbers[PLANE]) for layer in _COPPER),
        ["embedded_fonts", "no"],
    ]


def project(design: Design) -> str:
    """The text of nabij.kicad_pro: the carrier's rules, and none of KiCad's own switched off."""
    form = design.to_make
    rules = {
        "min_clearance": form.clearance_mm,
        "min_track_width": form.track_mm,
        "min_via_diameter": VIA_MM,
        "min_through_hole_diameter": VIA_DRILL_MM,
        "min_copper_edge_clearance": EDGE_MM,
    }
    usual = {
        "name": "Default",
        "priority": 2147483647,
        "clearance": form.clearance_mm,
        "track_width": form.track_mm,
        "via_diameter": VIA_MM,
        "via_drill": VIA_DRILL_MM,
    }
    told = {
        "board": {"design_settings": {"rules": rules}},
        "meta": {"filename": f"{PROJECT}.kicad_pro", "version": 3},
        "net_settings": {"classes": [usual], "meta": {"version": 4}},
        "sheets": [[identity("sheet"), "Root"]],
    }
    return json.dumps(told, indent=1) + "\n"


def _with_open_pins(part: Part, symbol: Node) -> Part:
    # KiCad gives a pin that is left open a net of its own.
    open_pins = {
        pin.number: f"unconnected-({part.ref}-{pin.name}-Pad{pin.number})"
        for pin in pins(symbol)
        if pin.number not in part.pins
    }
    return replace(part, pins={**part.pins, **open_pins})


def _outline(design: Design) -> list[Node]:
    points = list(design.to_make.outline)
    stroke: Node = ["stroke", ["width", "0.1"], ["type", "default"]]
    return [
        [
            *("gr_line", _at("start", start), _at("end", end), stroke),
            *(["layer", '"Edge.Cuts"'], ["uuid", quoted(identity("edge", str(index)))]),
        ]
        for index, (start, end) in enumerate(zip(points, [*points[1:], points[0]], strict=True))
    ]


def _texts(design: Design) -> list[Node]:
    font: Node = ["font", ["size", "1", "1"], ["thickness", "0.15"]]
    return [
        [
            *("gr_text", quoted(label.text), [*_at("at", label.at), "0"], ["layer", '"F.SilkS"']),
            *(["uuid", quoted(identity("text", label.text))], ["effects", font]),
        ]
        for label in design.to_make.labels
    ]


def _copper(laid: Laid, numbers: dict[str, int]) -> list[Node]:
    tree: list[Node] = []
    for index, one in enumerate(laid):
        ends: list[Node] = [
            ["net", str(numbers[one.net])],
            ["uuid", quoted(identity("copper", str(index)))],
        ]
        if isinstance(one, Track):
            way: list[Node] = [_at("start", one.start), _at("end", one.end)]
            width: Node = ["width", number(one.width)]
            tree.append(["segment", *way, width, ["layer", quoted(_COPPER[one.layer])], *ends])
        else:
            sizes: list[Node] = [["size", number(VIA_MM)], ["drill", number(VIA_DRILL_MM)]]
            layers: Node = ["layers", *map(quoted, _COPPER)]
            tree.append(["via", _at("at", one.at), *sizes, layers, *ends])
    return tree


def _plane(design: Design, layer: str, net: int) -> Node:
    # To the outline: KiCad keeps the fill away from the edge.
    corners: list[Node] = [["pts", *(_at("xy", point) for point in design.to_make.outline)]]
    gaps: list[Node] = [["thermal_gap", "0.3"], ["thermal_bridge_width", "0.4"]]
    return [
        *("zone", ["net", str(net)], ["net_name", quoted(PLANE)], ["layer", quoted(layer)]),
        *(["uuid", quoted(identity("plane", layer))], ["hatch", "edge", "0.5"]),
        ["connect_pads", ["clearance", "0.25"]],
        *(["min_thickness", "0.25"], ["filled_areas_thickness", "no"]),
        *(["fill", "yes", *gaps], ["polygon", *corners]),
    ]


def _at(word: str, point: tuple[float, float]) -> list[Node]:
    return [word, number(point[0] + ORIGIN[0]), number(point[1] + ORIGIN[1])]

"""Footprints of the carrier: kept in hardware/electronics/nabij.pretty, turned and named."""

import copy
from dataclasses import dataclass
from typing import Final

from nabij.electronics.pod import FOLDER, DesignError, Part
from nabij.electronics.router import Pad
from nabij.electronics.routing_grid import LAYERS
from nabij.electronics.schematic import PROJECT, identity
from nabij.electronics.sexpr import Node, first, lists, number, parse, quoted, unquoted

# (cos, sin) of the turns that a part may have.
_TURNS: Final = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}


# Items of a footprint that have no identity of their own, and those that a board leaves out.
_PLAIN: Final = {"attr", "embedded_fonts", "duplicate_pad_numbers_are_jumpers"}
_LEFT_OUT: Final = {"version", "generator", "generator_version", "layer"}


@dataclass(frozen=True)
class Placed:
    """A part on the carrier: its footprint as KiCad wants it, and its pads for the router."""

    tree: list[Node]
    pads: list[Pad]


def place(part: Part, nets: dict[str, int], origin: tuple[float, float]) -> Placed:
    """One part on the carrier; raises DesignError."""
    path = FOLDER / f"{PROJECT}.pretty" / f"{part.kind.footprint}.kicad_mod"
    if part.board is None or not path.is_file():
        raise DesignError(f"{part.ref} has no place or no footprint on the carrier.")
    x, y, turn = part.board
    if turn not in _TURNS:
        raise DesignError(f"{part.ref} is turned by {turn:g} degrees; use 0, 90, 180 or 270.")
    kept = copy.deepcopy(parse(path.read_text(encoding="utf-8")))
    items = [one for one in kept[2:] if _head(one) not in _LEFT_OUT]
    pads = []
    tree: list[Node] = [
        *("footprint", quoted(f"{PROJECT}:{part.kind.footprint}"), ["layer", '"F.Cu"']),
        ["uuid", quoted(identity(part.ref, "footprint"))],
        ["at", number(x + origin[0]), number(y + origin[1]), number(turn)],
        ["path", quoted(f"/{identity(part.ref)}")],
        *(["sheetname", '"/"'], ["sheetfile", quoted(f"{PROJECT}.kicad_sch")]),
    ]
    for index, item in enumerate(items):
        if not isinstance(item, list) or _head(item) in _PLAIN:
            tree.append(item)
            continue
        changed = list(item)
        if _head(item) == "property":
            changed = _field(part, changed, turn)
        elif _head(item) in {"pad", "fp_text"}:
            _turn(changed, turn)
        if _head(item) == "pad":
            net = part.pins.get(unquoted(changed[1]), "")
            pads.append(_pad(changed, part.board, net))
            if net:
                changed.append(["net", str(nets[net]), quoted(net)])
        changed.append(["uuid", quoted(identity(part.ref, "item", str(index)))])
        tree.append(changed)
    known = {unquoted(field[1]) for field in lists(kept, "property")}
    for name, text in _texts(part).items():
        if name not in known:
            tree.append(_hidden(part, name, text))
    return Placed(tree, pads)


def _pad(pad: Node, board: tuple[float, float, float], net: str) -> Pad:
    at = [float(unquoted(one)) for one in first(pad, "at")[1:3]]
    wide, high = (float(unquoted(one)) / 2 for one in first(pad, "size")[1:3])
    cos, sin = _TURNS[int(board[2])]
    middle = (board[0] + at[0] * cos + at[1] * sin, board[1] - at[0] * sin + at[1] * cos)
    through = unquoted(pad[2]) == "thru_hole"
    half = (wide, high) if sin == 0 else (high, wide)
    return Pad(net, middle, half, tuple(range(LAYERS)) if through else (0,))


def _field(part: Part, field: list[Node], turn: float) -> list[Node]:
    # The footprint has the name in its middle, on the assembly drawing; between parts this small
    # no other text can be read.
    field[2] = quoted(_texts(part).get(unquoted(field[1]), ""))
    _turn(field, turn)
    for one in lists(field, "layer"):
        one[1] = '"F.Fab"'
    return [*field, ["hide", "yes"]]


def _texts(part: Part) -> dict[str, str]:
    kind = part.kind
    return {
        "Reference": part.ref,
        "Value": kind.value,
        "Datasheet": "",
        "Description": kind.what,
        "Maker": kind.maker,
        "MPN": kind.number,
    }


def _hidden(part: Part, name: str, text: str) -> Node:
    font: Node = ["effects", ["font", ["size", "1", "1"], ["thickness", "0.15"]]]
    place: list[Node] = [["at", "0", "0", "0"], ["layer", '"F.Fab"'], ["hide", "yes"]]
    uuid: Node = ["uuid", quoted(identity(part.ref, "field", name))]
    return ["property", quoted(name), quoted(text), *place, uuid, font]


def _turn(item: list[Node], turn: float) -> None:
    # In a board, pads and texts have their turn against the board and not the footprint.
    for at in lists(item, "at"):
        own = float(unquoted(at[3])) if len(at) > 3 else 0.0
        at[3:] = [number((own + turn) % 360)]


def _head(node: Node) -> str:
    return "" if isinstance(node, str) else unquoted(node[0])

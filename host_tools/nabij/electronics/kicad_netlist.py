"""The netlist that KiCad reads out of the schematic, held against design and board, pin by pin."""

import xml.etree.ElementTree as ET

from nabij.electronics.pod import Design, place_of
from nabij.hardware.board_parts import Board

Nets = dict[str, set[tuple[str, str]]]


def read(text: str) -> Nets:
    """Net by net the pins in KiCad's XML; what it calls unconnected is left out."""
    # Written by KiCad a moment ago, on this computer.
    root = ET.fromstring(text)  # noqa: S314
    return {
        net.attrib["name"].lstrip("/"): {
            (node.attrib["ref"], node.attrib["pin"]) for node in net.iter("node")
        }
        for net in root.iter("net")
        if not net.attrib["name"].startswith("unconnected-")
    }


def differences(nets: Nets, design: Design, board: Board) -> list[str]:
    """A sentence for each signal that is elsewhere than the board says, then for each net."""
    socket = {part.strip: part.ref for part in design.parts if part.strip}
    wrong = _of_modules(nets, design, board)
    for what, pin in board.pins():
        if what not in design.signals or not socket:
            continue
        net = design.signals[what]
        strip, position = place_of(board, f"GPIO{pin}")
        if (socket[strip], str(position)) not in nets.get(net, set()):
            found = " ".join(".".join(one) for one in sorted(nets.get(net, ())))
            wrong.append(
                f"{what} is GPIO{pin}, {strip} position {position}, which {net} does not reach "
                f"in the schematic; it has {found or 'nothing'}."
            )
    wanted = {net: set(pins) for net, pins in design.nets().items()}
    for net in sorted(wanted.keys() | nets.keys()):
        for ref, number in sorted(wanted.get(net, set()) ^ nets.get(net, set())):
            there = (ref, number) in nets.get(net, set())
            wrong.append(
                f"{net}: {ref} pin {number} is {'only' if there else 'not'} in the schematic."
            )
    return wrong


def _of_modules(nets: Nets, design: Design, board: Board) -> list[str]:
    wrong = []
    for part in design.parts:
        if not part.module:
            continue
        box = design.boxes[part.kind.symbol]
        pins = {pin[1]: pin[0] for pin in (*box.left, *box.right) if pin}
        for what, number in board.pins():
            net = design.signals.get(what)
            if net is not None and (part.ref, pins[f"GPIO{number}"]) not in nets.get(net, set()):
                wrong.append(
                    f"{what} is GPIO{number}, which {net} does not reach at {part.ref} in the "
                    "schematic."
                )
    return wrong

"""The netlist that KiCad reads out of the schematic, held against design and board, pin by pin."""

import xml.etree.ElementTree as ET

from nabij.electronics.pod import SIGNALS, Design, place_of
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
    wrong = []
    for what, pin in board.pins():
        if what not in SIGNALS:
            continue
        net = SIGNALS[what]
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

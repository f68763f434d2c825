"""A netlist in KiCad's words against design and board: a wrong pin is told by its name."""

from xml.sax.saxutils import quoteattr

from nabij.electronics.kicad_netlist import differences, read
from nabij.electronics.pod import Design
from tests.host.electronics.designs import design, rewired


def as_kicad_says(of: Design) -> str:
    nets = "".join(
        f"<net code='1' name={quoteattr('/' + net)}>"
        + "".join(f"<node ref='{ref}' pin='{pin}'/>" for ref, pin in pins)
        + "</net>"
        for net, pins in of.nets().items()
    )
    open_pin = "<net name='unconnected-(U1-INT2-Pad9)'><node ref='U1' pin='9'/></net>"
    return f"<export><nets>{nets}{open_pin}</nets></export>"


def test_the_same_design_differs_in_nothing():
    same = design()
    assert differences(read(as_kicad_says(same)), same, same.board) == []


def test_one_changed_gpio_is_told_by_name():
    drawn = read(as_kicad_says(design()))
    board = rewired(r"\[rip\]\npin = 9", "[rip]\npin = 8")
    assert differences(drawn, design(), board) == [
        (
            "rip.pin is GPIO8, P2 position 11, which RIP does not reach in the schematic; "
            "it has J2.8 R12.1 R13.1."
        )
    ]


def test_a_lost_and_a_foreign_pin_are_told_by_net_and_part():
    lost = as_kicad_says(design()).replace("<node ref='R4' pin='1'/>", "")
    assert differences(read(lost), design(), design().board) == [
        "GND: R4 pin 1 is not in the schematic."
    ]
    foreign = as_kicad_says(design()).replace(
        "<node ref='R3' pin='1'/>", "<node ref='R3' pin='1'/><node ref='R99' pin='1'/>"
    )
    assert differences(read(foreign), design(), design().board) == [
        "HAPTIC: R99 pin 1 is only in the schematic."
    ]

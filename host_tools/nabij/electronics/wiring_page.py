"""hardware/wiring.md: what is soldered where, by name, GPIO, strip and position; what to buy."""

from collections.abc import Iterable
from typing import Final

from nabij.electronics.lists import bom_rows
from nabij.electronics.pod import SIGNALS, SUPPLIES, Design, place_of

_PAGE: Final = """\
# Wiring of the pod

Made by `make hardware` from [electronics/pod.toml](electronics/pod.toml) and
[boards/{board}.toml](boards/{board}.toml); edit those. Nobody has soldered it yet:
before the first joint hold the names here against the marks on the board, position by position.

![Board from the front, carrier on its strips, wires](../docs/hardware/harness.svg)

## Signals

Position 1 of P1 is at the antenna's end, position 1 of P2 at the other. Without a carrier wire the
same parts by this table on a piece of stripboard; a breakout takes the place of U1, C1, C2, R1 and
R2 when it has pull-up resistors of its own.

{signals}
## Supplies

{supplies}
## Wires

Each is a pair from a plug of the carrier. *Outside* means that it leaves the shell, or may be
touched through a gap of it: it has 1 kohm in series and a diode against static on the carrier.

{wires}
## Every net

{nets}
## What to buy

The makers' numbers were written down from memory and nothing was ordered: look each up first. No
supplier was checked, so none is named. Resistors and capacitors may be of any maker with the same
value and size.

{bom}"""


def page(design: Design) -> str:
    """The whole page."""
    return _PAGE.format(
        board=design.board.id,
        signals=_table(("signal", "GPIO", "strip, position", "reaches"), _signals(design)),
        supplies=_table(("supply", "strip, position"), _supplies(design)),
        wires=_table(("plug", "pin", "net", "to", "where"), _wires(design)),
        nets=_table(("net", "pins"), _nets(design)),
        bom=_table(
            ("quantity", "references", "value", "what", "maker", "number"), bom_rows(design)
        ),
    )


def _signals(design: Design) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for what, pin in design.board.pins():
        if what in SIGNALS:
            net = SIGNALS[what]
            strip, position = place_of(design.board, f"GPIO{pin}")
            rows.append((net, str(pin), f"{strip}, {position}", _reached(design, net)))
    return rows


def _supplies(design: Design) -> list[tuple[str, ...]]:
    places: dict[str, list[str]] = {net: [] for net in SUPPLIES.values()}
    for part in design.parts:
        for pin, net in part.pins.items() if part.strip else ():
            if net in places:
                places[net].append(f"{part.strip}, {pin}")
    return [(net, "; ".join(found)) for net, found in sorted(places.items())]


def _wires(design: Design) -> list[tuple[str, ...]]:
    return [
        (plug.ref, pin, net, f"{part.ref} ({part.kind.value}), {pin}", where)
        for part in design.parts
        if part.on
        for plug in [design.part(part.on)]
        for where in ["outside" if plug.outside else "inside"]
        for pin, net in part.pins.items()
    ]


def _nets(design: Design) -> list[tuple[str, ...]]:
    return [
        (net, " ".join(f"{ref}.{pin}" for ref, pin in pins)) for net, pins in design.nets().items()
    ]


def _reached(design: Design, net: str) -> str:
    return ", ".join(
        f"{part.ref} ({part.kind.value}) pin {pin}"
        for part in design.parts
        for pin, on in part.pins.items()
        if on == net and not part.strip
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)

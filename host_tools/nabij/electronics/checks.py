"""What a design must keep, told without KiCad: each breach is one sentence."""

from collections.abc import Iterator

from nabij.electronics.pod import Design, Part
from nabij.hardware.board_parts import PULLED

# Up to here a resistor in series changes no level.
SERIES_OHM = 1_000
GROUND = "GND"


def problems(design: Design) -> list[str]:
    """All breaches, none for a design that may be made."""
    return [
        *_unnamed(design),
        *_twice(design),
        *_dangling(design),
        *_pulls(design),
        *_wires(design),
        *_guards(design),
    ]


def _unnamed(design: Design) -> Iterator[str]:
    for part in design.parts:
        if not (part.kind.maker and part.kind.number):
            yield f"{part.ref} has no maker's number: nobody could buy it."
    for loose in design.loose:
        if not (loose.maker and loose.number) or loose.quantity < 1:
            yield f"'{loose.what}' needs a maker, a number and a quantity."


def _twice(design: Design) -> Iterator[str]:
    refs = [part.ref for part in design.parts]
    yield from (
        f"{ref} stands twice in the design." for ref in sorted(set(refs)) if refs.count(ref) > 1
    )


def _dangling(design: Design) -> Iterator[str]:
    for net, pins in design.nets().items():
        if len(pins) < 2:
            yield f"The net {net} ends at {pins[0][0]} pin {pins[0][1]}: it connects nothing."
    used = design.nets()
    for what, _pin in design.board.pins():
        wanted = design.signals.get(what)
        if wanted is not None and wanted not in used:
            yield f"{what} of the board reaches nothing: no part is on the net {wanted}."


def _pulls(design: Design) -> Iterator[str]:
    for name in PULLED:
        part = getattr(design.board, name)
        if not getattr(part, "fitted", True):
            continue
        net = design.signals[f"{name}.pin"]
        reached = {net, *_across(design, net)}
        found = {
            one.kind.ohm
            for one in _resistors(design)
            if GROUND in one.pins.values() and reached & set(one.pins.values())
        }
        if found != {part.external_pull_ohm}:
            has = " and ".join(f"{ohm} ohm" for ohm in sorted(found)) or "nothing"
            yield (
                f"{net} has {has} to ground; [{name}] of {design.board.id}.toml asks for "
                f"{part.external_pull_ohm} ohm."
            )


def _wires(design: Design) -> Iterator[str]:
    # A wire that leaves the shell meets people, static and short circuits.
    for plug in design.parts:
        for net in plug.pins.values() if plug.outside else ():
            on_net = [part for part in design.parts if net in part.pins.values()]
            if not any(_is_guard(part) for part in on_net):
                yield f"{plug.ref}: the wire {net} leaves the shell without an ESD diode."
            inner = [part for part in on_net if part.board and not _is_guard(part)]
            if any(part not in _resistors(design) for part in inner if part is not plug):
                yield f"{plug.ref}: the wire {net} leaves the shell without a series resistor."


def _guards(design: Design) -> Iterator[str]:
    # Off the carrier hangs nothing but what is named on a plug, pin by pin.
    for part in design.parts:
        if part.on and dict(part.pins) != dict(design.part(part.on).pins):
            yield f"{part.ref} hangs on {part.on}, which carries other nets."


def _is_guard(part: Part) -> bool:
    return part.kind.symbol == "D_TVS" and GROUND in part.pins.values()


def _resistors(design: Design) -> list[Part]:
    return [part for part in design.parts if part.kind.ohm]


def _across(design: Design, net: str) -> set[str]:
    return {
        other
        for part in _resistors(design)
        if part.kind.ohm <= SERIES_OHM and net in part.pins.values()
        for other in part.pins.values()
    } - {GROUND, "+3V3"}

"""The parts of a shell as solids of build123d: tray, cap, two buttons.

Lengths in mm as in the measures, but y is turned, as CAD has it: away from the antenna is down.
"""

from typing import Final

from build123d import (
    Align,
    Axis,
    Cylinder,
    Part,
    Plane,
    Pos,
    RectangleRounded,
    SlotOverall,
    extrude,
    fillet,
)
from build123d import Box as Block

from nabij.enclosure.measures import Box, Measures
from nabij.enclosure.plan import pockets

_THROUGH: Final = 200.0
_POST_HOLE_MM: Final = 10.0
_UP: Final = (Align.CENTER, Align.CENTER, Align.MIN)


def solids(measures: Measures) -> dict[str, Part]:
    """Every part that is printed, where it sits in the closed shell."""
    return {
        "tray": _tray(measures),
        "cap": _cap(measures),
        "button_left": _button(measures, -1),
        "button_right": _button(measures, 1),
    }


def block(box: Box) -> Part:
    """A room of the measures as a solid."""
    x, y, z = ((low + high) / 2 for low, high in zip(box.lower, box.upper, strict=True))
    return Pos(x, -y, z) * Block(*box.size)


def _tray(measures: Measures) -> Part:
    shell, outside, floor = measures.shell, measures.outside, measures.inside.lower[2]
    rim = shell.split
    tray = _slab(measures, 0.0, outside.lower[2], rim)
    tray = fillet(tray.faces().sort_by(Axis.Z)[0].edges(), shell.edge)
    tray -= _slab(measures, shell.wall, floor, rim + 1.0)
    beside = (shell.wall - shell.groove_width) / 2
    bottom = rim - shell.groove_depth
    ring = _slab(measures, beside, bottom, rim + 1.0)
    tray -= ring - _slab(measures, beside + shell.groove_width, bottom, rim + 1.0)
    board = min(one.box.lower[2] for one in measures.contents if one.name == "board")
    for x, y in measures.posts:
        tray += Pos(x, -y, floor) * Cylinder(shell.post / 2, board - floor, align=_UP)
    for x, y in measures.bosses:
        tray += Pos(x, -y, floor) * Cylinder(shell.boss / 2, rim - floor, align=_UP)
    # A hole ends within its post: it must not meet the floor.
    for x, y in measures.posts:
        deep = min(_POST_HOLE_MM, board - floor - 1.0)
        hole = Cylinder(shell.post_hole / 2, deep + 1.0, align=_UP)
        tray -= Pos(x, -y, board - deep) * hole
    for x, y in measures.bosses:
        hole = Cylinder(shell.boss_hole / 2, shell.boss_depth + 1.0, align=_UP)
        tray -= Pos(x, -y, rim - shell.boss_depth) * hole
    return _opened(tray, measures)


def _cap(measures: Measures) -> Part:
    shell, outside, roof = measures.shell, measures.outside, measures.inside.upper[2]
    x, y = _middle(measures)
    end = y + outside.size[1] / 2
    cap = _slab(measures, 0.0, shell.split, outside.upper[2])
    cap = fillet(cap.faces().sort_by(Axis.Z)[-1].edges(), shell.edge)
    lug = Block(*measures.lug, align=(Align.CENTER, Align.MIN, Align.CENTER))
    cap += Pos(x, end, measures.slot_z) * lug
    cap -= _slab(measures, shell.wall, shell.split - 1.0, roof)
    for at_x, at_y in measures.bosses:
        column = Cylinder(shell.boss / 2, roof - shell.split, align=_UP)
        cap += Pos(at_x, -at_y, shell.split) * column
    for at_x, at_y in measures.bosses:
        hole = Cylinder(shell.cap_hole / 2, _THROUGH, align=_UP)
        cap -= Pos(at_x, -at_y, shell.split - 1.0) * hole
    cap = _with_pockets(cap, measures)
    slot = Pos(x, end + measures.lug[1] / 2, -_THROUGH / 2) * SlotOverall(*measures.slot)
    cap -= extrude(slot, amount=_THROUGH)
    return _opened(cap, measures)


def _opened(part: Part, measures: Measures) -> Part:
    for opening in measures.openings:
        if opening.side != "cap off":
            part -= block(opening.box)
    return part


def _with_pockets(cap: Part, measures: Measures) -> Part:
    button, shell, outside = measures.button, measures.shell, measures.outside
    wall = button.pocket_wall
    for name, box in pockets(measures).items():
        left = name.startswith("left")
        # Open towards the tray, so that button and strip are put in from there.
        lower = (box.lower[0] + (0.0 if left else wall), box.lower[1] + wall, box.lower[2] - 1.0)
        upper = (box.upper[0] - (wall if left else 0.0), box.upper[1] - wall, box.upper[2] - wall)
        cap += block(box)
        cap -= block(Box(lower, upper))
        edge = outside.lower[0] - 1.0 if left else measures.inside.upper[0]
        face = SlotOverall(button.length, button.height)
        cap -= extrude(_upright(edge, button.y, button.z) * face, amount=shell.wall + 1.0)
    return cap


def _button(measures: Measures, side: int) -> Part:
    button, over = measures.button, measures.button.flange_over
    wall = measures.inside.upper[0] if side > 0 else measures.inside.lower[0]
    flange = SlotOverall(button.length + 2 * over, button.height + 2 * over)
    finger = SlotOverall(button.length - 2 * button.gap, button.height - 2 * button.gap)
    place = _upright(wall, button.y, button.z)
    # Flange against the inside of the wall, finger through it.
    solid = extrude(place * flange, amount=-side * button.flange)
    return solid + extrude(place * finger, amount=side * (measures.shell.wall + button.proud))


def _slab(measures: Measures, inset: float, bottom: float, top: float) -> Part:
    wide, long, _ = measures.outside.size
    radius = measures.shell.corner - inset
    shape = RectangleRounded(wide - 2 * inset, long - 2 * inset, radius)
    x, y = _middle(measures)
    return extrude(Pos(x, y, bottom) * shape, amount=top - bottom)


def _upright(x: float, y: float, z: float) -> Plane:
    # Its normal is x, its own x runs along the edge of the shell.
    return Plane(origin=(x, -y, z), x_dir=(0, 1, 0), z_dir=(1, 0, 0))


def _middle(measures: Measures) -> tuple[float, float]:
    lower, upper = measures.outside.lower, measures.outside.upper
    return (lower[0] + upper[0]) / 2, -(lower[1] + upper[1]) / 2

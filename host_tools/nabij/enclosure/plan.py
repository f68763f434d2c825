"""What the millimetres of a shell must keep before it is drawn; each breach is one sentence."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from nabij.enclosure.measures import Box, Measures
from nabij.hardware import boards

# Room at each side of a moving or soldered thing.
_PLAY_MM: Final = 0.2
_SAME_MM: Final = 0.001


def problems(measures: Measures) -> list[str]:
    """All breaches, none for measures that may be drawn."""
    return [
        *_too_large(measures),
        *_clashes(measures),
        *_openings(measures),
        *_antenna(measures),
        *_button(measures),
        *_groove(measures),
    ]


def misfits(name: str, measures: Measures) -> list[str]:
    """Where the room for the board is less than a board has that names this shell."""
    room = next((one.box.size for one in measures.contents if one.name == "board"), (0.0, 0.0))
    wrong = []
    for one in map(boards.load, boards.all_ids()):
        size = one.enclosure.wide_mm, one.enclosure.long_mm
        fits = all(has <= least + _SAME_MM for has, least in zip(size, room[:2], strict=True))
        if one.enclosure.shell == name and not fits:
            wrong.append(
                f"The board {one.id} is {size[0]:g} x {size[1]:g} mm; '{name}' has room for "
                f"{room[0]:g} x {room[1]:g}."
            )
    return wrong


def pockets(measures: Measures) -> dict[str, Box]:
    """The rooms of the two buttons in the cap, walls included; open towards the tray."""
    button = measures.button
    half_y = button.strip_length / 2 + _PLAY_MM + button.pocket_wall
    half_z = button.strip_height / 2 + _PLAY_MM
    lower_z, upper_z = button.z - half_z, button.z + half_z + button.pocket_wall
    left, right = measures.inside.lower[0], measures.inside.upper[0]
    deep = button.depth + button.pocket_wall
    return {
        "left pocket": Box(
            (left, button.y - half_y, lower_z), (left + deep, button.y + half_y, upper_z)
        ),
        "right pocket": Box(
            (right - deep, button.y - half_y, lower_z),
            (right, button.y + half_y, upper_z),
        ),
    }


def _too_large(measures: Measures) -> Iterator[str]:
    # The lug is outside of the box, at the antenna's end.
    wide, long, high = measures.outside.size
    size = (wide + 2 * measures.button.proud, long + measures.lug[1], high)
    for name, has, most in zip(("wide", "long", "thick"), size, measures.limit, strict=True):
        if has > most + 1e-9:
            yield f"The shell is {has:.1f} mm {name}; at most {most:g}."


def _clashes(measures: Measures) -> Iterator[str]:
    things = {one.name: one.box for one in measures.contents} | pockets(measures)
    for (name, box), (other, its) in combinations(things.items(), 2):
        shared = box.shared_mm3(its)
        if shared > 0.01:
            yield f"{name} and {other} share {shared:.0f} mm3; move one."
    for name, box in things.items():
        volume = box.size[0] * box.size[1] * box.size[2]
        if box.shared_mm3(measures.inside) < volume - 0.01:
            yield f"{name} reaches out of the shell's inside."


def _openings(measures: Measures) -> Iterator[str]:
    has = {one.name: one for one in measures.openings}
    for name, side in measures.reached.items():
        if name not in has or has[name].side != side:
            yield f"There is no opening for {name} ({side})."
            continue
        box = has[name].box
        outer, inner = measures.outside.lower[0], measures.inside.lower[0]
        if side == "left" and not (box.lower[0] <= outer and box.upper[0] >= inner):
            yield f"The opening for {name} does not go through the wall."
    for opening in measures.openings:
        if opening.side != "cap off":
            continue
        for content in measures.contents:
            if content.box.shared_mm3(opening.box) > 0.01:
                yield f"{content.name} stands above {opening.name}: it cannot be reached."


def _antenna(measures: Measures) -> Iterator[str]:
    for content in measures.contents:
        if content.metal and not content.notch:
            shared = content.box.shared_mm3(measures.antenna)
            if shared > 0.01:
                yield f"{content.name} is metal and takes {shared:.0f} mm3 of the antenna's room."


def _button(measures: Measures) -> Iterator[str]:
    button = measures.button
    if button.flange_over < 1.0:
        yield "The button's flange is less than 1 mm wider than its opening: it can fall out."
    if not 0.2 <= button.gap <= 0.4:
        yield f"The button has {button.gap:g} mm of play; 0.2 to 0.4 neither jams nor rattles."
    if button.slack > button.switch_travel:
        yield "The button rattles: it has more slack than the switch has travel."
    travel = button.slack + button.switch_travel
    if not travel <= button.proud <= travel + 0.5:
        yield (
            f"The button stands {button.proud:g} mm proud for {travel:g} mm of travel: it cannot "
            "close the switch, or is pressed by a pocket."
        )
    if button.length + 2 * button.flange_over > button.strip_length + 2 * _PLAY_MM:
        yield "The button's flange does not fit into its pocket."


def _groove(measures: Measures) -> Iterator[str]:
    shell = measures.shell
    if shell.groove_width < 1.0 or shell.groove_depth < 0.6:
        yield "There is no groove for the gasket: a cord of 1.2 mm needs 1.0 by 0.6 mm or more."
    beside = (shell.wall - shell.groove_width) / 2
    if beside < measures.thinnest:
        yield f"The groove leaves {beside:.2f} mm of wall beside it; needs {measures.thinnest:g}."
    if shell.split > min(box.lower[2] for box in pockets(measures).values()):
        yield "The pockets of the buttons reach below the cap: the board could not be put in."

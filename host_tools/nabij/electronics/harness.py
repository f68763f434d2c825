"""The harness picture: board and carrier to scale, strips named, a pair of wires to each part."""

from collections.abc import Iterator
from html import escape
from typing import Final

from nabij.electronics.pod import Design, Part

# mm.
_PITCH: Final = 2.54
_LABELS: Final = 30.0
_DEVICES_X: Final = 78.0
_DEVICE: Final = (46.0, 11.0)
_DEVICE_STEP: Final = 13.5
_SCALE: Final = 6
_COLOURS: Final = ("#c62828", "#1565c0")
_TOP: Final = 24.0
_SMALL: Final = 1.9


def harness(design: Design) -> str:
    """The picture as SVG; the same design gives the same bytes."""
    width, height = (
        _LABELS + _DEVICES_X + _DEVICE[0] + 4,
        design.board.enclosure.long_mm + _TOP + 3,
    )
    view = f"{-_LABELS:g} {-_TOP:g} {width:g} {height:g}"
    size = f'width="{width * _SCALE:.0f}" height="{height * _SCALE:.0f}"'
    font = 'font-family="DejaVu Sans, sans-serif" font-size="2.2"'
    corner = f'x="{-_LABELS:g}" y="{-_TOP:g}" width="{width:g}" height="{height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" {size} {font}>'
    body = [*_board(design), *_strips(design), *_wires(design)]
    return "\n".join([head, f'<rect {corner} fill="#fff"/>', *body, "</svg>\n"])


def _board(design: Design) -> Iterator[str]:
    width, height = design.board.enclosure.wide_mm, design.board.enclosure.long_mm
    yield (
        f'<rect width="{width:g}" height="{height:g}" rx="2" fill="#e8eaf0" stroke="#555" '
        'stroke-width=".3"/>'
    )
    points = " ".join(f"{x:g},{y:g}" for x, y in design.to_make.outline)
    yield f'<polygon points="{points}" fill="#cfe8cf" stroke="#2e7d32" stroke-width=".4"/>'
    for y, words in (
        (6.5, "antenna"),
        (28, "carrier, on top"),
        (80, design.board.name),
        (84, "front; cell on the back"),
        (108, "modem's end"),
    ):
        yield _text((width / 2, y), words, anchor="middle", size=_SMALL)


def _strips(design: Design) -> Iterator[str]:
    for part in design.parts:
        if not part.strip or not part.board:
            continue
        x, y, turn = part.board
        step = _PITCH if turn == 0 else -_PITCH
        beside, anchor = (
            (2.6, "start") if x > design.board.enclosure.wide_mm / 2 else (-2.6, "end")
        )
        for position, name in enumerate(design.board.headers[part.strip], 1):
            at = y + step * (position - 1)
            net = part.pins.get(str(position), "")
            fill = "#111" if net else "#fff"
            yield (
                f'<circle cx="{x:g}" cy="{at:.2f}" r=".8" fill="{fill}" stroke="#111" '
                'stroke-width=".2"/>'
            )
            words = f"{position} {name}" + ("" if net.endswith(name) else f" {net}")
            where = (x + beside, at + 0.75)
            yield _text(where, words.strip(), anchor=anchor, bold=bool(net), size=_SMALL)
        top = min(y, y + 15 * step) - 2.6
        yield _text((x + beside, top), part.strip, anchor=anchor, bold=True)


def _wires(design: Design) -> Iterator[str]:
    hanging = [(part, frame.title) for frame in design.frames for part in frame.parts if part.on]
    # The plug at the right leaves first, so that no pair crosses another.
    hanging.sort(key=lambda one: -_plug(design, one[0])[0])
    above = [
        one for one in hanging if _plug(design, one[0])[1] < design.board.enclosure.long_mm / 4
    ]
    below = [one for one in hanging if one not in above]
    for row, (part, title) in enumerate(above):
        top = (row + 1) * -_DEVICE_STEP + 6
        yield from _pair(design, part, title, row=row, lane=-3.0 - 6 * row, top=top)
    for row, (part, title) in enumerate(below):
        top = 56 + row * _DEVICE_STEP
        yield from _pair(design, part, title, row=row, lane=54.0 + 6 * row, top=top)


def _pair(
    design: Design, part: Part, title: str, *, row: int, lane: float, top: float
) -> Iterator[str]:
    plug_x, plug_y = _plug(design, part)
    width, height = _DEVICE
    for index, ((pin, net), colour) in enumerate(zip(part.pins.items(), _COLOURS, strict=True)):
        x, run = plug_x + 2 * index, lane + 2 * (1 - index)
        end = top + 6 + 3 * index
        turn = _DEVICES_X - 4 - 4 * row - 2 * (1 - index)
        path = f"M{x:g} {plug_y:g}V{run:g}H{turn:g}V{end:g}H{_DEVICES_X:g}"
        yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width=".6"/>'
        yield f'<circle cx="{x:g}" cy="{plug_y:g}" r=".7" fill="{colour}"/>'
        yield _text((_DEVICES_X + 1, end + 0.8), f"{pin} {net}", size=_SMALL)
    beside = -1.4 if lane > 0 else 3.2
    yield _text((plug_x - 0.8, plug_y + beside), part.on, bold=True, size=_SMALL)
    yield (
        f'<rect x="{_DEVICES_X:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="1" '
        'fill="none" stroke="#555" stroke-width=".3"/>'
    )
    words = f"{part.ref} on {part.on}: {title.partition(':')[0]}"
    yield _text((_DEVICES_X + 1, top + 3), words, bold=True, size=_SMALL)


def _plug(design: Design, part: Part) -> tuple[float, float]:
    board = design.part(part.on).board
    if board is None:
        raise ValueError(f"{part.on} is not on the carrier")
    return board[0], board[1]


def _text(
    at: tuple[float, float],
    words: str,
    *,
    anchor: str = "start",
    bold: bool = False,
    size: float = 2.2,
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{at[0]:g}" y="{at[1]:.2f}" text-anchor="{anchor}" font-size="{size:g}"'
        f"{weight}>{escape(words)}</text>"
    )

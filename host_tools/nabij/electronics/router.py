"""Routes the copper of a small board, tracks and vias: the cheapest way, net after net.

A net that finds no way is laid before all others in the next try. The same pads give the same
tracks on every machine: costs are whole numbers, and of two equal ways the lower cell wins.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from nabij.electronics.pod import DesignError
from nabij.electronics.routing_grid import LAYERS, VIA_DRILL_MM, VIA_MM, Cell, Copper, Grid, Point

# The largest hole of a part.
PAD_DRILL_MM: Final = 1.0
_TRIES: Final = 40
_STRAIGHT: Final = 10
_SLANTED: Final = 14
_BACK: Final = 4
_THROUGH: Final = 120
_STEPS: Final = tuple(
    (down, across, _STRAIGHT if not down or not across else _SLANTED)
    for down in (-1, 0, 1)
    for across in (-1, 0, 1)
    if down or across
)


@dataclass(frozen=True)
class Pad:
    """Copper of a part: middle and half sides in mm, on one layer or through all."""

    net: str
    at: Point
    half: Point
    layers: tuple[int, ...]


@dataclass(frozen=True)
class Track:
    """A straight piece of copper."""

    net: str
    layer: int
    start: Point
    end: Point
    width: float


@dataclass(frozen=True)
class Via:
    """Copper through the board."""

    net: str
    at: Point


@dataclass(frozen=True)
class Rules:
    """Outline and widths in mm; the net of the plane needs only a via for each pad."""

    outline: Sequence[Point]
    clearance: float
    width: float
    wide: Mapping[str, float]
    plane: str


Laid = list[Track | Via]


def route(pads: Sequence[Pad], rules: Rules) -> Laid:
    """Copper that joins all pads of each net; raises DesignError when a net finds no way."""
    order = sorted({pad.net for pad in pads if pad.net}, key=lambda net: _length(pads, net))
    for _ in range(_TRIES):
        laid, stuck = _attempt(pads, rules, order)
        if stuck is None:
            return laid
        order.remove(stuck)
        order.insert(0, stuck)
    raise DesignError(f"{stuck} finds no way on the carrier; move its parts apart.")


def _attempt(pads: Sequence[Pad], rules: Rules, order: Sequence[str]) -> tuple[Laid, str | None]:
    grid = Grid(rules.outline, rules.clearance, {rules.width, VIA_MM, *rules.wide.values()})
    for pad in pads:
        copper = Copper(pad.net, pad.layers, pad.at, pad.at, half=pad.half)
        grid.add(copper)
        grid.keep_open(copper)
        if len(pad.layers) == LAYERS:
            grid.drill(pad.at, PAD_DRILL_MM)
    laid: Laid = []
    for net in order:
        own = [pad for pad in pads if pad.net == net]
        widths = [rules.wide[net], rules.width] if net in rules.wide else [rules.width]
        search = _to_plane if net == rules.plane else _joined
        found = search(grid, own, widths)
        if found is None:
            return laid, net
        laid += found
    return laid, None


def _joined(grid: Grid, pads: Sequence[Pad], widths: Sequence[float]) -> Laid | None:
    laid: Laid = []
    tree = _cells(grid, pads[0])
    waiting = list(pads[1:])
    while waiting:
        goals = {cell: pad for pad in reversed(waiting) for cell in _cells(grid, pad)}
        for width in widths:
            way = _cheapest(grid, pads[0].net, width, tree, goals, through=False)
            if way:
                break
        else:
            return None
        reached = goals[way[-1]]
        ends = {cell: pad.at for pad in pads for cell in _cells(grid, pad)}
        laid = _parted(laid, way[0][0], grid.point(way[0]))
        laid += _lay(grid, reached.net, width, way, ends)
        tree |= {*way, *_cells(grid, reached)}
        waiting.remove(reached)
    return laid


def _to_plane(grid: Grid, pads: Sequence[Pad], widths: Sequence[float]) -> Laid | None:
    laid: Laid = []
    vias: set[Cell] = set()
    for pad in pads:
        if len(pad.layers) == LAYERS:
            continue
        start = _cells(grid, pad)
        for width in widths:
            way = _cheapest(grid, pad.net, width, start, vias, through=True)
            if way:
                break
        else:
            return None
        laid += _lay(grid, pad.net, width, way, dict.fromkeys(start, pad.at))
        vias.add((0, *way[-1][1:]))
    return laid


def _cells(grid: Grid, pad: Pad) -> set[Cell]:
    return {grid.cell(layer, pad.at) for layer in pad.layers}


def _cheapest(
    grid: Grid, net: str, width: float, start: set[Cell], goals: Iterable[Cell], *, through: bool
) -> list[Cell]:
    """The way from a cell of `start` to a goal; `through` ends it at the first via as well."""
    closed = grid.blocked(net, width).tobytes()
    no_via = (grid.blocked(net, VIA_MM).any(axis=0) | grid.drilled).tobytes()
    rows, columns = grid.rows, grid.columns
    size = rows * columns
    wanted = {layer * size + row * columns + column for layer, row, column in goals}
    cost: dict[int, int] = {}
    before: dict[int, int] = {}
    heap = []
    for layer, row, column in sorted(start):
        number = layer * size + row * columns + column
        if not closed[number]:
            cost[number] = 0
            heap.append((0, number))
    while heap:
        so_far, here = heapq.heappop(heap)
        if so_far > cost[here]:
            continue
        layer, inside = divmod(here, size)
        if here in wanted or (through and layer == LAYERS - 1):
            return _walked(before, here, rows, columns)
        row, column = divmod(inside, columns)
        for there, price in _neighbours(here, (layer, row, column), (rows, columns), no_via):
            total = so_far + price
            if not closed[there] and total < cost.get(there, 1 << 30):
                cost[there], before[there] = total, here
                heapq.heappush(heap, (total, there))
    return []


def _neighbours(
    here: int, cell: Cell, shape: tuple[int, int], no_via: bytes
) -> Iterator[tuple[int, int]]:
    layer, row, column = cell
    rows, columns = shape
    for down, across, price in _STEPS:
        if 0 <= row + down < rows and 0 <= column + across < columns:
            yield here + down * columns + across, price + _BACK * layer
    if not no_via[row * columns + column]:
        yield here + (1 - 2 * layer) * rows * columns, _THROUGH


def _walked(before: Mapping[int, int], end: int, rows: int, columns: int) -> list[Cell]:
    numbers = [end]
    while numbers[-1] in before:
        numbers.append(before[numbers[-1]])
    size = rows * columns
    return [(one // size, one % size // columns, one % columns) for one in reversed(numbers)]


def _lay(
    grid: Grid, net: str, width: float, way: Sequence[Cell], ends: Mapping[Cell, Point]
) -> Laid:
    laid: Laid = []
    for run in _runs(way):
        layer = run[0][0]
        points = [grid.point(cell) for cell in _corners(run)]
        for cell, place in ((run[0], 0), (run[-1], len(points))):
            if cell in ends and ends[cell] != grid.point(cell):
                points.insert(place if place == 0 else len(points), ends[cell])
        for start, end in pairwise(points):
            laid.append(Track(net, layer, start, end, width))
            grid.add(Copper(net, (layer,), start, end, radius=width / 2))
    for one, other in pairwise(way):
        if one[0] != other[0]:
            laid.append(Via(net, grid.point(one)))
            middle = grid.point(one)
            grid.add(Copper(net, tuple(range(LAYERS)), middle, middle, radius=VIA_MM / 2))
            grid.drill(middle, VIA_DRILL_MM)
    return laid


def _parted(laid: Laid, layer: int, at: Point) -> Laid:
    # A track that begins in the middle of another needs an end there, or KiCad calls it dangling.
    parted: Laid = []
    for one in laid:
        if isinstance(one, Track) and one.layer == layer and _inside(one, at):
            parted += [replace(one, end=at), replace(one, start=at)]
        else:
            parted.append(one)
    return parted


def _inside(track: Track, at: Point) -> bool:
    (x0, y0), (x1, y1) = track.start, track.end
    across = (x1 - x0) * (at[1] - y0) - (y1 - y0) * (at[0] - x0)
    along = (x1 - x0) * (at[0] - x0) + (y1 - y0) * (at[1] - y0)
    return across == 0 and 0 < along < (x1 - x0) ** 2 + (y1 - y0) ** 2


def _runs(way: Sequence[Cell]) -> Iterator[list[Cell]]:
    run = [way[0]]
    for cell in way[1:]:
        if cell[0] != run[-1][0]:
            yield run
            run = []
        run.append(cell)
    yield run


def _corners(run: Sequence[Cell]) -> list[Cell]:
    kept = [run[0]]
    for before, here, after in zip(run, run[1:], run[2:], strict=False):
        if (here[1] - before[1], here[2] - before[2]) != (after[1] - here[1], after[2] - here[2]):
            kept.append(here)
    return [*kept, run[-1]] if len(run) > 1 else kept


def _length(pads: Sequence[Pad], net: str) -> float:
    xs, ys = zip(*(pad.at for pad in pads if pad.net == net), strict=True)
    return float(max(xs) - min(xs) + max(ys) - min(ys))

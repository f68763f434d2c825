"""The grid on which tracks are laid: which cells copper of another net or the edge keeps free.

Lengths are in mm, y downwards; a cell is (layer, row, column), layer 0 is the front.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEP_MM: Final = 0.25
LAYERS: Final = 2
EDGE_MM: Final = 0.5
VIA_MM: Final = 0.6
VIA_DRILL_MM: Final = 0.3
HOLE_GAP_MM: Final = 0.25
# Rounding of cells and of rotated pads.
_SLACK_MM: Final = 0.005
Cell = tuple[int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True)
class Copper:
    """A rectangle (pad) or a round-ended stroke (track, via) of one net on some layers."""

    net: str
    layers: tuple[int, ...]
    start: Point
    end: Point
    # Half the width of a stroke; half the sides of a pad around `start`.
    radius: float = 0.0
    half: Point | None = None


class Grid:
    """Counts, for each width of track, what stands in the way of it in each cell."""

    def __init__(
        self, outline: Sequence[Point], clearance: float, widths: Iterable[float]
    ) -> None:
        """`widths` are those of tracks and vias that will be laid."""
        self._clearance = clearance
        xs, ys = zip(*outline, strict=True)
        self.columns = round(max(xs) / STEP_MM) + 1
        self.rows = round(max(ys) / STEP_MM) + 1
        shape = (LAYERS, self.rows, self.columns)
        self._all = {width: np.zeros(shape, np.int16) for width in widths}
        self._own: dict[tuple[str, float], NDArray[np.int16]] = {}
        self._edge = {width: self._off_board(outline, width) for width in self._all}
        # Where no via may be, because its hole would meet another.
        self.drilled = np.zeros(shape[1:], bool)

    def cell(self, layer: int, point: Point) -> Cell:
        """The cell nearest to a point."""
        return layer, round(point[1] / STEP_MM), round(point[0] / STEP_MM)

    def point(self, cell: Cell) -> Point:
        """The middle of a cell."""
        return cell[2] * STEP_MM, cell[1] * STEP_MM

    def add(self, copper: Copper) -> None:
        """Keep the room around a piece of copper for its net."""
        for width, everything in self._all.items():
            reach = self._clearance + width / 2 + _SLACK_MM
            near, rows, columns = self._near(copper, reach)
            own = self._own.setdefault((copper.net, width), np.zeros_like(everything))
            for layer in copper.layers:
                everything[layer, rows, columns] += near
                own[layer, rows, columns] += near

    def drill(self, at: Point, diameter: float) -> None:
        """Keep holes of vias away from this one, whatever its net."""
        y, x = np.mgrid[: self.rows, : self.columns] * STEP_MM
        reach = diameter / 2 + VIA_DRILL_MM / 2 + HOLE_GAP_MM + _SLACK_MM
        self.drilled |= np.hypot(x - at[0], y - at[1]) < reach

    def keep_open(self, pad: Copper) -> None:
        """Keep holes of vias out of a pad, where they would drink its solder."""
        near, rows, columns = self._near(pad, VIA_MM / 2 + _SLACK_MM)
        self.drilled[rows, columns] |= near.astype(bool)

    def blocked(self, net: str, width: float) -> NDArray[np.bool_]:
        """Where a track of this net and width may not have its middle."""
        own = self._own.get((net, width))
        others = self._all[width] - (own if own is not None else 0)
        return (others > 0) | self._edge[width]

    def _near(self, copper: Copper, reach: float) -> tuple[NDArray[np.int16], slice, slice]:
        (x0, y0), (x1, y1) = copper.start, copper.end
        wide, high = copper.half or (copper.radius, copper.radius)
        left = int((min(x0, x1) - wide - reach) / STEP_MM) - 1
        top = int((min(y0, y1) - high - reach) / STEP_MM) - 1
        right = int((max(x0, x1) + wide + reach) / STEP_MM) + 2
        bottom = int((max(y0, y1) + high + reach) / STEP_MM) + 2
        rows = slice(max(top, 0), min(bottom, self.rows))
        columns = slice(max(left, 0), min(right, self.columns))
        y, x = np.mgrid[rows, columns] * STEP_MM
        if copper.half:
            across = np.maximum(np.abs(x - x0) - wide, 0)
            distance = np.hypot(across, np.maximum(np.abs(y - y0) - high, 0))
        else:
            distance = _to_stroke(x, y, copper.start, copper.end) - copper.radius
        return (distance < reach).astype(np.int16), rows, columns

    def _off_board(self, outline: Sequence[Point], width: float) -> NDArray[np.bool_]:
        y, x = np.mgrid[: self.rows, : self.columns] * STEP_MM
        inside = np.zeros(x.shape, bool)
        near = np.zeros(x.shape, bool)
        for start, end in zip(outline, [*outline[1:], outline[0]], strict=True):
            near |= _to_stroke(x, y, start, end) < EDGE_MM + width / 2 + _SLACK_MM
            if start[1] != end[1]:
                across = start[0] + (y - start[1]) / (end[1] - start[1]) * (end[0] - start[0])
                inside ^= ((start[1] > y) != (end[1] > y)) & (x < across)
        return np.repeat((near | ~inside)[None], LAYERS, axis=0)


def _to_stroke(
    x: NDArray[np.float64], y: NDArray[np.float64], start: Point, end: Point
) -> NDArray[np.float64]:
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    part = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / (length or 1.0)
    part = np.clip(part, 0.0, 1.0)
    distance = np.hypot(x - start[0] - part * along[0], y - start[1] - part * along[1])
    return np.asarray(distance, np.float64)

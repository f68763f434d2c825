"""A picture of solids without a graphics card: a z-buffer in numpy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import trimesh
from PIL import Image

_LIGHT: Final = np.array([0.33, 0.48, 0.81])
_AMBIENT: Final = 0.35
_FILLED: Final = 0.92
Colour = tuple[int, int, int]


def draw(
    parts: Sequence[tuple[trimesh.Trimesh, Colour]],
    path: Path,
    eye: tuple[float, float, float],
    size: tuple[int, int],
) -> None:
    """Write a PNG of parts as seen from a direction, z upwards."""
    width, height = size
    turn = _turn(np.array(eye, float))
    points = np.vstack([mesh.vertices for mesh, _ in parts]) @ turn.T
    low, high = points.min(0), points.max(0)
    scale = _FILLED * min(width / (high - low)[0], height / (high - low)[1])
    middle = (low + high) / 2
    image = np.full((height, width, 3), 255, np.uint8)
    depth = np.full((height, width), -np.inf)
    for mesh, colour in parts:
        corners = (mesh.vertices @ turn.T - middle) * [scale, -scale, scale]
        corners += np.array([width / 2, height / 2, 0.0])
        normals = mesh.face_normals @ turn.T
        shades = _AMBIENT + (1 - _AMBIENT) * np.clip(normals @ _LIGHT, 0, None)
        for face in np.flatnonzero(normals[:, 2] > 0):
            shown = np.clip(np.array(colour) * shades[face], 0, 255)
            _triangle(image, depth, corners[mesh.faces[face]], shown)
    Image.fromarray(image).quantize(64).save(path, optimize=True)


def _turn(eye: Any) -> Any:
    eye = eye / np.linalg.norm(eye)
    across = np.cross([0.0, 0.0, 1.0], eye)
    across = across / np.linalg.norm(across)
    return np.stack([across, np.cross(eye, across), eye])


def _triangle(image: Any, depth: Any, corners: Any, colour: Any) -> None:
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = corners
    height, width = depth.shape
    left, right = max(int(min(ax, bx, cx)), 0), min(int(max(ax, bx, cx)) + 1, width)
    top, bottom = max(int(min(ay, by, cy)), 0), min(int(max(ay, by, cy)) + 1, height)
    area = (by - cy) * (ax - cx) + (cx - bx) * (ay - cy)
    if left >= right or top >= bottom or abs(area) < 1e-9:
        return
    y, x = np.mgrid[top:bottom, left:right] + 0.5
    first = ((by - cy) * (x - cx) + (cx - bx) * (y - cy)) / area
    second = ((cy - ay) * (x - cx) + (ax - cx) * (y - cy)) / area
    third = 1 - first - second
    z = first * az + second * bz + third * cz
    there = depth[top:bottom, left:right]
    seen = (first >= 0) & (second >= 0) & (third >= 0) & (z > there)
    there[seen] = z[seen]
    image[top:bottom, left:right][seen] = colour

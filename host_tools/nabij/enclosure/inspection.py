"""What a drawn shell must keep: thick walls, tight, no clash; each breach is one sentence."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

import numpy as np
import trimesh
from build123d import Part
from scipy import ndimage

from nabij.enclosure.measures import Box, Measures
from nabij.enclosure.solids import block

_RAYS: Final = 6000
_LEAK_MM: Final = 0.8
_AROUND_MM: Final = 4.0
_TOLERANCE_MM: Final = 0.03


def meshes(solids: Mapping[str, Part]) -> dict[str, trimesh.Trimesh]:
    """Each part as the triangles that are printed."""
    found = {}
    for name, solid in solids.items():
        points, faces = solid.tessellate(_TOLERANCE_MM, 0.2)
        mesh = trimesh.Trimesh([tuple(point) for point in points], faces)
        mesh.merge_vertices()
        found[name] = mesh
    return found


def problems(
    measures: Measures, solids: Mapping[str, Part], triangles: Mapping[str, trimesh.Trimesh]
) -> list[str]:
    """All breaches, none for parts that may be printed."""
    wrong = []
    for name, solid in solids.items():
        mesh = triangles[name]
        if len(solid.solids()) != 1 or not mesh.is_watertight:
            wrong.append(f"{name} is {len(solid.solids())} pieces, or its skin has a hole.")
            continue
        thin, at = thinnest(mesh)
        if thin < measures.thinnest:
            place = ", ".join(f"{one:.1f}" for one in (at[0], -at[1], at[2]))
            wrong.append(
                f"{name} is {thin:.2f} mm thin at {place}; {measures.thinnest:g} or more."
            )
    wrong += _clashes(measures, solids)
    wrong += _ways_in(measures, solids)
    if not wrong and leaks(measures, triangles):
        wrong.append("Air gets in by another way than the openings: the shell leaks.")
    weight = grams(measures, solids)
    if weight > measures.grams:
        wrong.append(f"The parts weigh {weight:.0f} g; at most {measures.grams:g}.")
    return wrong


def grams(measures: Measures, solids: Mapping[str, Part]) -> float:
    """What all parts weigh, printed solid."""
    return float(sum(one.volume for one in solids.values()) / 1000 * measures.grams_per_cm3)


def thinnest(mesh: trimesh.Trimesh) -> tuple[float, tuple[float, float, float]]:
    """The least material under any of some thousand points of the skin, and where (mm)."""
    points, faces = trimesh.sample.sample_surface(mesh, _RAYS, seed=1)
    normals = mesh.face_normals[faces]
    hits, rays, struck = mesh.ray.intersects_location(
        points - normals * 1e-3, -normals, multiple_hits=False
    )
    through = np.linalg.norm(hits - points[rays], axis=1)
    # Only the opposite side counts: in a corner a ray meets the neighbouring face at once.
    opposite = (mesh.face_normals[struck] * -normals[rays]).sum(axis=1) > 0.5
    least = int(np.argmin(np.where(opposite, through, np.inf)))
    x, y, z = (float(one) for one in points[rays[least]])
    return float(through[least]), (x, y, z)


def leaks(measures: Measures, triangles: Mapping[str, trimesh.Trimesh]) -> bool:
    """Whether air reaches the inside when the openings are closed: ways of about 2 mm or more.

    Finer ones, such as the play around a button, it does not see.
    """
    lower, upper = measures.outside.lower, measures.outside.upper
    start = np.array([lower[0], -upper[1], lower[2]]) - _AROUND_MM
    end = np.array([upper[0], -lower[1], upper[2]]) + _AROUND_MM
    # A little off the round figures, where faces lie.
    axes = [np.arange(low + 0.137, high, _LEAK_MM) for low, high in zip(start, end, strict=True)]
    solid = np.zeros([len(axis) for axis in axes], bool)
    for mesh in triangles.values():
        _fill(solid, mesh, axes)
    for opening in measures.openings:
        if opening.side != "cap off":
            (x0, y0, z0), (x1, y1, z1) = opening.box.lower, opening.box.upper
            rooms = [
                (axis > low) & (axis < high)
                for axis, low, high in zip(axes, (x0, -y1, z0), (x1, -y0, z1), strict=True)
            ]
            solid[np.ix_(*rooms)] = True
    air, _ = ndimage.label(~solid)
    inside = tuple(
        int(np.argmin(np.abs(axis - at))) for axis, at in zip(axes, _free(measures), strict=True)
    )
    return bool(air[0, 0, 0] == air[inside])


def _fill(solid: Any, mesh: trimesh.Trimesh, axes: list[Any]) -> None:
    # Column by column: between the first and the second hit of a ray is material, and so on.
    x, y = (one.ravel() for one in np.meshgrid(axes[0], axes[1], indexing="ij"))
    origins = np.column_stack([x, y, np.full(x.shape, axes[2][0] - 1.0)])
    up = np.tile([0.0, 0.0, 1.0], (len(x), 1))
    hits, rays, _ = mesh.ray.intersects_location(origins, up)
    columns = solid.reshape(-1, len(axes[2]))
    order = np.lexsort((hits[:, 2], rays))
    starts = np.searchsorted(rays[order], np.arange(len(x) + 1))
    heights = hits[order][:, 2]
    for ray in np.unique(rays):
        inside = heights[starts[ray] : starts[ray + 1]]
        crossed = np.searchsorted(inside, axes[2])
        columns[ray] |= crossed % 2 == 1


def _free(measures: Measures) -> Any:
    # A point of the inside that no part of the shell takes: just above the middle of the floor.
    lower, upper = measures.inside.lower, measures.inside.upper
    return np.array([(lower[0] + upper[0]) / 2, -(lower[1] + upper[1]) / 2, lower[2] + 2.0])


def _clashes(measures: Measures, solids: Mapping[str, Part]) -> list[str]:
    wrong = []
    for (name, one), (other, its) in combinations(solids.items(), 2):
        shared = _shared_mm3(one, its)
        if shared > 0.01:
            wrong.append(f"{name} and {other} share {shared:.1f} mm3.")
    for content in measures.contents:
        for name, one in solids.items():
            shared = _shared_mm3(one, block(content.box))
            if shared > 0.01:
                wrong.append(f"{content.name} takes {shared:.1f} mm3 of the {name}.")
    for opening in measures.openings:
        for name in ("tray", "button_left", "button_right"):
            shared = _shared_mm3(solids[name], block(opening.box))
            if shared > 0.01:
                wrong.append(
                    f"The way to {opening.name} is blocked by {shared:.1f} mm3 of {name}."
                )
    return wrong


def _ways_in(measures: Measures, solids: Mapping[str, Part]) -> list[str]:
    # Contents are lowered into the tray, then the cap over them.
    below, above = measures.outside.lower[2] - 1.0, measures.outside.upper[2] + 1.0
    wrong = []
    for content in measures.contents:
        (x0, y0, z0), (x1, y1, z1) = content.box.lower, content.box.upper
        down = Box((x0, y0, z0), (x1, y1, above))
        over = Box((x0, y0, below), (x1, y1, z1))
        for name, box in (("tray", down), ("cap", over)):
            shared = _shared_mm3(solids[name], block(box))
            if shared > 0.01:
                wrong.append(f"{content.name} meets {shared:.0f} mm3 of the {name} on its way in.")
    return wrong


def _shared_mm3(one: Part, other: Part) -> float:
    common = one & other
    return float(common.volume) if common else 0.0

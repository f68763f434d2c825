"""A small bundle of made people who walk, jog and fall."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nabij.data.bundle_files import REQUIRED_COLUMNS
from nabij.virtual.body_model import Body, Samples

PEOPLE = 6


def recordings(person: int) -> Iterator[tuple[str, bool, Samples]]:
    """The activities of a person: name, whether it is a fall, samples at 104 Hz."""
    for turn in range(3):
        body = Body(seed=10 * person + turn, impact_mg=2500 + 700 * turn + 90 * person)
        yield f"falls {turn}", True, body.walk_fall_lie(6, 10)
        jogger = Body(seed=10 * person + turn, step_hz=2.6, walk_mg=700 + 150 * turn)
        parts = [jogger.walking(8), body.standing(6)]
        # Drops onto a couch: a blow, and half of the way to lying for a moment.
        if turn == 2:
            parts += [body.fall(), body.lying(2), body.standing(8)]
        yield f"jogs {turn}", False, np.concatenate(parts)


def write(folder: Path, people: int = PEOPLE, placement: str = "neck") -> Path:
    """Write a bundle of so many people."""
    folder.mkdir(parents=True)
    arrays = []
    start = 0
    with (folder / "index.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(REQUIRED_COLUMNS)
        for person in range(people):
            for activity, is_fall, acc in recordings(person):
                name = f"P{person}_{activity.replace(' ', '_')}"
                row = [name, f"P{person}", "A1", activity, int(is_fall), 104, placement]
                rows.writerow([*row, start, len(acc), "all.npz"])
                start += len(acc)
                arrays.append(acc)
    np.savez(folder / "all.npz", acc=np.concatenate(arrays))
    return folder

"""Small trace bundles of made-up motion, for tests of what is done with recordings."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nabij.data.bundle_files import REQUIRED_COLUMNS
from tests.core.detector.motion import LYING, UPRIGHT, Point, fall, impact, rest


@dataclass(frozen=True)
class Made:
    """One recording to put into a bundle."""

    trial_id: str
    points: Sequence[Point]
    is_fall: bool
    subject: str = "S01"
    activity: str = "fall"
    placement: str = "neck"


def lies_down() -> list[Point]:
    """Standing, a blow and lying still: a fall to the detector, whatever the index says."""
    return fall(lying_s=12)


def stands() -> list[Point]:
    """Standing still."""
    return rest(UPRIGHT, 18)


def gets_up() -> list[Point]:
    """A fall that the wearer is up from before it is confirmed."""
    return fall(lying_s=4) + rest(UPRIGHT, 12, seed=3)


def soft_blow() -> list[Point]:
    """A small blow after which the wearer stands as before."""
    return rest(UPRIGHT, 6) + impact(2000) + rest(UPRIGHT, 12, seed=3)


def long_blow() -> list[Point]:
    """A fall with a blow of 80 ms, which 25 samples a second do not overlook."""
    blow = [(2500, 2500, 0)] * 8
    return rest(UPRIGHT, 6) + blow + rest(LYING, 12, seed=3)


def seconds_after_fall(seconds: float) -> list[Point]:
    """A fall of which the recording ends this long after the blow."""
    return fall(lying_s=seconds)


def lying() -> list[Point]:
    """Lying still."""
    return rest(LYING, 18)


FOUR = (
    Made("fell", lies_down(), is_fall=True),
    Made("missed", soft_blow(), is_fall=True, subject="S02", activity="sits down hard"),
    Made("stood", stands(), is_fall=False, activity="standing"),
    Made("bed", lies_down(), is_fall=False, subject="T01", activity="drops onto a bed"),
)


def write(folder: Path, made: Sequence[Made] = FOUR) -> Path:
    """Write a bundle with these recordings, all in one file."""
    folder.mkdir(parents=True)
    arrays = [np.array(one.points, np.int16) for one in made]
    np.savez(folder / "all.npz", acc=np.concatenate(arrays))
    start = 0
    with (folder / "index.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(REQUIRED_COLUMNS)
        for one, acc in zip(made, arrays, strict=True):
            row = [one.trial_id, one.subject, "A1", one.activity, int(one.is_fall), 104]
            rows.writerow([*row, one.placement, start, len(acc), "all.npz"])
            start += len(acc)
    return folder

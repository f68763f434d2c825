"""Writes joined recordings as a trace bundle, with seams.csv: where which recording begins."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from badge.core.detector import detect
from nabij.data.bundles import Bundle, Trial, load_bundle
from nabij.data.common import Recorded
from nabij.data.new_folder import new_folder
from nabij.data.stream import MOST_APART_DEG, Joiner, Stream, seam_rows, streams
from nabij.data.writer import BundleWriter, Conversion
from nabij.errors import UsageError

SEAMS: Final = "seams.csv"


@dataclass(frozen=True)
class Wanted:
    """What a person asks for: `hours` in streams of `minutes`, at one placement."""

    output: Path
    hours: float
    minutes: float
    placement: str | None
    seed: int
    force: bool


@dataclass(frozen=True)
class Made:
    """What was written, as numbers by name, and a sentence for each problem."""

    counts: dict[str, int | float]
    problems: list[str]


def make(paths: Sequence[Path], wanted: Wanted) -> Made:
    """Write a bundle of streams; UsageError when these bundles cannot give them."""
    loaded = [load_bundle(path, resampled=True) for path in paths]
    rows = _at_one_place(loaded, wanted.placement)
    joiner = Joiner(rows, wanted.seed)
    made = streams(joiner, wanted.hours, wanted.minutes)
    named = [(f"stream-{number:03d}", one) for number, one in enumerate(made, 1)]
    seams = sum(len(one.seams) for one in made)
    used = {(seam.bundle, seam.trial_id) for one in made for seam in one.seams}
    with new_folder(wanted.output, force=wanted.force) as folder:
        _write(folder, named, rows[0].placement, _manifest(loaded, wanted))
    minutes = sum(len(one.samples) for one in made) / detect.RATE_HZ / 60
    problems = [problem.sentence for bundle in loaded for problem in bundle.problems]
    if joiner.left_out:
        problems.append(
            f"{len(joiner.left_out)} people walk in no recording, so that their vertical is "
            f"unknown: they are left out ({', '.join(sorted(joiner.left_out))})."
        )
    if joiner.dead_ends:
        problems.append(
            f"{len(joiner.dead_ends)} recordings end in a posture in which no other begins: they "
            "are left out."
        )
    counts: dict[str, int | float] = {
        "streams": len(made),
        "minutes": round(minutes, 1),
        "people": joiner.people,
        "seams": seams,
        "recordings": len(used),
    }
    return Made(counts, problems)


def _at_one_place(loaded: Sequence[Bundle], placement: str | None) -> list[Trial]:
    rows = [row for bundle in loaded for row in bundle.rows]
    places = list(dict.fromkeys(row.place for row in rows))
    chosen = placement.casefold() if placement else places[0] if len(places) == 1 else ""
    found = [row for row in rows if chosen in {row.place, row.placement.casefold()}]
    if not found:
        known = ", ".join(places)
        raise UsageError(
            f"These recordings were made at {known}: choose one with --placement."
            if placement is None
            else f"No recording was made at '{placement}': choose from {known}."
        )
    return found


def _write(
    folder: Path, named: Sequence[tuple[str, Stream]], placement: str, manifest: dict[str, Any]
) -> None:
    writer = BundleWriter("stream", Conversion())
    for name, one in named:
        writer.add(
            Recorded(
                trial_id=name,
                subject=name,
                activity_code="",
                activity="joined recordings of daily life",
                is_fall=False,
                rate_hz=float(detect.RATE_HZ),
                placement=placement,
                acc_mg=one.samples.astype(np.float64),
            )
        )
    writer.finish(folder, {**manifest, "counts": writer.counts()})
    with (folder / SEAMS).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(seam_rows(named))


def _manifest(loaded: Sequence[Bundle], wanted: Wanted) -> dict[str, Any]:
    return {
        "nabij_bundle": 1,
        "set": "stream",
        "title": "Joined recordings of daily life",
        "licence": "that of each set that it is joined from",
        "joined": {
            "bundles": [bundle.name for bundle in loaded],
            "citations": [bundle.manifest.get("citation", "") for bundle in loaded],
            "seed": wanted.seed,
            "fade_s": 1,
            "most_apart_deg": MOST_APART_DEG,
        },
    }

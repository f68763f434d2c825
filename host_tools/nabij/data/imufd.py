"""IMU fall dataset of Simon Fraser University: seven places of the body, 128 Hz, with near falls.

Layout as published: `sub1/{ADLs,Falls,Near_Falls}/JXL_LCC_trial1.xlsx`: actor, code, trial. One
sheet; the first row names the columns, `Time` in microseconds and for each of r.ankle, l.ankle,
r.thigh, l.thigh, head, sternum and waist `<site> Acceleration X (m/s^2)` and so on (gyroscope and
magnetometer are not read). Falls re-enact real falls of care-home residents, on a mattress.

Quirks: a `sub` folder holds several actors (the letters in the file name); the subject is the
folder. The same code in Near_Falls is a recovered trip, slip or bump: `NF_<code>`, not a fall.
Rows can be missing at the end, and time can jump by a few samples. CS and ITCS are
not spelt out in the source.

Checked on a real file: values at sternum and waist, rate and ids agree with a reference
conversion. The folder names follow the published description.
"""

import functools
import re
from pathlib import Path
from typing import Final

import numpy as np

from nabij.data.common import (
    STANDARD_GRAVITY,
    Job,
    Logged,
    Recorded,
    Source,
    UnusableFileError,
    Wanted,
    columns_of,
    named,
)
from nabij.data.parts import recorded
from nabij.data.sheet import Cell, read_sheet
from nabij.data.timeline import Rules

SOURCE: Final = Source(
    key="imufd",
    title="IMU fall dataset (IMUFD)",
    citation="O. Aziz, M. Musngi, E. J. Park, G. Mori, S. N. Robinovitch: A comparison of "
    "accuracy of fall detection algorithms (threshold-based vs. machine learning) using "
    "waist-mounted tri-axial accelerometer signals from a comprehensive set of falls and "
    "non-fall trials. Med. Biol. Eng. Comput. 55, 45-55 (2017)",
    licence="none stated; the authors ask for a citation",
    url="https://doi.org/10.1007/s11517-016-1504-y",
    conversion="m/s2 / 9.80665, axes as logged, 128 Hz",
    placements=(
        *("chest (sternum)", "waist", "head", "right thigh", "left thigh"),
        *("right ankle", "left ankle"),
    ),
    torso=("chest (sternum)", "waist"),
    looks_like="sub1/Falls/JXL_LCC_trial1.xlsx",
)
_RULES: Final = Rules(usual_hz=(128.0,), tolerance=0.02)
_SITES: Final = {
    "chest (sternum)": "sternum",
    "waist": "waist",
    "head": "head",
    "right thigh": "r.thigh",
    "left thigh": "l.thigh",
    "right ankle": "r.ankle",
    "left ankle": "l.ankle",
}
_FILE: Final = re.compile(r"([A-Za-z]+)_(.+?)_trial(\d+)\.xlsx", re.IGNORECASE)
_KINDS: Final = {"ADLs": "", "Falls": "", "Near_Falls": "NF_"}
ACTIVITIES: Final = {
    "AS": "Ascending stairs",
    "CS": "Fall, code CS not spelt out in the source",
    "DS": "Descending stairs",
    "DSL": "Descending, standing to lying",
    "DSS": "Descending, standing to sitting",
    "HB": "Fall, hit or bump",
    "ITCS": "Fall, incorrect transfer (ITCS; code not spelt out in the source)",
    "ITDS": "Fall, incorrect transfer while descending from standing to sitting",
    "ITRS": "Fall, incorrect transfer while rising from sitting to standing",
    "LCC": "Fall, loss of consciousness / collapse",
    "NW": "Normal walking",
    "POG": "Picking an object from the ground",
    "RSS": "Rising, sitting to standing",
    "SQ": "Standing quietly",
    "slip": "Fall, slip",
    "trip": "Fall, trip",
}


def jobs(folder: Path, wanted: Wanted) -> list[Job]:
    """One job a file; it yields one recording for each wanted place."""
    return [
        Job(file, functools.partial(read, file, match, wanted.placements))
        for file, match in named(folder, "*.xlsx", _FILE)
        if file.parent.name in _KINDS and re.fullmatch(r"sub\d+", file.parent.parent.name)
    ]


def read(
    file: Path, match: re.Match[str], placements: tuple[str, ...]
) -> list[Recorded | UnusableFileError]:
    """The recordings in a file, one for each place; raises UnusableFileError."""
    who, code, trial = match.groups()
    subject, kind = file.parent.parent.name, file.parent.name
    head, *rows = read_sheet(file)
    t_s = _columns(file, head, rows, ["Time"])[:, 0] / 1e6
    name = f"{subject}/{kind}/{file.name}"
    found: list[Recorded | UnusableFileError] = []
    for placement in placements:
        site = _SITES[placement]
        axes = [f"{site} Acceleration {axis} (m/s^2)" for axis in "XYZ"]
        acc = _columns(file, head, rows, axes)
        one = Logged(
            trial_id=f"{subject}_{kind}_{who}_{code}_{trial}_{site}",
            subject=subject,
            activity_code=_KINDS[kind] + code,
            activity=_activity(kind, code),
            is_fall=kind == "Falls",
            t_s=t_s,
            placement=placement,
            acc_mg=acc / STANDARD_GRAVITY * 1000,
        )
        found += recorded(name, _RULES, one)
    return found


def _activity(kind: str, code: str) -> str:
    name = ACTIVITIES.get(code, f"code {code} not spelt out in the source")
    if kind == "Near_Falls":
        return f"Near fall, {name.removeprefix('Fall, ')}"
    return name


def _columns(
    file: Path, head: list[Cell], rows: list[list[Cell]], names: list[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    at = columns_of(file, head, names)
    values = np.full((len(rows), len(at)), np.nan)
    for number, row in enumerate(rows):
        for column, index in enumerate(at):
            cell = row[index] if index < len(row) else None
            if isinstance(cell, float):
                values[number, column] = cell
    whole = np.isfinite(values).all(axis=1)
    used = int(np.flatnonzero(whole)[-1]) + 1 if whole.any() else 0
    if used < 2:
        raise UnusableFileError(f"{file.name} has no numbers under '{names[0]}'.")
    if not whole[:used].all():
        line = int(np.argmin(whole[:used])) + 2
        raise UnusableFileError(f"{file.name} row {line} lacks a number under '{names[0]}'.")
    return values[:used]

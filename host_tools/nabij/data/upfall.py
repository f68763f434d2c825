"""UP-Fall (HAR-UP): neck, belt, pocket, wrist and ankle, about 18 samples a second.

Layout as published: `CompleteDataSet.csv`, or one `Subject1Activity1Trial1.csv` a trial. Two
heading rows: the first names a sensor above the first of its columns (`TimeStamps`,
`NeckAccelerometer`, blank, blank, `NeckAngularVelocity`, ...; `Subject,Activity,Trial,Tag` at the
end), the second the axes and units (`x-axis (g)`). Readers that flattened the two write
`NeckAccelerometer: x-axis (g)` in one row; both are read. Acceleration in g, ISO time stamps.
Activities 1-5 are falls onto a mattress, 6-11 daily life.

Quirks: the sensors were polled one after another, so that steps are uneven: a recording is taken
as logged, at its mean rate. 18 Hz is slow for impacts. In single files the column Tag can lack its
name, and rows of the heading differ in length. Subject 8 lacks two trials of activity 11.

Not checked on real files: written from the publisher's description and public readers of the set.
"""

import csv
import datetime as dt
import functools
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from nabij.data.common import (
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
from nabij.data.text_table import read_text
from nabij.data.timeline import Rules

SOURCE: Final = Source(
    key="upfall",
    title="UP-Fall Detection",
    citation="L. Martinez-Villasenor, H. Ponce, J. Brieva, E. Moya-Albor, J. Nunez-Martinez, "
    "C. Penafort-Asturiano: UP-Fall Detection Dataset: A Multimodal Approach. "
    "Sensors 19(9), 1988 (2019)",
    licence="none stated with the files; published for research",
    url="https://sites.google.com/up.edu.mx/har-up/",
    conversion="g x 1000, axes as logged, mean rate of the time stamps (about 18 Hz)",
    placements=("neck", "waist (belt)", "right pocket", "wrist", "ankle"),
    torso=("neck", "waist (belt)"),
    looks_like="CompleteDataSet.csv or Subject1Activity1Trial1.csv",
)
_FILE: Final = re.compile(r"Subject(\d+)Activity(\d+)Trial(\d+)\.csv", re.IGNORECASE)
_COMPLETE: Final = "CompleteDataSet.csv"
_SENSORS: Final = {
    "neck": "NeckAccelerometer",
    "waist (belt)": "BeltAccelerometer",
    "right pocket": "RightPocketAccelerometer",
    "wrist": "WristAccelerometer",
    "ankle": "AnkleAccelerometer",
}
ACTIVITIES: Final = {
    1: "Falling forward using hands",
    2: "Falling forward using knees",
    3: "Falling backwards",
    4: "Falling sideward",
    5: "Falling sitting in empty chair",
    6: "Walking",
    7: "Standing",
    8: "Sitting",
    9: "Picking up an object",
    10: "Jumping",
    11: "Laying",
}
_LAST_FALL: Final = 5
# Sensors were polled one after another: single stamps say little.
_RULES: Final = Rules(uneven=True)
Key = tuple[int, int, int]


def jobs(folder: Path, wanted: Wanted) -> list[Job]:
    """One job for the complete file, else one a trial."""
    files = sorted(folder.rglob(_COMPLETE))[:1] or [
        file for file, _ in named(folder, "Subject*.csv", _FILE)
    ]
    return [Job(file, functools.partial(read, file, wanted.placements)) for file in files]


def read(file: Path, placements: tuple[str, ...]) -> list[Recorded | UnusableFileError]:
    """The recordings in a file, one for each trial and place, and what is wrong with others."""
    rows = _rows(file)
    _, titles = next(rows, (1, []))
    head = [name.strip() for name in titles]
    columns = {
        placement: _sensor_column(file, head, _SENSORS[placement]) for placement in placements
    }
    match = _FILE.fullmatch(file.name)
    fixed = (int(match[1]), int(match[2]), int(match[3])) if match else None
    ids = [] if fixed else columns_of(file, head, ("Subject", "Activity", "Trial"))
    trials: dict[Key, list[list[float]]] = {}
    bad_line: dict[Key, int] = {}
    for line, cells in rows:
        if line == 2 or not any(cells):
            # The units, or nothing.
            continue
        try:
            key = fixed or _key([cells[at] for at in ids])
        except (ValueError, IndexError, OverflowError):
            raise UnusableFileError(
                f"{file.name} line {line} does not say its subject, activity and trial: "
                "copy the file again."
            ) from None
        try:
            values = _values(cells, tuple(columns.values()))
        except (ValueError, IndexError):
            bad_line.setdefault(key, line)
            continue
        trials.setdefault(key, []).append(values)
    if not trials and not bad_line:
        raise UnusableFileError(f"{file.name} has no rows of samples.")
    found: list[Recorded | UnusableFileError] = []
    for key in dict.fromkeys([*trials, *bad_line]):
        if key in bad_line:
            sentence = f"{_name(file, key)} lacks a number or a time stamp in line "
            found.append(UnusableFileError(f"{sentence}{bad_line[key]}."))
            continue
        try:
            found += _recordings(file, key, trials[key], placements)
        except UnusableFileError as error:
            found.append(error)
    return found


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file with their numbers, as cells."""
    rows = csv.reader(io.StringIO(read_text(file), newline=""))
    try:
        for cells in rows:
            yield rows.line_num, cells
    except csv.Error as error:
        raise UnusableFileError(
            f"{file.name} line {rows.line_num} is damaged ({error}): copy the file again."
        ) from None


def _recordings(
    file: Path, key: Key, rows: Sequence[Sequence[float]], placements: tuple[str, ...]
) -> list[Recorded | UnusableFileError]:
    subject, activity, trial = key
    name = _name(file, key)
    values = np.array(rows)
    found: list[Recorded | UnusableFileError] = []
    for at, placement in enumerate(placements):
        one = Logged(
            trial_id=f"S{subject}_A{activity}_T{trial}_{placement.split()[0]}",
            subject=f"S{subject:02d}",
            activity_code=f"A{activity:02d}",
            activity=ACTIVITIES.get(activity, f"activity {activity}"),
            is_fall=activity <= _LAST_FALL,
            t_s=values[:, 0],
            placement=placement,
            acc_mg=values[:, 1 + 3 * at : 4 + 3 * at] * 1000,
        )
        found += recorded(name, _RULES, one)
    return found


def _name(file: Path, key: Key) -> str:
    subject, activity, trial = key
    return f"{file.name} (subject {subject}, activity {activity}, trial {trial})"


def _values(cells: Sequence[str], columns: Sequence[int]) -> list[float]:
    """The time in seconds, then x, y, z at each of these columns."""
    values = [dt.datetime.fromisoformat(cells[0]).replace(tzinfo=dt.UTC).timestamp()]
    for at in columns:
        values += [float(cells[at]), float(cells[at + 1]), float(cells[at + 2])]
    return values


def _key(cells: Sequence[str]) -> Key:
    subject, activity, trial = (int(float(cell)) for cell in cells)
    return subject, activity, trial


def _sensor_column(file: Path, head: Sequence[str], name: str) -> int:
    """The x column of a sensor: the first of those that carry its name, or the only one."""
    for at, title in enumerate(head):
        if title.startswith(name):
            return at
    raise UnusableFileError(f"{file.name} has no column {name}: it is not of this set.")

"""WEDA-FALL: a watch on the wrist, 50 Hz by name, with people over 77 in the daily activities.

Layout as published: `dataset/50Hz/F01/U01_R01_accel.csv` with the heading
`accel_time_list,accel_x_list,accel_y_list,accel_z_list`: seconds and m/s2 in steps of 0.1; +-4 g.
`dataset/fall_timestamps.csv` (with a byte order mark) has `filename,start_time,end_time` of falls:
`F01/U01_R01,4.7,7.7`. Folders of lower rates (40Hz, 25Hz, ...) were made from 50Hz and are left
out; so are gyro, orientation and vertical_accel files.

Quirks: the watch delivers in bursts of four, so that single time stamps say little, and some go
back. Some trials of the folder 50Hz really have 40 samples a second: the rate is the mean over
the recording, taken as 40 or 50 when near. U01-U14 are 20 to 46 years old, U21-U31 77 to 95;
only the young fall, on a mattress.

Checked on all 969 published recordings of 50Hz (layout, rates, ids; no reference conversion).
"""

import functools
import re
from collections.abc import Mapping
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
    named,
    unusable,
)
from nabij.data.parts import recorded, rows_of_times
from nabij.data.text_table import Shape, lines_of, read_table, read_text
from nabij.data.timeline import Rules

SOURCE: Final = Source(
    key="weda",
    title="WEDA-FALL",
    citation="J. Marques, P. Moreno: Online Fall Detection Using Wrist Devices. Sensors 23(3), "
    "1146 (2023)",
    licence="none stated in the repository",
    url="https://github.com/joaojtmarques/WEDA-FALL",
    conversion="m/s2 / 9.80665, axes as logged, 40 or 50 Hz by the mean of the time stamps",
    placements=("wrist",),
    torso=("wrist",),
    looks_like="dataset/50Hz/F01/U01_R01_accel.csv",
)
_FILE: Final = re.compile(r"(U\d+)_(R\d+)_accel\.csv")
_CODE: Final = re.compile(r"[DF]\d\d")
_HEAD: Final = "accel_time_list,accel_x_list,accel_y_list,accel_z_list"
_RULES: Final = Rules(usual_hz=(40.0, 50.0), tolerance=0.04, uneven=True)
_RAIL_MG: Final = 3990.0
ACTIVITIES: Final = {
    "F01": "Fall forward while walking caused by a slip",
    "F02": "Lateral fall while walking caused by a slip",
    "F03": "Fall backward while walking caused by a slip",
    "F04": "Fall forward while walking caused by a trip",
    "F05": "Fall backward when trying to sit down",
    "F06": "Fall forward while sitting, caused by fainting or falling asleep",
    "F07": "Fall backward while sitting, caused by fainting or falling asleep",
    "F08": "Lateral fall while sitting, caused by fainting or falling asleep",
    "D01": "Walking",
    "D02": "Jogging",
    "D03": "Walking up and downstairs",
    "D04": "Sitting on a chair, wait a moment, and get up",
    "D05": "Sitting a moment, attempt to get up and collapse into a chair",
    "D06": "Crouching, tie shoes, and get up",
    "D07": "Stumble while walking",
    "D08": "Gently jump without falling (trying to reach a high object)",
    "D09": "Hit table with hand",
    "D10": "Clapping hands",
    "D11": "Opening and closing door",
}
Moments = Mapping[str, tuple[float, float]]


def jobs(folder: Path, _wanted: Wanted) -> list[Job]:
    """One job a recording, of the folder 50Hz where there are several rates."""
    files = [
        (file, match)
        for file, match in named(folder, "*_accel.csv", _FILE)
        if _CODE.fullmatch(file.parent.name)
    ]
    original = [one for one in files if one[0].parent.parent.name == "50Hz"]
    found: list[Job] = []
    moments: Moments = {}
    for file in sorted(folder.rglob("fall_timestamps.csv"))[:1]:
        try:
            moments = _fall_moments(file)
        except UnusableFileError as error:
            found.append(unusable(file, error))
    found += [
        Job(file, functools.partial(read, file, match, moments))
        for file, match in original or files
    ]
    return found if files else []


def read(file: Path, match: re.Match[str], moments: Moments) -> list[Recorded | UnusableFileError]:
    """The recording in a file; raises UnusableFileError."""
    subject, trial = match.groups()
    code = file.parent.name
    name = f"{code}/{file.name}"
    lines = lines_of(read_text(file))
    if not lines or lines[0].strip() != _HEAD:
        raise UnusableFileError(f"{name} does not begin with '{_HEAD}': it is not of this set.")
    table = read_table(name, lines[1:], (0, 1, 2, 3), Shape(",", 4), 2)
    t_s = table.values[:, 0]
    back = f"{name} has time stamps that go back: its lines are taken in their order."
    notes = (*table.notes, back) if (np.diff(t_s) < 0).any() else table.notes
    marked = moments.get(f"{code}/{subject}_{trial}")
    return recorded(
        name,
        _RULES,
        Logged(
            trial_id=f"{code}_{subject}_{trial}",
            subject=subject,
            activity_code=code,
            activity=ACTIVITIES.get(code, f"activity {code}"),
            is_fall=code.startswith("F"),
            t_s=t_s,
            marks=rows_of_times(t_s, *marked) if marked else None,
            placement="wrist",
            acc_mg=table.values[:, 1:] / STANDARD_GRAVITY * 1000,
            rail_mg=_RAIL_MG,
            notes=notes,
        ),
    )


def _fall_moments(file: Path) -> Moments:
    found: dict[str, tuple[float, float]] = {}
    for number, line in enumerate(lines_of(read_text(file))[1:], 2):
        cells = line.split(",")
        try:
            found[cells[0].strip()] = (float(cells[1]), float(cells[2]))
        except (ValueError, IndexError):
            if line.strip():
                raise UnusableFileError(
                    f"{file.name} line {number} is not 'filename,start,end': correct that line."
                ) from None
    return found

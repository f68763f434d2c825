"""MobiFall and MobiAct: a phone in the trouser pocket, about 88 Hz, at most 2 g.

Layout as published: `<CODE>_acc_<subject>_<trial>.txt` (MobiFall in folders `sub<n>/{ADL,FALLS}/
<CODE>`, MobiAct in folders by code). Lines with `#` describe the trial; after the line `@DATA`
come `timestamp (ns), x, y, z` in m/s2, gravity included. `gyro` and `ori` files are not read, nor
MobiAct's annotated csv, which has the same numbers.

Quirks: saturates at 19 m/s2, so in every fall. Steps are uneven (9 to 22 ms): the recording is
taken as logged, at its mean rate. Names in the header may be in another alphabet.

Checked on one real MobiFall file (numbers and rate; there is no reference conversion); MobiAct by
its published description only.
"""

import functools
import re
from pathlib import Path
from typing import Final

from nabij.data.common import (
    STANDARD_GRAVITY,
    Job,
    Logged,
    Recorded,
    Source,
    UnusableFileError,
    Wanted,
    named,
)
from nabij.data.parts import recorded
from nabij.data.text_table import Shape, lines_of, read_table, read_text
from nabij.data.timeline import Rules

PLACEMENT: Final = "trouser pocket"
SOURCE: Final = Source(
    key="mobifall",
    title="MobiFall / MobiAct",
    citation="G. Vavoulas, M. Pediaditis, E. G. Spanakis, M. Tsiknakis: The MobiFall dataset: An "
    "initial evaluation of fall detection algorithms using smartphones. IEEE BIBE (2013); "
    "G. Vavoulas et al.: The MobiAct Dataset. ICT4AWE (2016)",
    licence="none stated with the files; given for research on request",
    url="https://bmi.hmu.gr/the-mobifall-and-mobiact-datasets-2/",
    conversion="m/s2 / 9.80665, axes as logged, mean rate of the time stamps",
    placements=(PLACEMENT,),
    torso=(PLACEMENT,),
    looks_like="FOL_acc_1_1.txt",
)
_FILE: Final = re.compile(r"([A-Z]{3})_acc_(\d+)_(\d+)\.txt")
_RAIL_MG: Final = 1930.0
FALLS: Final = {
    "FOL": "Fall forward from standing, use of hands to dampen fall",
    "FKL": "Fall forward from standing, first impact on knees",
    "BSC": "Fall backward while trying to sit on a chair",
    "SDL": "Fall sidewards from standing, bending legs",
}
ACTIVITIES: Final = {
    "STD": "Standing with subtle movements",
    "WAL": "Normal walking",
    "JOG": "Jogging",
    "JUM": "Continuous jumping",
    "STU": "Stairs up",
    "STN": "Stairs down",
    "SCH": "Stand to sit on a chair",
    "SIT": "Sitting on a chair with subtle movements",
    "CHU": "Sit to stand from a chair",
    "CSI": "Step in a car",
    "CSO": "Step out of a car",
    "LYI": "Lying after a fall",
    "SLH": "Scenario of leaving the home",
    "SBW": "Scenario of being at work",
    "SLW": "Scenario of leaving work",
    "SBE": "Scenario of exercise",
    "SRH": "Scenario of returning home",
    **FALLS,
}


def jobs(folder: Path, _wanted: Wanted) -> list[Job]:
    """One job a recording."""
    found = named(folder, "*_acc_*.txt", _FILE)
    return [Job(file, functools.partial(read, file, match)) for file, match in found]


def read(file: Path, match: re.Match[str]) -> list[Recorded | UnusableFileError]:
    """The recording in a file; raises UnusableFileError."""
    code, subject, trial = match.groups()
    lines = lines_of(read_text(file, "latin-1"))
    start = next((at for at, line in enumerate(lines, 1) if line.strip() == "@DATA"), None)
    if start is None:
        raise UnusableFileError(f"{file.name} has no line @DATA: it is not of this set.")
    table = read_table(file.name, lines[start:], (0, 1, 2, 3), Shape(",", 4), start + 1)
    # Nanoseconds since boot: taken from the first, so that a double holds the steps exactly.
    t_s = (table.values[:, 0] - table.values[0, 0]) / 1e9
    return recorded(
        file.name,
        Rules(),
        Logged(
            trial_id=f"{code}_{subject}_{trial}",
            subject=f"sub{subject}",
            activity_code=code,
            activity=ACTIVITIES.get(code, f"activity {code}"),
            is_fall=code in FALLS,
            t_s=t_s,
            placement=PLACEMENT,
            acc_mg=table.values[:, 1:] / STANDARD_GRAVITY * 1000,
            rail_mg=_RAIL_MG,
            notes=table.notes,
        ),
    )

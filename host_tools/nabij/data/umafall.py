"""UMAFall: five places of the body at two rates: a phone in the pocket and four SensorTags.

Layout as published: `UMAFall_Subject_02_Fall_forwardFall_1_2016-06-13_20-43-52.csv`. Lines that
begin with `%` describe the trial, among them one a sensor: `%<MAC>; <id>; <POSITION>; <model>`.
Then `TimeStamp (ms);Sample No;X;Y;Z;Sensor Type;Sensor ID`, all sensors mixed; sensor type 0 is
the accelerometer, in g. The phone (RIGHTPOCKET) has 200 Hz (a few trials 100) and ends near 4 g,
the SensorTags (CHEST, WAIST, WRIST, ANKLE) 20 Hz and 8 g.

Quirks: 20 Hz is slow for impacts. Samples that the radio lost are simply absent: the recording is
taken as logged, at the usual rate nearest to the median step, and `max_gap_s` tells. About a
hundred chest trials start, or run throughout, at a quarter of the true scale (`rest_off`). The
header calls the trial once by its kind and once FALSE.

Checked on real files: values, rates and ids of two trials at three places agree with a reference
conversion.
"""

import functools
import re
from pathlib import Path
from typing import Final

import numpy as np

from nabij.data.common import (
    Job,
    Recorded,
    Source,
    UnusableFileError,
    Wanted,
    longest_gap_s,
    named,
    nominal,
    read_table,
    read_text,
)

SOURCE: Final = Source(
    key="umafall",
    title="UMAFall",
    citation="E. Casilari, J. A. Santoyo-Ramon, J. M. Cano-Garcia: UMAFall: A Multisensor Dataset "
    "for the Research on Automatic Fall Detection. Procedia Computer Science 110, 32-39 (2017)",
    licence="none stated with the files; 'can be freely downloaded'",
    url="https://doi.org/10.1016/j.procs.2017.06.110",
    conversion="g x 1000, axes as logged, 20 Hz (SensorTag) and 200 Hz (phone)",
    placements=("chest", "waist", "rightpocket", "wrist", "ankle"),
    torso=("chest", "waist", "rightpocket"),
    looks_like="UMAFall_Subject_02_Fall_forwardFall_1_2016-06-13_20-43-52.csv",
)
_FILE: Final = re.compile(
    r"UMAFall_Subject_(\d+)_(ADL|Fall)_(.+)_(\d+)_(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)\.csv",
    re.IGNORECASE,
)
_SENSOR: Final = re.compile(r"%\s*([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}\s*;\s*(\d+)\s*;\s*(\w+)\s*;")
_USUAL_RATES_HZ: Final = (20.0, 50.0, 100.0, 200.0)
# The phone stops at 3.975 g although its header promises 16.
_RAILS_MG: Final = {"rightpocket": 3975.0}
_SENSORTAG_RAIL_MG: Final = 7999.0
_ACCELEROMETER: Final = 0


def jobs(folder: Path, wanted: Wanted) -> list[Job]:
    """One job a trial; it yields one recording for each wanted place."""
    return [
        Job(file, functools.partial(read, file, match, wanted.placements))
        for file, match in named(folder, "UMAFall_*.csv", _FILE)
    ]


def read(file: Path, match: re.Match[str], placements: tuple[str, ...]) -> list[Recorded]:
    """The recordings in a file, one for each place that was worn; raises UnusableFileError."""
    number, kind, code, trial, stamp = match.groups()
    kind = "ADL" if kind.upper() == "ADL" else "Fall"
    subject = f"S{int(number):02d}"
    lines = read_text(file, "latin-1").splitlines()
    sensors = {found[3].casefold(): int(found[2]) for found in map(_SENSOR.match, lines) if found}
    if not sensors:
        raise UnusableFileError(f"{file.name} has no '%MAC; id; position' lines: copy it again.")
    blank = ["" if line.startswith("%") else line for line in lines]
    table = read_table(file.name, blank, (0, 2, 3, 4, 5, 6), separator=";")
    values = table.values
    recorded = []
    for placement in placements:
        if placement not in sensors:
            continue
        here = (values[:, 4] == _ACCELEROMETER) & (values[:, 5] == sensors[placement])
        t_s = values[here, 0] / 1000
        if len(t_s) < 2:
            continue
        recorded.append(
            Recorded(
                trial_id=f"{subject}_{kind}_{code}_{trial}_{stamp}_{placement}",
                subject=subject,
                activity_code=code,
                activity=code.replace("_", " "),
                is_fall=kind == "Fall",
                rate_hz=_rate_hz(file, t_s),
                placement=placement,
                acc_mg=values[here, 1:4] * 1000,
                max_gap_s=longest_gap_s(t_s),
                rail_mg=_RAILS_MG.get(placement, _SENSORTAG_RAIL_MG),
                note=table.note,
            )
        )
    if not recorded:
        raise UnusableFileError(f"{file.name} has no accelerometer at {', '.join(placements)}.")
    return recorded


def _rate_hz(file: Path, t_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    step = float(np.median(np.diff(t_s)))
    if step <= 0:
        raise UnusableFileError(f"{file.name} has time stamps that do not advance.")
    return nominal(1 / step, _USUAL_RATES_HZ, 0.1)

"""UMAFall: five places of the body at two rates: a phone in the pocket and four SensorTags.

Layout as published: `UMAFall_Subject_02_Fall_forwardFall_1_2016-06-13_20-43-52.csv`. Lines that
begin with `%` describe the trial, among them one a sensor: `%<MAC>; <id>; <POSITION>; <model>`.
Then `TimeStamp (ms);Sample No;X;Y;Z;Sensor Type;Sensor ID`, all sensors mixed; sensor type 0 is
the accelerometer, in g. The phone (RIGHTPOCKET) has 200 Hz (a few trials 100) and ends near 4 g,
the SensorTags (CHEST, WAIST, WRIST, ANKLE) 20 Hz and 8 g.

Quirks: 20 Hz is slow for impacts. Samples that the radio lost are simply absent: the recording is
taken at the usual rate nearest to the measured one, and split where more than 0.1 s are missing.
About a hundred chest trials start, or run throughout, at a quarter of the true scale: those that
run throughout are `rest_off`, those that change are told and have `two_scales`.
The header calls the trial once by its kind and once FALSE.

Checked on real files: values, rates and ids of two trials at three places agree with a reference
conversion.
"""

import dataclasses
import functools
import re
from pathlib import Path
from typing import Final

from nabij.data.common import (
    Job,
    Logged,
    Recorded,
    Source,
    UnusableFileError,
    Wanted,
    named,
)
from nabij.data.parts import recorded
from nabij.data.stamps import usual_step
from nabij.data.text_table import Shape, lines_of, read_table, read_text
from nabij.data.timeline import Rules
from nabij.data.two_scales import two_scales

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
# Single stamps say little: they are those of the phone that received the samples.
_RULES: Final = Rules(usual_hz=(20.0, 50.0, 100.0, 200.0), tolerance=0.1, uneven=True)
_LINE: Final = Shape(";", 7)
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


def read(
    file: Path, match: re.Match[str], placements: tuple[str, ...]
) -> list[Recorded | UnusableFileError]:
    """The recordings in a file, one for each place that was worn; raises UnusableFileError."""
    number, kind, code, trial, stamp = match.groups()
    kind = "ADL" if kind.upper() == "ADL" else "Fall"
    subject = f"S{int(number):02d}"
    lines = lines_of(read_text(file, "latin-1"))
    sensors = {found[3].casefold(): int(found[2]) for found in map(_SENSOR.match, lines) if found}
    if not sensors:
        raise UnusableFileError(
            f"{file.name} has no '%MAC; id; position' lines: its heading was cut off, or it is "
            "not of this set."
        )
    blank = ["" if line.startswith("%") else line for line in lines]
    table = read_table(file.name, blank, (0, 2, 3, 4, 5, 6), _LINE)
    values = table.values
    found: list[Recorded | UnusableFileError] = []
    for placement in placements:
        if placement not in sensors:
            continue
        here = (values[:, 4] == _ACCELEROMETER) & (values[:, 5] == sensors[placement])
        t_s = values[here, 0] / 1000
        if len(t_s) < 2:
            continue
        one = Logged(
            trial_id=f"{subject}_{kind}_{code}_{trial}_{stamp}_{placement}",
            subject=subject,
            activity_code=code,
            activity=code.replace("_", " "),
            is_fall=kind == "Fall",
            t_s=t_s,
            placement=placement,
            acc_mg=values[here, 1:4] * 1000,
            rail_mg=_RAILS_MG.get(placement, _SENSORTAG_RAIL_MG),
            notes=table.notes,
        )
        change = two_scales(one.acc_mg, 1 / max(usual_step(t_s), 1e-3))
        if change is not None:
            said = f"{file.name} at {placement} {change.words}."
            one = dataclasses.replace(one, flags=("two_scales",), notes=(*one.notes, said))
        try:
            found += recorded(f"{file.name} at {placement}", _RULES, one)
        except UnusableFileError as error:
            found.append(error)
    if not found:
        raise UnusableFileError(f"{file.name} has no accelerometer at {', '.join(placements)}.")
    return found

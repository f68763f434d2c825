"""KFall: low back, 100 Hz, with the frames of fall onset and impact read from video.

Layout as published: `sensor_data/SA06/S06T20R01.csv` (the description writes SA06T20R01.csv; both
are read): subject, task, trial. Columns `TimeStamp(s),FrameCounter,AccX,AccY,AccZ,GyrX,...`,
acceleration in g. `label_data/SA06_label.xlsx` has `Task Code (Task ID)` such as `F01 (20)`,
`Description`, `Trial ID`, `Fall_onset_frame` and `Fall_impact_frame`, which count as FrameCounter
does. Tasks 20 to 34 are falls, the others daily life.

Quirks: the task code and its description stand only in the first row of each task (merged cells).
Some tasks have four or six trials; there are no SA01-SA05 and no SA34. A fall without a label, or
without its label file, is imported without its moments.

Not checked on real files: written from the publisher's description and public readers of the set.
The names of the daily tasks are short forms that were not compared with the published table; falls
take theirs from the label file.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nabij.data.common import (
    Job,
    Recorded,
    Source,
    UnusableFileError,
    Wanted,
    columns_of,
    longest_gap_s,
    mean_rate_hz,
    named,
    nominal,
    read_table,
    read_text,
    unusable,
)
from nabij.data.sheet import Cell, read_sheet

PLACEMENT: Final = "waist (low back)"
SOURCE: Final = Source(
    key="kfall",
    title="KFall",
    citation="X. Yu, J. Jang, S. Xiong: A Large-Scale Open Motion Dataset (KFall) and Benchmark "
    "Algorithms for Detecting Pre-impact Fall of the Elderly Using Wearable Inertial Sensors. "
    "Frontiers in Aging Neuroscience 13, 692865 (2021)",
    licence="none stated; given for research on request, the authors ask for a citation",
    url="https://sites.google.com/view/kfalldataset",
    conversion="g x 1000, axes as logged, 100 Hz",
    placements=(PLACEMENT,),
    torso=(PLACEMENT,),
    looks_like="sensor_data/SA06/S06T20R01.csv",
)
_FILE: Final = re.compile(r"SA?(\d\d)T(\d\d)R(\d\d)\.csv", re.IGNORECASE)
_TASK: Final = re.compile(r"\((\d+)\)")
_FALLS: Final = range(20, 35)
_USUAL_RATES_HZ: Final = (100.0,)
_RAIL_MG: Final = 15_990.0
ACTIVITIES: Final = {
    1: "Stand for 30 seconds",
    2: "Stand, slowly bend the back, tie a shoe lace, and get up",
    3: "Pick up an object from the floor",
    4: "Gently jump (try to reach an object)",
    5: "Stand, sit to the ground, wait a moment, and get up",
    6: "Walk normally with a turn",
    7: "Walk quickly with a turn",
    8: "Jog normally with a turn",
    9: "Jog quickly with a turn",
    10: "Stumble while walking",
    11: "Sit on a chair for 30 seconds",
    12: "Sit on a sofa for 30 seconds",
    13: "Sit down on a chair and get up normally",
    14: "Sit down on a chair and get up quickly",
    15: "Sit a moment, try to get up, and collapse into a chair",
    16: "Sit down on a sofa and get up",
    17: "Lie on a bed for 30 seconds",
    18: "Lie down on a bed and get up normally",
    19: "Lie down on a bed and get up quickly",
    35: "Walk upstairs and downstairs normally",
    36: "Walk upstairs and downstairs quickly",
}


@dataclass(frozen=True)
class _Label:
    description: str
    onset: float
    impact: float


Labels = Mapping[tuple[int, int], _Label]


def jobs(folder: Path, _wanted: Wanted) -> list[Job]:
    """One job a recording, and one for each label file that cannot be read."""
    labels: dict[str, Labels] = {}
    found = []
    for file in sorted(folder.rglob("SA*_label.xlsx")):
        try:
            labels[file.name.removesuffix("_label.xlsx").upper()] = read_labels(file)
        except UnusableFileError as error:
            found.append(unusable(file, error))
    for file, match in named(folder, "S*.csv", _FILE):
        own = labels.get(f"SA{match[1]}", {})
        found.append(Job(file, functools.partial(read, file, match, own)))
    return found


def read(file: Path, match: re.Match[str], labels: Labels) -> list[Recorded]:
    """The recording in a file; raises UnusableFileError."""
    subject, task, trial = f"SA{match[1]}", int(match[2]), int(match[3])
    lines = read_text(file).splitlines()
    head = [name.strip() for name in lines[0].split(",")] if lines else []
    names = ("TimeStamp(s)", "FrameCounter", "AccX", "AccY", "AccZ")
    columns = columns_of(file, head, names)
    table = read_table(file.name, lines[1:], columns, first=2)
    t_s, frames = table.values[:, 0], table.values[:, 1]
    rate_hz = nominal(mean_rate_hz(file.name, t_s), _USUAL_RATES_HZ, 0.03)
    is_fall = task in _FALLS
    label = labels.get((task, trial))
    unlabelled = f"{file.name} is a fall without a label." if is_fall and label is None else ""
    return [
        Recorded(
            trial_id=f"{subject}_T{task:02d}_R{trial:02d}",
            subject=subject,
            activity_code=f"T{task:02d}",
            activity=label.description if label else ACTIVITIES.get(task, f"task {task}"),
            is_fall=is_fall,
            rate_hz=rate_hz,
            placement=PLACEMENT,
            acc_mg=table.values[:, 2:] * 1000,
            max_gap_s=longest_gap_s(t_s),
            fall_start_s=round((label.onset - frames[0]) / rate_hz, 3) if label else None,
            fall_end_s=round((label.impact - frames[0]) / rate_hz, 3) if label else None,
            rail_mg=_RAIL_MG,
            note=table.note or unlabelled,
        )
    ]


def read_labels(file: Path) -> Labels:
    """Onset and impact frames by (task, trial); raises UnusableFileError."""
    head, *rows = read_sheet(file)
    at = {_plain(name): column for column, name in enumerate(head)}
    try:
        columns = [at[name] for name in ("taskcode(taskid)", "description", "trialid")]
        frames = [at[name] for name in ("fallonsetframe", "fallimpactframe")]
    except KeyError as error:
        raise UnusableFileError(
            f"{file.name} has no column {error}: it is not a label file."
        ) from None
    labels: dict[tuple[int, int], _Label] = {}
    task, description = None, ""
    for number, row in enumerate(rows, 2):
        cells = [row[column] if column < len(row) else None for column in (*columns, *frames)]
        if not any(cell is not None for cell in cells):
            continue
        found = _TASK.search(str(cells[0])) if cells[0] is not None else None
        if found:
            task = int(found[1])
            description = str(cells[1] or f"Fall, task {task}").strip()
        numbers = [cell for cell in cells[2:] if isinstance(cell, float)]
        if task is None or len(numbers) != 3:
            raise UnusableFileError(f"{file.name} row {number} lacks a task, a trial or a frame.")
        labels[task, int(numbers[0])] = _Label(description, numbers[1], numbers[2])
    return labels


def _plain(name: Cell) -> str:
    return str(name).replace(" ", "").replace("_", "").casefold()

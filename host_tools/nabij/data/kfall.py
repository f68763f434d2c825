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

import numpy as np

from nabij.data.common import (
    Floats,
    Job,
    Logged,
    Recorded,
    Source,
    UnusableFileError,
    Wanted,
    columns_of,
    named,
    unusable,
)
from nabij.data.parts import recorded
from nabij.data.sheet import Cell, read_sheet
from nabij.data.text_table import Shape, lines_of, read_table, read_text
from nabij.data.timeline import Rules

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
_RATE_HZ: Final = 100.0
_RULES: Final = Rules(usual_hz=(_RATE_HZ,), tolerance=0.03)
_RAIL_MG: Final = 15_990.0
# A marked frame that was lost: the next one is as good.
_NEAR_FRAMES: Final = 5
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


def read(file: Path, match: re.Match[str], labels: Labels) -> list[Recorded | UnusableFileError]:
    """The recording in a file; raises UnusableFileError."""
    subject, task, trial = f"SA{match[1]}", int(match[2]), int(match[3])
    lines = lines_of(read_text(file))
    head = [name.strip() for name in lines[0].split(",")] if lines else []
    names = ("TimeStamp(s)", "FrameCounter", "AccX", "AccY", "AccZ")
    columns = columns_of(file, head, names)
    table = read_table(file.name, lines[1:], columns, Shape(",", len(head)), 2)
    t_s, frames = table.values[:, 0], table.values[:, 1]
    is_fall = task in _FALLS
    label = labels.get((task, trial))
    notes = list(table.notes)
    if is_fall and label is None:
        notes.append(f"{file.name} is a fall without a label.")
    marks = _marked_rows(frames, label) if label else None
    if label and marks is None:
        notes.append(
            f"{file.name} has no one row for the frames of its fall ({label.onset:g} and "
            f"{label.impact:g}): imported without its moments."
        )
    return recorded(
        file.name,
        _RULES,
        Logged(
            trial_id=f"{subject}_T{task:02d}_R{trial:02d}",
            subject=subject,
            activity_code=f"T{task:02d}",
            activity=label.description if label else ACTIVITIES.get(task, f"task {task}"),
            is_fall=is_fall,
            t_s=_both_clocks(t_s, frames),
            marks=marks,
            placement=PLACEMENT,
            acc_mg=table.values[:, 2:] * 1000,
            rail_mg=_RAIL_MG,
            notes=tuple(notes),
        ),
    )


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


def _both_clocks(t_s: Floats, frames: Floats) -> Floats:
    """Seconds by stamps and frames: at each row the step of the one that strays more counts."""
    by_stamp, by_frame = np.diff(t_s), np.diff(frames) / _RATE_HZ
    strays = np.abs(by_frame - 1 / _RATE_HZ) > np.abs(by_stamp - 1 / _RATE_HZ)
    return np.concatenate([[0.0], np.cumsum(np.where(strays, by_frame, by_stamp))])


def _marked_rows(frames: Floats, label: _Label) -> tuple[int, int] | None:
    """The rows with the frames of onset and impact; None when one is missing or there are two."""
    onset, impact = (_row_of(frames, one) for one in (label.onset, label.impact))
    return None if onset is None or impact is None else (onset, impact)


def _row_of(frames: Floats, mark: float) -> int | None:
    near = np.abs(frames - mark)
    rows = np.flatnonzero(near == near.min())
    # More than one, apart from copies of a row: the counter began anew.
    one = bool((np.diff(rows) == 1).all()) and near[rows[0]] <= _NEAR_FRAMES
    return int(rows[0]) if one else None


def _plain(name: Cell) -> str:
    return str(name).replace(" ", "").replace("_", "").casefold()

"""Recordings of your own: CSV files with three columns of acceleration.

A file, or a folder of them. The separator may be a comma, a semicolon or a tab; a heading, a byte
order mark and lines with `#` may be there. Columns are found by the names x y z, ax ay az, acc_x
acc_y acc_z (also with a unit in brackets), or named with --columns; without a heading the first
three are taken. The rate comes from a column t_s, time_s, t_ms, time_ms or timestamp_ms, or from
--source-rate. The unit comes from the heading, `x (g)`, or from --units: g, mg or m/s2.

`labels.csv` beside the files says what each is: `file,subject,activity_code,activity,is_fall,
placement`. A file it does not name, or a folder without it, is a recording that is no fall, of
subject `unknown` at the place of --placement, or `unknown`.
"""

import csv
import functools
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    unusable,
)
from nabij.data.parts import recorded
from nabij.data.text_table import Shape, lines_of, read_table, read_text
from nabij.data.timeline import Rules

SOURCE: Final = Source(
    key="csv",
    title="CSV",
    citation="recordings of your own",
    licence="yours to state",
    url="",
    conversion="to milli-g by the unit of the heading or of --units, axes as logged",
    placements=("unknown",),
    torso=("unknown",),
    looks_like="walk.csv",
)
LABELS: Final = "labels.csv"
_MISSING: Final = "{} names {}, which is not there: correct its name."
_LABEL_COLUMNS: Final = ("file", "subject", "activity_code", "activity", "is_fall", "placement")
_MG_A_UNIT: Final = {"g": 1000.0, "mg": 1.0, "m/s2": 1000 / STANDARD_GRAVITY}
_AXES: Final = (("x", "y", "z"), ("ax", "ay", "az"), ("acc_x", "acc_y", "acc_z"))
_CLOCKS: Final = {"t_s": 1.0, "time_s": 1.0, "t_ms": 1e-3, "time_ms": 1e-3, "timestamp_ms": 1e-3}
_UNIT: Final = re.compile(r"[(\[]\s*(m?g|m/s\^?2)\s*[)\]]")
Label = Mapping[str, str]


@dataclass(frozen=True)
class _Layout:
    """Which columns to read, what a unit is in milli-g and a tick in seconds."""

    axes: tuple[int, ...]
    mg_a_unit: float
    clock: int | None
    seconds_a_tick: float


def jobs(folder: Path, wanted: Wanted) -> list[Job]:
    """One job a file; raises UnusableFileError for a labels.csv that cannot be read."""
    if folder.is_file():
        files, root = [folder], folder.parent
    else:
        files, root = sorted(folder.rglob("*.csv")), folder
    labels = _labels(root / LABELS)
    found = []
    if folder.is_dir():
        # A misspelt name would make daily life of a fall.
        there = {file.relative_to(root).as_posix() for file in files}
        found += [
            unusable(root / LABELS, UnusableFileError(_MISSING.format(LABELS, name)))
            for name in labels
            if name not in there
        ]
    for file in files:
        if file.name != LABELS:
            name = file.relative_to(root).as_posix()
            label = labels.get(name, {})
            found.append(Job(file, functools.partial(read, file, name, label, wanted)))
    return found


def read(
    file: Path, name: str, label: Label, wanted: Wanted
) -> list[Recorded | UnusableFileError]:
    """The recording in a file; raises UnusableFileError."""
    lines = ["" if line.startswith("#") else line for line in lines_of(read_text(file))]
    at = next((number for number, line in enumerate(lines) if line.strip()), None)
    if at is None:
        raise UnusableFileError(f"{name} is empty.")
    separator = next((one for one in ";\t," if one in lines[at]), ",")
    cells = [cell.strip().strip('"').casefold() for cell in lines[at].split(separator)]
    headed = any(not _is_number(cell) for cell in cells)
    layout = _layout(name, cells if headed else [], wanted)
    columns = layout.axes if layout.clock is None else (*layout.axes, layout.clock)
    start = at + 1 if headed else at
    table = read_table(name, lines[start:], columns, Shape(separator), start + 1)
    t_s = None
    if layout.clock is not None:
        t_s = table.values[:, 3] * layout.seconds_a_tick
    elif wanted.source_rate_hz is None:
        raise UnusableFileError(
            f"{name} has no column of time ({', '.join(_CLOCKS)}): give --source-rate."
        )
    return recorded(
        name,
        Rules(told_hz=wanted.source_rate_hz),
        Logged(
            trial_id=name.removesuffix(".csv").replace("/", "_"),
            subject=label.get("subject") or "unknown",
            activity_code=label.get("activity_code") or "unknown",
            activity=label.get("activity") or label.get("activity_code") or "unknown",
            is_fall=label.get("is_fall") == "1",
            t_s=t_s,
            placement=label.get("placement") or wanted.placements[0],
            acc_mg=table.values[:, :3] * layout.mg_a_unit,
            notes=table.notes,
        ),
    )


def _layout(name: str, head: Sequence[str], wanted: Wanted) -> _Layout:
    bare = [_UNIT.sub("", title).strip() for title in head]
    asked = tuple(column.casefold() for column in wanted.columns)
    if asked:
        missing = [column for column in asked if column not in bare]
        if missing:
            raise UnusableFileError(f"{name} has no column '{missing[0]}': see --columns.")
        names = asked
    elif head:
        known = next((axes for axes in _AXES if set(axes) <= set(bare)), None)
        if known is None:
            raise UnusableFileError(
                f"{name} has no columns x, y, z (it has {', '.join(head)}): give --columns."
            )
        names = known
    else:
        names = ()
    axes = tuple(bare.index(column) for column in names) or (0, 1, 2)
    clock = next((at for at, title in enumerate(bare) if title in _CLOCKS), None)
    seconds = _CLOCKS[bare[clock]] if clock is not None else 1.0
    return _Layout(axes, _MG_A_UNIT[_unit(name, head, axes, wanted)], clock, seconds)


def _unit(name: str, head: Sequence[str], axes: Sequence[int], wanted: Wanted) -> str:
    found = next(filter(None, (_UNIT.search(head[at]) for at in axes)), None) if head else None
    unit = wanted.units or (found[1].replace("^", "") if found else "")
    if not unit:
        raise UnusableFileError(f"{name} does not say its unit: give --units g, mg or m/s2.")
    return unit


def _labels(file: Path) -> Mapping[str, Label]:
    if not file.is_file():
        return {}
    reader = csv.DictReader(io.StringIO(read_text(file), newline=""))
    missing = [column for column in _LABEL_COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise UnusableFileError(
            f"{LABELS} lacks the column {missing[0]}: {','.join(_LABEL_COLUMNS)}."
        )
    labels: dict[str, Label] = {}
    for row in reader:
        if row["is_fall"] not in {"0", "1"}:
            raise UnusableFileError(
                f"{LABELS} line {reader.line_num} has is_fall '{row['is_fall']}': it is 0 or 1."
            )
        if row["file"] in labels:
            raise UnusableFileError(
                f"{LABELS} line {reader.line_num} names {row['file']} again: remove one line."
            )
        labels[row["file"]] = row
    return labels


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True

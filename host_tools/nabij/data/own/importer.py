"""Recordings of your own: tables with a time and three axes, a file or a folder of them.

Text with any separator, decimal sign, encoding and line end; workbooks (.xlsx, .xls, .ods); .cwa
of Axivity. Columns are found by their headings, the unit by the heading or the size at rest, the
time by its heading, its steps or its form; each can be told instead (options.Told). What was taken
is said, with the first three samples.

`labels.csv` beside the files says what each is. A file it does not name, or a folder without it,
is a recording that is no fall, of subject `unknown` at the place of --placement, or `unknown`.
"""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nabij.data.common import Job, Recorded, Source, UnusableFileError, Wanted, unusable
from nabij.data.own.labels import LABELS, Label, read_labels
from nabij.data.own.recording import SUFFIXES, Own, read_own
from nabij.data.parts import recorded, rows_of_times

SOURCE: Final = Source(
    key="csv",
    title="CSV",
    citation="recordings of your own",
    licence="yours to state",
    url="",
    conversion="to milli-g by the unit that was found or told, axes as logged",
    placements=("unknown",),
    torso=("unknown",),
    looks_like="walk.csv",
)
# What telephones pack beside the samples of an export.
_ABOUT: Final = ("meta",)
_ABOUT_FILES: Final = frozenset(
    f"{stem}.json" for stem in ("meta", "metadata", "manifest", "info", "settings", "config")
)
_CLOSED: Final = (
    *(".gt3x", ".mat", ".h5", ".hdf5", ".parquet", ".feather", ".npy", ".npz", ".pkl"),
    *(".zip", ".gz", ".7z", ".rar"),
)
_NO_LABEL: Final = Label()


def jobs(folder: Path, wanted: Wanted) -> list[Job]:
    """One job a file; raises UnusableFileError for a labels.csv that cannot be read."""
    files = files_of(folder)
    root = folder.parent if folder.is_file() else folder
    labels = read_labels(root / LABELS)
    found = []
    if folder.is_dir():
        # A misspelt name would make daily life of a fall.
        there = {name_of(file, root) for file in files}
        found += [
            unusable(
                root / LABELS,
                UnusableFileError(f"{LABELS} names {name}, which is not there: correct its name."),
            )
            for name in labels
            if name not in there
        ]
    for file in [*files, *_closed_in(folder)]:
        name = name_of(file, root)
        label = labels.get(name, _NO_LABEL)
        found.append(Job(file, functools.partial(read, file, name, label, wanted)))
    return found


def files_of(folder: Path) -> Sequence[Path]:
    """The files that may hold recordings: the file itself, or all below a folder."""
    if folder.is_file():
        return [folder]
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix.casefold() in SUFFIXES
        and file.name.casefold() not in {LABELS, *_ABOUT_FILES}
        and not file.name.startswith((".", "~$"))
        and file.parent.name not in _ABOUT
        and file.is_file()
    ]


def _closed_in(folder: Path) -> list[Path]:
    """Files below a folder that hold recordings in forms that are not read: named, not passed."""
    if folder.is_file():
        return []
    return [file for file in sorted(folder.rglob("*")) if file.suffix.casefold() in _CLOSED]


def name_of(file: Path, root: Path) -> str:
    """The name of a file as labels.csv and sentences call it."""
    return file.relative_to(root).as_posix()


def read(
    file: Path, name: str, label: Label, wanted: Wanted
) -> list[Recorded | UnusableFileError]:
    """The recordings in a file; raises UnusableFileError."""
    own = read_own(file, name, wanted.told)
    wanted.taken.append((name, own.taken))
    stem = name.rpartition(".")[0] if "." in name.rpartition("/")[2] else name
    return recorded(
        name,
        own.rules,
        dataclasses.replace(
            own.logged(stem.replace("/", "_")),
            subject=label.subject or "unknown",
            activity_code=label.activity_code or "unknown",
            activity=label.activity or label.activity_code or "unknown",
            is_fall=label.is_fall,
            marks=_marks(own, label),
            placement=label.placement or wanted.placements[0],
        ),
    )


def _marks(own: Own, label: Label) -> tuple[int, int] | None:
    if label.moments_s is None:
        return None
    if own.t_s is not None:
        return rows_of_times(own.t_s, *label.moments_s)
    rate_hz = own.rules.told_hz or 1.0
    start, end = (round(moment * rate_hz) for moment in label.moments_s)
    return start, end

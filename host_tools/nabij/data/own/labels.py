"""labels.csv: who was recorded in each file, doing what; and a template of it."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nabij.data.common import NOTHING_TOLD, UnusableFileError
from nabij.data.own.cells import cells_of
from nabij.data.own.text import Text, text_of
from nabij.paths import MOST_BYTES

LABELS: Final = "labels.csv"
COLUMNS: Final = ("file", "subject", "activity_code", "activity", "is_fall", "placement")
# Seconds from the recording's first sample.
MOMENTS: Final = ("fall_start_s", "fall_end_s")


@dataclass(frozen=True)
class Label:
    """What a line says of its file; empty where it says nothing."""

    subject: str = ""
    activity_code: str = ""
    activity: str = ""
    is_fall: bool = False
    placement: str = ""
    moments_s: tuple[float, float] | None = None


def read_labels(file: Path) -> Mapping[str, Label]:
    """The labels by the name of their file; UnusableFileError names the line that is wrong."""
    if not file.is_file():
        return {}
    if file.stat().st_size > MOST_BYTES:
        raise UnusableFileError(f"{LABELS} has more than {MOST_BYTES >> 20} MB: it is no list.")
    rows = _rows(text_of(file, LABELS, NOTHING_TOLD))
    head = [cell.casefold() for cell in rows[0][1]]
    missing = [column for column in COLUMNS if column not in head]
    if missing:
        raise UnusableFileError(f"{LABELS} lacks the column {missing[0]}: {','.join(COLUMNS)}.")
    labels: dict[str, Label] = {}
    for line, cells in rows[1:]:
        row = dict(zip(head, [*cells, *[""] * len(head)], strict=False))
        name = row["file"].replace("\\", "/")
        if name in labels:
            raise UnusableFileError(f"{LABELS} line {line} names {name} again: remove one line.")
        labels[name] = _label(row, line)
    return labels


def template(names: Sequence[str]) -> str:
    """A labels.csv to fill in, with a line for each file."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow([*COLUMNS, *MOMENTS])
    for name in names:
        rows.writerow([name, "", "", "", "0", "", "", ""])
    return out.getvalue()


def _rows(text: Text) -> list[tuple[int, list[str]]]:
    """Lines that hold something, with their numbers; spreadsheets save them with semicolons."""
    with text.open() as file:
        lines = file.read().split("\n")
    stated = lines[0].strip().strip('"').casefold()
    first = 1 if stated.startswith("sep=") else 0
    separator = max(";,\t", key=lines[first].count) if len(lines) > first else ","
    cells = cells_of(lines[first:], separator)
    rows = [(first + at, row) for at, row in enumerate(cells, 1) if any(row)]
    if not rows:
        raise UnusableFileError(f"{LABELS} is empty: {','.join(COLUMNS)}.")
    return rows


def _label(row: Mapping[str, str], line: int) -> Label:
    if row["is_fall"] not in {"0", "1"}:
        raise UnusableFileError(
            f"{LABELS} line {line} has is_fall '{row['is_fall']}': it is 0 or 1."
        )
    start, end = (row.get(name, "").replace(",", ".") for name in MOMENTS)
    moments = None
    if start or end:
        try:
            moments = (float(start or end), float(end or start))
        except ValueError:
            raise UnusableFileError(
                f"{LABELS} line {line} has fall_start_s '{start}' and fall_end_s '{end}': they "
                "are seconds from the first sample, or empty."
            ) from None
    return Label(
        row["subject"],
        row["activity_code"],
        row["activity"],
        row["is_fall"] == "1",
        row["placement"],
        moments,
    )

"""Motion windows of alarms as a trace bundle that `nabij replay` takes."""

import csv
import io
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from badge.core.alarm import kinds
from nabij.data.alarm_window import Seen, Window
from nabij.data.bundle_files import INDEX, REQUIRED_COLUMNS
from nabij.errors import UsageError
from nabij.kind_words import ALARM_WORDS
from nabij.paths import make_folder, write_file

# Of which nobody can say whose it is.
UNKNOWN: Final = "unknown"
# Of windows that do not say where they were worn.
_PLACEMENT: Final = "neck"
_KEY: Final = ("boot", "seq")
# What the detector knew of upright before the first sample (nabij/detector/decide.py).
UPRIGHT: Final = ("uprights", "upright_x", "upright_y", "upright_z")
PARAMS: Final = "params_crc"
_SEEN: Final = (
    *("event", "opened", "made_up", PARAMS, "version", "board", "axes"),
    *UPRIGHT,
)
_COLUMNS: Final = (*REQUIRED_COLUMNS, *_KEY, *_SEEN)


class AlarmBundle:
    """A bundle in a folder, which may be there with earlier windows; UsageError for another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows = _rows_of(folder)

    @property
    def names(self) -> Container[str]:
        """Those of the recordings in it."""
        return self._rows.keys()

    def add(self, window: Window, kind: str) -> str:
        """Put a window into it, unless it is there; its name. `kind` is what raised its alarm."""
        whose = window.badge or UNKNOWN
        name = f"{whose}-{window.boot}-{window.seq}"
        if name not in self._rows:
            self._rows[name] = _row(name, whose, kind, window)
            samples = np.array(window.samples, np.int16).reshape(-1, 3)
            buffer = io.BytesIO()
            np.savez_compressed(buffer, acc=samples)
            make_folder(self._folder)
            write_file(self._folder / self._rows[name]["npz"], buffer.getvalue())
            _write_index(self._folder, self._rows)
        return name


def _row(name: str, badge: str, kind: str, window: Window) -> dict[str, str]:
    seen = window.seen
    return {
        "trial_id": name,
        "subject": badge,
        "activity_code": kind,
        "activity": f"{ALARM_WORDS.get(kind, 'Alarm')} (not verified)",
        # What the badge took it for; whoever knows better corrects the table.
        "is_fall": str(int(kind == kinds.of(kinds.MAN_DOWN).name)),
        "rate_hz": str(window.rate_hz),
        "placement": _PLACEMENT if seen is None else seen.placement,
        "start": "0",
        "length": str(len(window.samples)),
        "npz": f"{name}.npz",
        "boot": str(window.boot),
        "seq": str(window.seq),
        **({} if seen is None else _seen(seen)),
    }


def _seen(seen: Seen) -> dict[str, str]:
    upright = [""] * len(UPRIGHT) if seen.upright is None else [str(one) for one in seen.upright]
    return {
        "event": str(seen.event),
        "opened": str(seen.opened),
        "made_up": "" if seen.made_up is None else str(seen.made_up),
        PARAMS: f"{seen.params_crc:08x}",
        "version": seen.version,
        "board": seen.board,
        "axes": seen.axes,
        **dict(zip(UPRIGHT, upright, strict=True)),
    }


def _rows_of(folder: Path) -> dict[str, dict[str, str]]:
    index = folder / INDEX
    if not index.exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                f"{folder} is there and is no trace bundle: name a new folder with -o."
            )
        return {}
    with index.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        # Those of before had no more than the key.
        if tuple(reader.fieldnames or ()) not in {_COLUMNS, (*REQUIRED_COLUMNS, *_KEY)}:
            raise UsageError(
                f"{folder} is a bundle of something else than motion of alarms: "
                "name another folder with -o."
            )
        return {row["trial_id"]: dict(row) for row in reader}


def _write_index(folder: Path, rows: Mapping[str, Mapping[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows.values())
    write_file(folder / INDEX, text.getvalue().encode())

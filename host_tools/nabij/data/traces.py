"""Recordings of motion: load, check, bring to the badge's rate, hand to the simulator.

Samples are int16 milli-g (1000 = 1 g), shape N x 3. Every complaint is one sentence.
"""

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nabij.data import bundle_files
from nabij.data.common import Recorded, Taken, Told, UnusableFileError
from nabij.detector import sampling
from nabij.errors import EXIT_USAGE

BADGE_RATE_HZ: Final = sampling.BADGE_RATE_HZ
_OPTIONS_OF_IMPORT: Final = re.compile(
    r"--(columns|units|scale|offset|skip-bad|time|decimal|separator|encoding|sheet)\b"
)
Samples = sampling.Samples
TraceError = bundle_files.TraceError
resample = sampling.resample


@dataclass(frozen=True)
class Recording:
    """One recording: its name, its samples (N x 3 int16 milli-g) and its rate in Hz.

    Of a table also what it was taken for, and what was done to it.
    """

    name: str
    samples: Samples
    rate_hz: float
    taken: Taken | None = None
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate_hz

    def at_badge_rate(self) -> "Recording":
        """The recording as the badge would sample it, band-limited, at 104 Hz."""
        return Recording(self.name, resample(self.samples, self.rate_hz), BADGE_RATE_HZ)


def check(name: str, acc: npt.NDArray[Any], rate_hz: float | None) -> Recording:
    """A Recording from an array in milli-g; TraceError for what is not one."""
    if rate_hz is None:
        raise TraceError(f"{name} does not say its rate: give rate_hz.")
    low, high = bundle_files.RATE_RANGE_HZ
    if not np.isfinite(rate_hz) or not low <= rate_hz <= high:
        raise TraceError(
            f"{name} has a rate of {rate_hz:g} Hz: it must be {low:g} to {high:g} Hz."
        )
    if acc.ndim != 2 or acc.shape[1] != 3:
        raise TraceError(f"{name} has the shape {acc.shape}: it must be N x 3.")
    if len(acc) < 2:
        raise TraceError(f"{name} has {len(acc)} samples: it must have at least 2.")
    if acc.dtype.kind not in "iuf":
        raise TraceError(f"{name} holds {acc.dtype}, not numbers: it must be int16 milli-g.")
    if acc.dtype.kind == "f" and not np.isfinite(acc).all():
        row = int(np.argmin(np.isfinite(acc).all(axis=1)))
        raise TraceError(f"{name} has a value that is not a number in sample {row}.")
    wide = acc.astype(np.float64)
    bundle_files.check_unit(name, acc)
    if np.abs(wide).max() > 32767:
        raise TraceError(f"{name} exceeds 32.767 g: int16 milli-g cannot hold it.")
    return Recording(name, np.rint(wide).astype(np.int16), float(rate_hz))


def load_trial(bundle: Path, trial_id: str, placement: str | None = None) -> Recording:
    """One recording of a trace bundle (a folder with index.csv); raises TraceError."""
    rows = [row for row in index(bundle) if row["trial_id"] == trial_id]
    if placement is not None:
        rows = [row for row in rows if row["placement"] == placement]
    if not rows:
        where = f" at {placement}" if placement else ""
        raise TraceError(f"{bundle.name} has no trial '{trial_id}'{where}.")
    if len(rows) > 1:
        places = ", ".join(sorted(row["placement"] for row in rows))
        raise TraceError(f"Trial '{trial_id}' was recorded at {places}: choose a placement.")
    return load_row(bundle, rows[0])


def load_row(bundle: Path, row: dict[str, str]) -> Recording:
    """The recording that a row of index.csv points to; raises TraceError."""
    line = bundle_files.IndexRow(bundle, 0, row)
    place = bundle_files.check_row(line)
    acc = bundle_files.read_npz(bundle_files.npz_path(line))
    return Recording(line.name, bundle_files.cut(line, place, acc), place.rate_hz)


def index(bundle: Path) -> list[dict[str, str]]:
    """The rows of a bundle's index.csv; TraceError when it is missing or lacks a column."""
    return [dict(row.columns) for row in bundle_files.read_index(bundle)[0]]


def load_file(path: Path, rate_hz: float | None = None) -> Recording:
    """One recording from an .npz (array `acc`) or a table of one's own; raises TraceError.

    `rate_hz` is needed unless the file tells it. Of a table that is split the longest part counts.
    """
    if path.suffix == ".npz":
        return check(path.name, bundle_files.read_array(path), rate_hz or _npz_rate(path))
    # Half a second that only tables need.
    from nabij.data.own.recording import SUFFIXES, read_own  # noqa: PLC0415
    from nabij.data.parts import recorded  # noqa: PLC0415

    if path.suffix.casefold() not in SUFFIXES:
        raise TraceError(
            f"{path.name} is not a trace: give an .npz or a table such as .csv.", EXIT_USAGE
        )
    if not path.is_file():
        raise TraceError(f"There is no file {path}.", EXIT_USAGE)
    try:
        own = read_own(path, path.name, Told(rate_hz=rate_hz))
        parts = recorded(path.name, own.rules, own.logged(path.stem))
    except UnusableFileError as error:
        raise TraceError(_without_options(error.sentence)) from error
    usable = [one for one in parts if isinstance(one, Recorded)]
    longest = max(usable, key=lambda one: len(one.acc_mg) / one.rate_hz)
    notes = usable[0].notes
    if len(usable) > 1:
        notes = (*notes, f"{path.name}: its longest part counts.")
    found = check(path.name, np.asarray(longest.acc_mg), longest.rate_hz)
    return dataclasses.replace(found, taken=own.taken, notes=notes)


def _without_options(sentence: str) -> str:
    """A refusal whose remedy is an option that only an import has, with the way to that."""
    if not _OPTIONS_OF_IMPORT.search(sentence):
        return sentence
    return (
        f"{sentence.removesuffix('.')} (an option of `nabij data import csv`, whose .npz can be "
        "given here with --source-rate)."
    )


def write_sim_trace(path: Path, samples: Samples, rate_hz: float = BADGE_RATE_HZ) -> Path:
    """Write the file that the simulator plays: a JSON line, then int16 LE rows."""
    if samples.dtype != np.int16 or samples.ndim != 2 or samples.shape[1] != 3:
        raise TraceError(
            f"{path.name} cannot be written from {samples.dtype} {samples.shape}: "
            "it takes int16 milli-g, N x 3."
        )
    head = {"nabij_trace": 1, "rate_hz": rate_hz, "samples": len(samples)}
    path.write_bytes(json.dumps(head).encode() + b"\n" + samples.astype("<i2").tobytes())
    return path


def _npz_rate(path: Path) -> float | None:
    with np.load(path, allow_pickle=False) as arrays:
        return float(arrays["rate_hz"]) if "rate_hz" in arrays else None

"""Recordings of motion: load, check, bring to the badge's rate, hand to the simulator.

Samples are int16 milli-g (1000 = 1 g), shape N x 3. Every complaint is one sentence.
"""

import csv
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nabij.errors import NabijError

BADGE_RATE_HZ: Final = 104.0
Samples = npt.NDArray[np.int16]
_INDEX_COLUMNS: Final = (
    "trial_id",
    "subject",
    "activity_code",
    "activity",
    "is_fall",
    "rate_hz",
    "placement",
    "start",
    "length",
    "npz",
)
# Motion of a body is below 20 Hz; a logger outside these bounds is a wrong number, not a logger.
_RATE_RANGE_HZ: Final = (10.0, 2000.0)
# At rest a recording in milli-g has |a| near 1000; in g it has 1, in m/s2 it has 9.8.
_SMALLEST_MEDIAN_MG: Final = 50.0
_TAPS_A_SIDE: Final = 16


class TraceError(NabijError):
    """A recording that cannot be used; one sentence that says what is wrong with it."""


@dataclass(frozen=True)
class Recording:
    """One recording: its name, its samples (N x 3 int16 milli-g) and its rate in Hz."""

    name: str
    samples: Samples
    rate_hz: float

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
    low, high = _RATE_RANGE_HZ
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
    median_mg = float(np.median(np.sqrt((wide**2).sum(axis=1))))
    if median_mg < _SMALLEST_MEDIAN_MG:
        raise TraceError(
            f"{name} is not in milli-g (its median is {median_mg:.3g}): "
            "multiply g by 1000, or m/s2 by 101.97."
        )
    if np.abs(wide).max() > 32767:
        raise TraceError(f"{name} exceeds 32.767 g: int16 milli-g cannot hold it.")
    return Recording(name, np.rint(wide).astype(np.int16), float(rate_hz))


def load_trial(bundle: Path, trial_id: str, placement: str | None = None) -> Recording:
    """One recording of a trace bundle (a folder with index.csv); raises TraceError."""
    rows = [row for row in _index(bundle) if row["trial_id"] == trial_id]
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
    name = f"{bundle.name}/{row['trial_id']}"
    rate_hz = _number(name, "rate_hz", row["rate_hz"])
    start = int(_number(name, "start", row["start"]))
    length = int(_number(name, "length", row["length"]))
    acc = _npz(bundle / row["npz"])
    if start < 0 or length < 1 or start + length > len(acc):
        raise TraceError(
            f"{name} claims samples {start} to {start + length} of {row['npz']}, "
            f"which has {len(acc)}."
        )
    return check(name, acc[start : start + length], rate_hz)


def index(bundle: Path) -> list[dict[str, str]]:
    """The rows of a bundle's index.csv; TraceError when it is missing or lacks a column."""
    return _index(bundle)


def load_file(path: Path, rate_hz: float | None = None) -> Recording:
    """One recording from an .npz (array `acc`) or .csv (three columns); raises TraceError.

    `rate_hz` is needed unless the .npz has a scalar of that name.
    """
    if path.suffix == ".npz":
        return check(path.name, _npz(path), rate_hz or _npz_rate(path))
    if path.suffix == ".csv":
        return check(path.name, _csv(path), rate_hz)
    raise TraceError(f"{path.name} is not a trace: give an .npz or a .csv file.")


def resample(samples: Samples, rate_hz: float, to_hz: float = BADGE_RATE_HZ) -> Samples:
    """The samples at another rate, band-limited below both Nyquist rates, int16 milli-g."""
    if rate_hz == to_hz:
        return samples
    count = max(2, int(len(samples) * to_hz / rate_hz))
    at = np.arange(count) * (rate_hz / to_hz)
    # A windowed sinc; when the rate falls it is stretched, so that it also filters.
    stretch = max(1.0, rate_hz / to_hz)
    reach = int(np.ceil(_TAPS_A_SIDE * stretch))
    first = np.floor(at).astype(np.int64) - reach + 1
    taps = first[:, None] + np.arange(2 * reach)
    x = (taps - at[:, None]) / stretch
    weight = np.sinc(x) * np.cos(np.pi * x / (2 * (_TAPS_A_SIDE + 1))) ** 2
    weight[np.abs(x) > _TAPS_A_SIDE] = 0
    weight /= weight.sum(axis=1, keepdims=True)
    # Beyond its ends the recording is taken to stay as it was there.
    wide = samples.astype(np.float64)[taps.clip(0, len(samples) - 1)]
    mixed = np.einsum("nt,nta->na", weight, wide)
    mixed_mg: Samples = np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)
    return mixed_mg


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


def _index(bundle: Path) -> list[dict[str, str]]:
    path = bundle / "index.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = [one for one in _INDEX_COLUMNS if one not in (reader.fieldnames or ())]
            if missing:
                raise TraceError(f"{path} lacks the column {missing[0]}.")
            return list(reader)
    except OSError as error:
        raise TraceError(
            f"{bundle} is not a trace bundle: it has no readable index.csv."
        ) from error


def _number(name: str, column: str, text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise TraceError(f"{name} has '{text}' as its {column}: it must be a number.") from None


def _npz(path: Path) -> npt.NDArray[Any]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if "acc" not in arrays:
                raise TraceError(f"{path.name} has no array 'acc'.")
            acc: npt.NDArray[Any] = arrays["acc"]
            return acc
    except FileNotFoundError as error:
        raise TraceError(f"There is no file {path}.") from error
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise TraceError(f"{path.name} is not a readable .npz file.") from error


def _npz_rate(path: Path) -> float | None:
    with np.load(path, allow_pickle=False) as arrays:
        return float(arrays["rate_hz"]) if "rate_hz" in arrays else None


def _csv(path: Path) -> npt.NDArray[Any]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise TraceError(f"There is no file {path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise TraceError(f"{path.name} is not a readable text file.") from error
    rows: list[list[float]] = []
    headed = False
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            rows.append([float(cell) for cell in line.split(",")])
        except ValueError:
            # A heading may stand before the first row.
            if rows or headed:
                raise TraceError(f"{path.name} line {number} is not three numbers.") from None
            headed = True
            continue
        if len(rows[-1]) != 3:
            raise TraceError(f"{path.name} line {number} has {len(rows[-1])} columns, not 3.")
    return np.array(rows, dtype=np.float64).reshape(-1, 3)

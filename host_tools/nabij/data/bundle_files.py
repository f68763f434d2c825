"""The files of a trace bundle, read and checked: index.csv line by line, and the .npz files."""

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nabij.detector.sampling import Samples
from nabij.errors import EXIT_USAGE, NabijError

INDEX: Final = "index.csv"
MANIFEST: Final = "manifest.json"
REQUIRED_COLUMNS: Final = (
    *("trial_id", "subject", "activity_code", "activity", "is_fall"),
    *("rate_hz", "placement", "start", "length", "npz"),
)
# Motion of a body is below 20 Hz; a logger outside these bounds is a wrong number, not a logger.
RATE_RANGE_HZ: Final = (10.0, 2000.0)
# In milli-g a recording has a median |a| near 1000; in g it has 1, in m/s2 9.8, in counts 4096.
MEDIAN_RANGE_MG: Final = (50.0, 3500.0)
_PROBES: Final = 500
# A million recordings.
_MOST_INDEX_BYTES: Final = 256 << 20
# What a damaged, encrypted or foreign zip file makes zipfile and NumPy raise.
_UNREADABLE: Final = (
    *(OSError, ValueError, EOFError, RuntimeError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)


class TraceError(NabijError):
    """A recording or a bundle that cannot be used; one sentence that says what is wrong."""


class NoBundleError(TraceError):
    """A folder that is no bundle at all: whoever named it has to name another."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, EXIT_USAGE)


@dataclass(frozen=True)
class IndexRow:
    """One line of index.csv, not yet checked; line 0 when it was not read from a file."""

    bundle: Path
    line: int
    columns: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.bundle.name}/{self.columns['trial_id']}"

    @property
    def where(self) -> str:
        return f"{self.name} (line {self.line})" if self.line else self.name


@dataclass(frozen=True)
class BadLine:
    """A line of index.csv that is no row, and the trial it seems to be about."""

    sentence: str
    trial_id: str


@dataclass(frozen=True)
class Place:
    """Where a checked row says that its samples are."""

    rate_hz: float
    is_fall: bool
    start: int
    length: int


def read_index(path: Path) -> tuple[list[IndexRow], list[BadLine]]:
    """The rows of index.csv that have all their columns, and the lines that have not."""
    text = _index_text(path)
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[IndexRow] = []
    bad: list[BadLine] = []
    try:
        head = [name.strip() for name in next(reader, [])]
        _check_head(path, head)
        for cells in reader:
            if not cells:
                continue
            if len(cells) == len(head):
                columns = dict(zip(head, map(_plain, cells), strict=True))
                rows.append(IndexRow(path, reader.line_num, columns))
                continue
            bad.append(
                BadLine(
                    f"{path.name}/{INDEX} line {reader.line_num} has {len(cells)} cells, its "
                    f"heading {len(head)}: the line is cut or a comma lacks its quotes.",
                    cells[0] if head[0] == "trial_id" else "",
                )
            )
    except csv.Error as error:
        raise TraceError(f"{path / INDEX} is not CSV ({error}): export it again.") from error
    return rows, bad


def check_row(row: IndexRow, seen: set[tuple[str, str]] | None = None) -> Place:
    """What the row says, as numbers; TraceError for a row that cannot be right.

    `seen` collects (trial_id, placement) and refuses the second of a kind.
    """
    where = row.where
    columns = row.columns
    if not columns["trial_id"]:
        raise TraceError(f"{row.bundle.name}/{INDEX} line {row.line} has no trial_id: give one.")
    key = (columns["trial_id"], columns["placement"])
    if seen is not None:
        if key in seen:
            raise TraceError(
                f"{where} is the second row of that trial_id at '{key[1]}': only the first is "
                "used; give each recording an id of its own."
            )
        seen.add(key)
    if columns["is_fall"] not in {"0", "1"}:
        raise TraceError(f"{where} has is_fall '{columns['is_fall']}': it must be 0 or 1.")
    rate_hz = _number(where, "rate_hz", columns["rate_hz"])
    low, high = RATE_RANGE_HZ
    if not low <= rate_hz <= high:
        raise TraceError(
            f"{where} has a rate of {rate_hz:g} Hz: it must be {low:g} to {high:g} Hz."
        )
    start = _whole(where, "start", columns["start"])
    length = _whole(where, "length", columns["length"])
    if length < 2:
        raise TraceError(f"{where} has {max(0, length)} samples: a recording has at least 2.")
    return Place(rate_hz, columns["is_fall"] == "1", start, length)


def cut(row: IndexRow, place: Place, acc: Samples) -> Samples:
    """The samples that a row points to; TraceError when they are not there or not milli-g."""
    end = place.start + place.length
    if place.start < 0 or end > len(acc):
        raise TraceError(
            f"{row.where} claims samples {place.start} to {end} of "
            f"{row.columns['npz']}, which has {len(acc)}: correct its start and length."
        )
    samples = acc[place.start : end]
    check_scale(row.name, samples)
    return samples


def npz_path(row: IndexRow) -> Path:
    """The file of a row; TraceError when its name leads out of the bundle."""
    name = row.columns["npz"]
    # Backslashes and drive letters too: a bundle must mean the same on every machine.
    if not re.fullmatch(r"[^/\\:]+\.npz", name):
        raise TraceError(
            f"{row.where} names the file '{name}': "
            "it must be the name of an .npz file in the bundle itself."
        )
    return row.bundle / name


def read_npz(path: Path) -> Samples:
    """The array `acc` of a file of a bundle; TraceError unless it is whole numbers, N x 3."""
    acc = read_array(path)
    if acc.ndim != 2 or acc.shape[1] != 3:
        raise TraceError(f"{path.name} has the shape {acc.shape}: it must be N x 3.")
    if acc.dtype.kind == "f":
        raise TraceError(
            f"{path.name} holds {acc.dtype} with a median |a| of {median_mg(acc):.3g}: "
            "store int16 milli-g (g times 1000, or m/s2 times 101.97, rounded)."
        )
    if acc.dtype.kind not in "iu":
        raise TraceError(f"{path.name} holds {acc.dtype}, not numbers: it must be int16 milli-g.")
    if acc.dtype != np.int16:
        if len(acc) and (acc.min() < -32768 or acc.max() > 32767):
            raise TraceError(f"{path.name} exceeds 32.767 g: int16 milli-g cannot hold it.")
        acc = acc.astype(np.int16)
    samples: Samples = np.ascontiguousarray(acc)
    return samples


def read_array(path: Path) -> npt.NDArray[Any]:
    """The array `acc` of an .npz as it is; TraceError when there is none."""
    try:
        with zipfile.ZipFile(path) as arrays:
            if "acc.npy" not in arrays.namelist():
                raise TraceError(f"{path.name} has no array 'acc': name the array that.")
            # All at once: numpy.load decompresses in pieces and waits for the GIL after each.
            content = io.BytesIO(arrays.read("acc.npy"))
            acc: npt.NDArray[Any] = np.lib.format.read_array(content, allow_pickle=False)
            return acc
    except FileNotFoundError as error:
        raise TraceError(f"There is no file {path}: copy it there.") from error
    except _UNREADABLE as error:
        raise TraceError(f"{path.name} is not a readable .npz file: copy it again.") from error


def check_unit(name: str, samples: npt.NDArray[Any]) -> float:
    """The median |a|; TraceError when these numbers are too small to be milli-g."""
    median = median_mg(samples)
    if median < MEDIAN_RANGE_MG[0]:
        raise TraceError(
            f"{name} is not in milli-g (its median |a| is {median:.3g}): "
            "multiply g by 1000, or m/s2 by 101.97."
        )
    return median


def check_scale(name: str, samples: npt.NDArray[Any]) -> None:
    """TraceError when these numbers cannot be the milli-g of a recording of a person."""
    median = check_unit(name, samples)
    if median > MEDIAN_RANGE_MG[1]:
        raise TraceError(
            f"{name} is not in milli-g (its median |a| is {median:.5g}, that of rest is 1000): "
            "multiply raw counts by the sensor's mg a count."
        )


def median_mg(samples: npt.NDArray[Any]) -> float:
    """The median |a| of some hundreds of evenly spaced samples; NaN of none."""
    probes = samples[:: max(1, len(samples) // _PROBES)].astype(np.float64)
    if not len(probes):
        return float("nan")
    squared = np.einsum("na,na->n", probes, probes)
    squared.sort()
    return float(np.sqrt(squared[len(squared) // 2]))


def _plain(cell: str) -> str:
    """The cell without what would steer the terminal that it is shown on."""
    return cell if cell.isprintable() else "".join(c if c.isprintable() else " " for c in cell)


def _index_text(path: Path) -> str:
    file = path / INDEX
    try:
        with file.open("rb") as index:
            content = index.read(_MOST_INDEX_BYTES + 1)
    except OSError as error:
        what = "it is a file, not a folder" if path.exists() else "there is no such folder"
        if path.is_dir():
            what = "it has no readable index.csv"
        raise NoBundleError(f"{path} is not a trace bundle: {what}.") from error
    if len(content) > _MOST_INDEX_BYTES:
        raise NoBundleError(f"{file} has more than 256 MB: it is no index of recordings.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoBundleError(f"{file} is not UTF-8 text: save it as CSV UTF-8.") from error
    if "\0" in text:
        raise NoBundleError(f"{file} holds bytes that are not text: save it as CSV UTF-8.")
    return text


def _check_head(path: Path, head: list[str]) -> None:
    missing = [name for name in REQUIRED_COLUMNS if name not in head]
    if not missing:
        return
    for separator, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(head) == 1 and separator in head[0]:
            raise NoBundleError(f"{path / INDEX} is separated by {called}: save it with commas.")
    if not "".join(head):
        raise NoBundleError(f"{path / INDEX} is empty: import the recordings again.")
    raise NoBundleError(
        f"{path / INDEX} lacks the column {missing[0]}: the columns {', '.join(REQUIRED_COLUMNS)} "
        "are required."
    )


def _number(where: str, column: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise TraceError(f"{where} has {column} '{text}': it must be a number.") from None


def _whole(where: str, column: str, text: str) -> int:
    number = _number(where, column, text)
    if not number.is_integer():
        raise TraceError(f"{where} has {column} '{text}': it must be a whole number.")
    return int(number)

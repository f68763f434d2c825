"""`nabij data import`: a folder as its publisher made it becomes a trace bundle."""

import datetime as dt
import importlib.metadata
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from nabij.data import (
    fallalld,
    generic_csv,
    imufd,
    kfall,
    mobifall,
    sisfall,
    umafall,
    upfall,
    weda,
)
from nabij.data.common import Job, Source, UnusableFileError, Wanted, choose_placements
from nabij.data.writer import BundleWriter, Conversion, new_folder
from nabij.detector.sampling import BADGE_RATE_HZ
from nabij.errors import NabijError, UsageError

IMPORTER_VERSION: Final = 1
UNITS: Final = ("g", "mg", "m/s2")
AS_RECORDED: Final = Conversion()


class Importer(Protocol):
    """What each module of a data set provides."""

    SOURCE: Source

    def jobs(self, folder: Path, wanted: Wanted, /) -> list[Job]:
        """The published files below a folder, and how to read each."""
        ...


IMPORTERS: Final[Mapping[str, Importer]] = {
    one.SOURCE.key: one
    for one in (
        *(sisfall, fallalld, umafall, imufd, mobifall),
        *(kfall, weda, upfall, generic_csv),
    )
}
# Called with (files done, files in all) before the first file and after each.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Request:
    """One import: what, from where, to where, and how."""

    key: str
    path: Path
    target: Path
    placements: Sequence[str] = ()
    conversion: Conversion = AS_RECORDED
    force: bool = False
    columns: tuple[str, ...] = ()
    units: str = ""
    source_rate_hz: float | None = None


@dataclass(frozen=True)
class Report:
    """What an import did."""

    bundle: Path
    counts: Mapping[str, Any]
    problems: tuple[str, ...]
    seconds: float


def run(request: Request, progress: Progress = lambda _done, _of: None) -> Report:
    """Import a data set; raises UsageError or NabijError when nothing can come of it."""
    started = time.monotonic()
    importer = _importer(request.key)
    source = importer.SOURCE
    path = _readable(request.path)
    _keep_apart(path, request.target)
    wanted = _wanted(source, request)
    jobs = importer.jobs(path, wanted)
    if not jobs:
        raise NabijError(
            f"{request.path} has no file of {source.title} as published, like "
            f"{source.looks_like}: give the folder into which the archive was unpacked."
        )
    problems: list[str] = []
    with new_folder(request.target, force=request.force) as folder:
        writer = BundleWriter(folder, source.key, request.conversion)
        for done, job in enumerate(jobs):
            progress(done, len(jobs))
            problems += _read(job, writer)
        progress(len(jobs), len(jobs))
        if not writer.rows:
            raise NabijError(f"No recording of {request.path} could be used: {problems[0]}")
        writer.finish(_manifest(source, request, wanted, writer, problems))
        counts = writer.counts()
    return Report(request.target, counts, tuple(problems), time.monotonic() - started)


def _read(job: Job, writer: BundleWriter) -> Iterator[str]:
    try:
        recordings = job.read()
    except UnusableFileError as problem:
        yield problem.sentence
        return
    notes: set[str] = set()
    for one in recordings:
        if isinstance(one, UnusableFileError):
            yield one.sentence
            continue
        try:
            writer.add(one)
        except UnusableFileError as problem:
            yield problem.sentence
            continue
        yield from (note for note in one.notes if note not in notes)
        notes.update(one.notes)


def _importer(key: str) -> Importer:
    try:
        return IMPORTERS[key]
    except KeyError:
        raise UsageError(
            f"There is no importer '{key}': choose from {', '.join(IMPORTERS)}."
        ) from None


def _readable(path: Path) -> Path:
    if path.suffix.casefold() == ".zip":
        raise UsageError(f"{path} is an archive: unpack it and give the folder.")
    if not path.exists():
        raise UsageError(f"There is no {path}: give the folder of the data set.")
    return path.resolve()


def _keep_apart(path: Path, target: Path) -> None:
    """A bundle inside what is imported would be imported next time, or replace it."""
    target = target.resolve()
    if target == path or target in path.parents or (path.is_dir() and path in target.parents):
        raise UsageError(f"{target} and {path} lie in each other: write the bundle elsewhere.")


def _wanted(source: Source, request: Request) -> Wanted:
    own = request.key == generic_csv.SOURCE.key
    if not own and (request.columns or request.units or request.source_rate_hz):
        raise UsageError("--columns, --units and --source-rate are for csv: others know theirs.")
    if request.units and request.units not in UNITS:
        raise UsageError(f"There is no unit '{request.units}': choose from {', '.join(UNITS)}.")
    if request.columns and len(request.columns) != 3:
        raise UsageError("--columns takes three names, separated by commas, such as ax,ay,az.")
    asked = tuple(request.placements)
    placements = (asked[:1] or source.torso) if own else choose_placements(source, asked)
    return Wanted(placements, request.columns, request.units, request.source_rate_hz)


def _manifest(
    source: Source,
    request: Request,
    wanted: Wanted,
    writer: BundleWriter,
    problems: Sequence[str],
) -> dict[str, Any]:
    conversion = request.conversion
    return {
        "nabij_bundle": 1,
        "set": source.key,
        "title": source.title,
        "source": source.url,
        "licence": source.licence,
        "citation": source.citation,
        "importer": {
            "version": IMPORTER_VERSION,
            "nabij": importlib.metadata.version("nabij"),
            "imported": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        },
        "conversion": {
            "to_milli_g": source.conversion,
            "placements": list(wanted.placements),
            "rate_hz": conversion.rate_hz or "as recorded",
            "resampling": (
                "windowed sinc, 16 zero crossings a side, cut off at the lower Nyquist rate"
                if conversion.rate_hz
                else "none"
            ),
            "badge": (
                "LSM6DSOX at +-16 g: saturated, 0.488 mg a count, the driver's rounding to mg"
                if conversion.badge
                else "none"
            ),
        },
        "counts": writer.counts(),
        "problems": list(problems),
    }


def badge_conversion(*, badge: bool, rate_hz: float | None) -> Conversion:
    """What `--badge` and `--rate` mean: a badge samples at 104 Hz unless told otherwise."""
    if rate_hz is None and badge:
        rate_hz = BADGE_RATE_HZ
    return Conversion(rate_hz, badge)

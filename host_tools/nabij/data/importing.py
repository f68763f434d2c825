"""`nabij data import`: a folder as its publisher made it becomes a trace bundle."""

import datetime as dt
import difflib
import importlib.metadata
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from nabij.data import (
    fallalld,
    imufd,
    kfall,
    mobifall,
    sisfall,
    umafall,
    upfall,
    weda,
)
from nabij.data.common import (
    NOTHING_TOLD,
    Job,
    Source,
    Taken,
    Told,
    UnusableFileError,
    Wanted,
    choose_placements,
)
from nabij.data.new_folder import new_folder
from nabij.data.own import importer as own
from nabij.data.own.labels import LABELS, template
from nabij.data.own.options import checked, refuse_idle
from nabij.data.rest import REST_RANGE_MG
from nabij.data.writer import BundleWriter, Conversion
from nabij.detector.sampling import BADGE_RATE_HZ
from nabij.errors import NabijError, UsageError
from nabij.paths import STANDARD_OUTPUT, require_parent

IMPORTER_VERSION: Final = 1
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
        *(kfall, weda, upfall, own),
    )
}
# Called with (files done, files in all) before the first file and after each.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Request:
    """One import: what, from where, to where (None: nowhere, only to see), and how."""

    key: str
    path: Path
    target: Path | None
    placements: Sequence[str] = ()
    conversion: Conversion = AS_RECORDED
    force: bool = False
    told: Told = NOTHING_TOLD


@dataclass(frozen=True)
class Report:
    """What an import did."""

    bundle: Path | None
    counts: Mapping[str, Any]
    # Refusals first: so many of them.
    problems: tuple[str, ...]
    refusals: int
    # Files of which nothing was taken.
    left_out: int
    seconds: float
    # What files of one's own were taken for, by their names.
    taken: tuple[tuple[str, Taken], ...] = ()


def run(request: Request, progress: Progress = lambda _done, _of: None) -> Report:
    """Import a data set; raises UsageError or NabijError when nothing can come of it."""
    started = time.monotonic()
    chosen = importer(request.key)
    source = chosen.SOURCE
    path = _readable(request.path)
    if request.target is not None:
        if str(request.target) == STANDARD_OUTPUT:
            raise UsageError("A bundle is a folder, not standard output: name one with -o FOLDER.")
        _keep_apart(path, request.target)
        require_parent(request.target)
    wanted = _wanted(source, request)
    jobs = chosen.jobs(path, wanted)
    if not jobs:
        raise UsageError(
            f"{request.path} has no file of {source.title} as published, like "
            f"{source.looks_like}: give the folder into which the archive was unpacked."
        )
    place = new_folder(request.target, force=request.force) if request.target else nullcontext()
    with place as folder:
        writer = BundleWriter(source.key, request.conversion)
        said = _read_all(jobs, writer, progress)
        problems = [*said.refusals, *said.notes]
        if not writer.rows:
            raise NabijError(f"No recording of {request.path} could be used: {problems[0]}")
        # What a file of one's own rests at was told with the file.
        if request.key != own.SOURCE.key:
            problems += _rest_off(writer)
        if folder is not None:
            writer.finish(folder, _manifest(source, request, wanted, writer, problems))
    return Report(
        bundle=request.target,
        counts=writer.counts(),
        problems=tuple(problems),
        refusals=len(said.refusals),
        left_out=len(said.left_out),
        seconds=time.monotonic() - started,
        taken=tuple(wanted.taken),
    )


def labels_template(path: Path) -> str:
    """A labels.csv to fill in, with a line for each file of one's own; UsageError: none there."""
    path = _readable(path)
    files = own.files_of(path)
    if not files:
        raise UsageError(f"{path} has no file that could hold a recording, like walk.csv.")
    root = path.parent if path.is_file() else path
    return template([own.name_of(file, root) for file in files])


@dataclass
class _Said:
    """What was said of the files: of what cannot be used, and of what was done to the others."""

    refusals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: set[Path] = field(default_factory=set)


def _read_all(jobs: Sequence[Job], writer: BundleWriter, progress: Progress) -> _Said:
    said = _Said()
    for done, job in enumerate(jobs):
        progress(done, len(jobs))
        rows, refusals = len(writer.rows), len(said.refusals)
        _read(job, writer, said)
        # labels.csv holds no recording.
        if len(writer.rows) == rows and len(said.refusals) > refusals and job.file.name != LABELS:
            said.left_out.add(job.file)
    progress(len(jobs), len(jobs))
    return said


def _rest_off(writer: BundleWriter) -> list[str]:
    """One sentence about all recordings that do not rest at 1 g; none when all do."""
    off = [row for row in writer.rows if "rest_off" in row["quality"]]
    if not off:
        return []
    first = off[0]
    rest = float(first["rest_mg"]) / 1000
    factor = f", which a factor of {1 / rest:.3g} would bring to 1 g" if rest else ""
    low, high = REST_RANGE_MG
    sentence = (
        f"Of {len(writer.rows)} recordings {len(off)} rest outside {low / 1000:g} to "
        f"{high / 1000:g} g (quality rest_off), such as {first['trial_id']} at {rest:.3g} g"
        f"{factor}."
    )
    return [sentence]


def _read(job: Job, writer: BundleWriter, said: _Said) -> None:
    try:
        recordings = job.read()
    except UnusableFileError as problem:
        said.refusals.append(problem.sentence)
        return
    notes: set[str] = set()
    for one in recordings:
        if isinstance(one, UnusableFileError):
            said.refusals.append(one.sentence)
            continue
        try:
            writer.add(one)
        except UnusableFileError as problem:
            said.refusals.append(problem.sentence)
            continue
        said.notes.extend(note for note in one.notes if note not in notes)
        notes.update(one.notes)


def importer(key: str) -> Importer:
    """The module of a data set; UsageError, with the name that may be meant, without one."""
    try:
        return IMPORTERS[key]
    except KeyError:
        near = difflib.get_close_matches(key.casefold(), IMPORTERS, n=1)
        meant = f"did you mean '{near[0]}'? There are" if near else "choose from"
        raise UsageError(
            f"There is no importer '{key}': {meant} {', '.join(IMPORTERS)}."
        ) from None


def _readable(path: Path) -> Path:
    if path.suffix.casefold() == ".zip":
        raise UsageError(f"{path} is an archive: unpack it and give the folder.")
    if not path.exists():
        raise UsageError(f"There is no {path}: give the folder of the data set.")
    if not (path.is_file() or path.is_dir()):
        raise UsageError(
            f"{path} is a pipe or a device, and an import reads a file more than once: write it "
            "to a file first."
        )
    return path.resolve()


def _keep_apart(path: Path, target: Path) -> None:
    """A bundle inside what is imported would be imported next time, or replace it."""
    target = target.resolve()
    if target == path or target in path.parents or (path.is_dir() and path in target.parents):
        raise UsageError(f"{target} and {path} lie in each other: write the bundle elsewhere.")


def _wanted(source: Source, request: Request) -> Wanted:
    asked = tuple(request.placements)
    if request.key != own.SOURCE.key:
        if request.told != NOTHING_TOLD:
            raise UsageError(
                "--columns, --units, --scale, --time, --source-rate and the like are for csv: "
                "others know theirs."
            )
        return Wanted(choose_placements(source, asked))
    if len(asked) > 1 or "all" in asked:
        raise UsageError("--placement says where files of your own were recorded: name one place.")
    told = checked(request.told)
    refuse_idle(told, own.files_of(request.path))
    return Wanted(asked or source.torso, told)


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
    """What `--as-badge` and `--resample` mean: a badge samples at 104 Hz unless told otherwise."""
    if rate_hz is None and badge:
        rate_hz = BADGE_RATE_HZ
    return Conversion(rate_hz, badge)

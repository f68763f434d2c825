"""Trace bundles: a folder of recordings, loaded so that a bad one never hides the others.

`index.csv` has a row a recording; `.npz` files hold the samples: `acc`, int16 milli-g, N x 3.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from nabij.data.bundle_files import (
    INDEX,
    MANIFEST,
    REQUIRED_COLUMNS,
    IndexRow,
    Place,
    TraceError,
    check_row,
    cut,
    npz_path,
    read_index,
    read_npz,
)
from nabij.detector.sampling import Samples, resample
from nabij.errors import UsageError

# A logger that loses samples writes nothing, or zeros: no body is weightless for so long.
LONGEST_GAP_S: Final = 0.5
_WORKERS: Final = 2


@dataclass(frozen=True)
class Problem:
    """What is wrong with a recording or a file of a bundle, and whether recordings were left out.

    `trials` are the ids that it concerns; empty when it is about the bundle as a whole.
    """

    sentence: str
    trials: tuple[str, ...] = ()
    left_out: bool = True


@dataclass(frozen=True, eq=False)
class Trial:
    """One row of index.csv with its samples as recorded, N x 3 int16 milli-g."""

    bundle: str
    data_set: str
    trial_id: str
    subject: str
    activity_code: str
    activity: str
    is_fall: bool
    rate_hz: float
    placement: str
    npz: str
    start: int
    length: int
    extra: Mapping[str, str] = field(repr=False)
    samples: Samples = field(repr=False)
    _at_104: list[Samples] = field(default_factory=list, repr=False)

    @property
    def duration_s(self) -> float:
        return self.length / self.rate_hz

    @property
    def person(self) -> str:
        """Who it is of; one person has one name in all bundles of a data set."""
        return f"{self.data_set}:{self.subject}"

    @property
    def place(self) -> str:
        """The part of the body without its detail: chest, where that is chest (sternum)."""
        return self.placement.casefold().partition(" (")[0].strip()


@dataclass(frozen=True)
class Bundle:
    """The usable recordings of a folder, what is wrong with the others, and its manifest."""

    name: str
    path: Path
    rows: tuple[Trial, ...]
    problems: tuple[Problem, ...]
    manifest: Mapping[str, Any]


def load_bundle(path: Path, *, resampled: bool = False, placement: str | None = None) -> Bundle:
    """Load and check every recording of a bundle; `resampled` also fills samples_104.

    With a `placement` only what was worn there: no other file is read.
    Raises TraceError only when the folder has no index.csv that can be read at all.
    """
    lines, bad = read_index(path)
    problems = [Problem(one.sentence, (one.trial_id,) if one.trial_id else ()) for one in bad]
    good: dict[str, list[tuple[IndexRow, Place]]] = {}
    seen: set[tuple[str, str]] = set()
    for row in lines:
        if placement not in (None, row.columns["placement"]):
            continue
        try:
            place = check_row(row, seen)
            npz_path(row)
        except TraceError as error:
            problems.append(Problem(error.sentence, (row.columns["trial_id"],)))
            continue
        good.setdefault(row.columns["npz"], []).append((row, place))

    manifest = _read_manifest(path, problems)
    data_set = _data_set(path.name, manifest)

    def load(name: str) -> tuple[list[tuple[int, Trial]], list[Problem]]:
        return _load_npz(path / name, good[name], data_set, resampled=resampled)

    trials: list[tuple[int, Trial]] = []
    # bzip2 and most of NumPy let go of the interpreter, so that two threads are nearly twice one.
    with ThreadPoolExecutor(_WORKERS) as pool:
        for found, wrong in pool.map(load, good):
            trials += found
            problems += wrong
    trials.sort(key=lambda one: one[0])
    rows = tuple(trial for _, trial in trials)
    return Bundle(path.name, path, rows, tuple(problems), manifest)


def load_every(
    folder: Path, names: Sequence[str] = (), *, resampled: bool = False
) -> Iterator[Bundle]:
    """Yield the bundles in `folder` of these names, all without any, in order of their names.

    UsageError where there is none at all, or none of a name.
    """
    folders = sorted(index.parent for index in folder.glob(f"*/{INDEX}"))
    if not folders:
        raise UsageError(f"There are no bundles in {folder}: set NABIJ_DATA.")
    if names:
        unknown = sorted(set(names) - {one.name for one in folders})
        if unknown:
            raise UsageError(f"There is no bundle {unknown[0]} in {folder}: look at its folders.")
        folders = [one for one in folders if one.name in names]
    for one in folders:
        yield load_bundle(one, resampled=resampled)


def samples_104(trial: Trial) -> Samples:
    """The recording as the badge samples it, at 104 Hz; computed once and kept."""
    if not trial._at_104:  # noqa: SLF001 - the cache of this very function
        trial._at_104.append(resample(trial.samples, trial.rate_hz))  # noqa: SLF001
    return trial._at_104[0]  # noqa: SLF001


def _load_npz(
    path: Path, rows: list[tuple[IndexRow, Place]], data_set: str, *, resampled: bool
) -> tuple[list[tuple[int, Trial]], list[Problem]]:
    try:
        acc = read_npz(path)
    except TraceError as error:
        ids = tuple(row.columns["trial_id"] for row, _ in rows)
        those = f"its {len(ids)} recordings are" if len(ids) > 1 else f"{ids[0]} is"
        sentence = f"{error.sentence.rstrip('.')} ({path.parent.name}: {those} left out)."
        return [], [Problem(sentence, ids)]
    trials: list[tuple[int, Trial]] = []
    problems: list[Problem] = []
    for row, place in rows:
        try:
            trial = _trial(row, place, data_set, cut(row, place, acc))
        except TraceError as error:
            problems.append(Problem(error.sentence, (row.columns["trial_id"],)))
            continue
        problems += _gaps(trial)
        if resampled:
            samples_104(trial)
        trials.append((row.line, trial))
    return trials, problems


def _trial(row: IndexRow, place: Place, data_set: str, samples: Samples) -> Trial:
    columns = row.columns
    return Trial(
        bundle=row.bundle.name,
        data_set=data_set,
        trial_id=columns["trial_id"],
        subject=columns["subject"],
        activity_code=columns["activity_code"],
        activity=columns["activity"],
        is_fall=place.is_fall,
        rate_hz=place.rate_hz,
        placement=columns["placement"],
        npz=columns["npz"],
        start=place.start,
        length=place.length,
        extra={name: columns[name] for name in columns if name not in REQUIRED_COLUMNS},
        samples=samples,
    )


def _gaps(trial: Trial) -> Iterable[Problem]:
    """Tells of missing stretches; such a recording is still used, as it was recorded."""
    gap_s = _longest_zero_run(trial.samples, trial.rate_hz)
    try:
        gap_s = max(gap_s, float(trial.extra.get("max_gap_s") or 0))
    except ValueError:
        yield Problem(
            f"{trial.bundle}/{trial.trial_id} has max_gap_s '{trial.extra['max_gap_s']}': "
            "it must be seconds, or empty.",
            (trial.trial_id,),
            left_out=False,
        )
    if gap_s > LONGEST_GAP_S:
        yield Problem(
            f"{trial.bundle}/{trial.trial_id} misses {gap_s:.1f} s of samples: it is used as "
            "recorded, so read its result with that in mind or remove its row.",
            (trial.trial_id,),
            left_out=False,
        )


def _longest_zero_run(samples: Samples, rate_hz: float) -> float:
    step = max(1, int(LONGEST_GAP_S * rate_hz))
    if samples[::step].any(axis=1).all():
        return 0.0
    alive = np.flatnonzero(samples.any(axis=1))
    edges = np.concatenate([[-1], alive, [len(samples)]])
    return float(np.diff(edges).max() - 1) / rate_hz


def _data_set(name: str, manifest: Mapping[str, Any]) -> str:
    """The published set that a bundle was imported from, else the bundle's own name."""
    key = manifest.get("set")
    # S1 of two imports of own recordings may be two people.
    return key if isinstance(key, str) and key not in {"", "csv"} else name


def _read_manifest(path: Path, problems: list[Problem]) -> Mapping[str, Any]:
    file = path / MANIFEST
    if not file.exists():
        return {}
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(manifest, dict):
            return manifest
    except (OSError, ValueError):
        pass
    problems.append(
        Problem(f"{file} is not a manifest: remove it or import again.", left_out=False)
    )
    return {}

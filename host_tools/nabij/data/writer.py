"""Writes a trace bundle: samples, index.csv with what one wants to know of each, manifest.json."""

import csv
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from nabij.data.bundle_files import INDEX, MANIFEST, REQUIRED_COLUMNS, TraceError, check_scale
from nabij.data.common import Recorded, UnusableFileError
from nabij.data.rest import REST_RANGE_MG, rest_size, sizes
from nabij.detector.sampling import Samples, measured, resample

COLUMNS: Final = (
    *REQUIRED_COLUMNS,
    *("fall_start_s", "fall_end_s", "duration_s", "max_gap_s", "source_start_s"),
    *("peak_mg", "peak_t_s", "min_mg", "rest_mg", "quality"),
)
_LONGEST_GAP_S: Final = 0.5
_AT_ONCE: Final = 1 << 18
# Some hours.
_PACKED_ROWS: Final = 1 << 21
_BEYOND_THE_RAIL: Final = 1.05


@dataclass(frozen=True)
class Conversion:
    """What to do with each recording: another rate, and the badge's range and steps."""

    rate_hz: float | None = None
    badge: bool = False


@dataclass
class BundleWriter:
    """Collects recordings and writes them into a folder; add() raises UnusableFileError."""

    prefix: str
    conversion: Conversion
    rows: list[dict[str, str]] = field(default_factory=list)
    _parts: dict[str, list[Samples]] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def add(self, one: Recorded) -> None:
        """Convert a recording and keep it for finish()."""
        key = (one.trial_id, one.placement)
        if key in self._seen:
            raise UnusableFileError(
                f"{one.trial_id} at {one.placement} occurs twice: only the first is imported."
            )
        logged = _to_int16(one)
        samples, rate_hz = logged, one.rate_hz
        if self.conversion.rate_hz is not None:
            samples, rate_hz = (
                resample(logged, rate_hz, self.conversion.rate_hz),
                (self.conversion.rate_hz),
            )
        if self.conversion.badge:
            samples = measured(samples)
        self._seen.add(key)
        npz = self._file_name(one)
        parts = self._parts.setdefault(npz, [])
        row = {
            "trial_id": one.trial_id,
            "subject": one.subject,
            "activity_code": one.activity_code,
            "activity": one.activity,
            "is_fall": str(int(one.is_fall)),
            "rate_hz": f"{rate_hz:g}",
            "placement": one.placement,
            "start": str(sum(map(len, parts))),
            "length": str(len(samples)),
            "npz": npz,
            "fall_start_s": _optional(one.fall_start_s),
            "fall_end_s": _optional(one.fall_end_s),
            "max_gap_s": _optional(one.max_gap_s),
            "source_start_s": _optional(one.source_start_s),
            **_summary(samples, rate_hz, _quality(one, logged)),
        }
        parts.append(samples)
        self.rows.append(row)

    def finish(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write all files."""
        for name, parts in self._parts.items():
            _write_npz(folder / name, parts)
        with (folder / INDEX).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")

    def counts(self) -> dict[str, Any]:
        """Recordings, falls, subjects, minutes, and recordings at each placement."""
        places: dict[str, int] = {}
        for row in self.rows:
            places[row["placement"]] = places.get(row["placement"], 0) + 1
        falls = sum(row["is_fall"] == "1" for row in self.rows)
        return {
            "recordings": len(self.rows),
            "falls": falls,
            "others": len(self.rows) - falls,
            "subjects": len({row["subject"] for row in self.rows}),
            "minutes": round(sum(float(row["duration_s"]) for row in self.rows) / 60, 1),
            "placements": places,
        }

    def _file_name(self, one: Recorded) -> str:
        parts = (self.prefix, one.placement, one.subject)
        plain = (re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-") or "x" for part in parts)
        return "_".join(plain) + ".npz"


def _write_npz(file: Path, parts: Sequence[Samples]) -> None:
    """The parts end to end as the array `acc`, without a copy of all of them."""
    count = sum(map(len, parts))
    head = {"descr": "<i2", "fortran_order": False, "shape": (count, 3)}
    # Noise packs to two thirds: of a day that takes a third of all time to import it.
    form = zipfile.ZIP_DEFLATED if count < _PACKED_ROWS else zipfile.ZIP_STORED
    # It packs little better at levels that take three times as long.
    with (
        zipfile.ZipFile(file, "w", form, compresslevel=1) as arrays,
        arrays.open("acc.npy", "w", force_zip64=True) as member,
    ):
        np.lib.format.write_array_header_1_0(member, head)
        for part in parts:
            member.write(np.ascontiguousarray(part, "<i2").data.cast("B"))


def _to_int16(one: Recorded) -> Samples:
    if len(one.acc_mg) < 2:
        raise UnusableFileError(
            f"{one.trial_id} has {len(one.acc_mg)} samples: at least 2 are needed."
        )
    samples = np.empty(one.acc_mg.shape, np.int16)
    # Piece by piece: a recording of a day is hundreds of megabytes as floats.
    for at in range(0, len(samples), _AT_ONCE):
        wide = np.rint(one.acc_mg[at : at + _AT_ONCE])
        if not np.isfinite(wide).all():
            row = at + int(np.argmin(np.isfinite(wide).all(axis=1)))
            raise UnusableFileError(
                f"{one.trial_id} has a value that is not a number in sample {row}."
            )
        if np.abs(wide).max() > 32767:
            raise UnusableFileError(
                f"{one.trial_id} at {one.placement} exceeds 32.767 g: its unit or file is wrong."
            )
        samples[at : at + _AT_ONCE] = wide
    try:
        check_scale(f"{one.trial_id} at {one.placement}", samples)
    except TraceError as error:
        raise UnusableFileError(error.sentence) from error
    return samples


def _quality(one: Recorded, samples: Samples) -> list[str]:
    flags = []
    if one.rail_mg is not None:
        largest = max(abs(int(samples.min())), abs(int(samples.max())))
        if largest > _BEYOND_THE_RAIL * one.rail_mg:
            flags.append("corrupt")
        elif largest >= round(one.rail_mg):
            flags.append("clipped")
    if one.max_gap_s is not None and one.max_gap_s > _LONGEST_GAP_S:
        flags.append("gap")
    return [*flags, *one.flags]


def _summary(samples: Samples, rate_hz: float, flags: list[str]) -> dict[str, str]:
    peak, peak_mg, least_mg = 0, -1.0, np.inf
    for at in range(0, len(samples), _AT_ONCE):
        magnitude = sizes(samples[at : at + _AT_ONCE])
        if magnitude.max() > peak_mg:
            peak, peak_mg = at + int(np.argmax(magnitude)), float(magnitude.max())
        least_mg = min(least_mg, float(magnitude.min()))
    rest = rest_size(samples, rate_hz)
    low, high = REST_RANGE_MG
    if rest is not None and not low <= rest <= high:
        flags = ["rest_off", *flags]
    return {
        "duration_s": f"{len(samples) / rate_hz:.3f}",
        "peak_mg": f"{peak_mg:.0f}",
        "peak_t_s": f"{peak / rate_hz:.3f}",
        "min_mg": f"{least_mg:.0f}",
        "rest_mg": "" if rest is None else f"{rest:.0f}",
        "quality": "+".join(flags),
    }


def _optional(number: float | None) -> str:
    return "" if number is None else f"{number:g}"

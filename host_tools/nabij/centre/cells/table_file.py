"""Reads what OpenCelliD gives away: a CSV of cells, as it is or gzipped, of any length.

Columns by https://ichnaea.readthedocs.io/en/latest/import_export.html, which both projects share:
radio, mcc, net, area (of LTE the tracking area), cell, unit, lon, lat, range (m), samples,
changeable, created, updated (s since 1970), averageSignal. The file of a country has no headings.
"""

import gzip
import io
import math
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nabij.centre.database.cell_table import Row
from nabij.errors import UsageError

COLUMNS: Final = (
    *("radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples"),
    *("changeable", "created", "updated", "averageSignal"),
)
_HEADINGS: Final = ",".join(COLUMNS).lower().encode()
_RADIO: Final = b"LTE"
_E7: Final = 10_000_000
# By 3GPP TS 23.003 and 36.413.
_MOST_TAC, _MOST_CI = 65_535, (1 << 28) - 1
# No cell of LTE reaches farther (TS 36.211: the longest guard time of a first call).
MOST_RANGE_M: Final = 100_000
_LONGEST: Final = 400
_NAMED: Final = 5
# Of so many lines that are to be kept one in ten may be bad: beyond that it is another file.
_FEW: Final = 100
_STAYS: Final = "the cells that were there stay"
_GZIP: Final = b"\x1f\x8b"
_KNOWN: Final = {
    b"PK": "it is a zip or a workbook: unpack it first",
    b"<": "it is a web page, as one gets for a wrong or a used-up key: download it again",
    b"{": "it is an answer of a server and no table: download it again",
    b"\xfd7zXZ": "it is packed by xz: unpack it first",
    b"BZh": "it is packed by bzip2: unpack it first",
}


@dataclass(frozen=True)
class Networks:
    """Which networks are wanted, as (mcc, mnc); mnc None for all of a country."""

    wanted: frozenset[tuple[int, int | None]]

    def has(self, mcc: int, mnc: int) -> bool:
        """Whether that network is one of them."""
        return (mcc, mnc) in self.wanted or (mcc, None) in self.wanted

    def __str__(self) -> str:
        return ", ".join(
            f"{mcc:03d}" if mnc is None else f"{mcc:03d}-{mnc:02d}"
            for mcc, mnc in sorted(self.wanted, key=lambda one: (one[0], one[1] or -1))
        )


@dataclass
class Count:
    """What came of a reading, which goes on: lines that were kept, and those that were bad."""

    kept: int = 0
    bad: int = 0
    newest_s: int = 0
    first_bad: list[str] = field(default_factory=list)

    def note_bad(self, line: str) -> None:
        """That this line was left out."""
        self.bad += 1
        if self.bad <= _NAMED:
            self.first_bad.append(line)

    def sentence(self) -> str:
        """Which lines were left out and why; empty for none."""
        if not self.bad:
            return ""
        named = ", ".join(self.first_bad)
        more = f" and {self.bad - len(self.first_bad):,} more" if self.bad > _NAMED else ""
        lines = "line is no cell and was" if self.bad == 1 else "lines are no cells and were"
        return f"{self.bad:,} {lines} left out: {named}{more}."


def networks_of(texts: Sequence[str]) -> Networks:
    """Of 204 (all of a country) or 204-08; UsageError for what is none."""
    found = set()
    for text in texts:
        match = re.fullmatch(r"(\d{3})(?:-(\d{2,3}))?", text.strip(), re.ASCII)
        if match is None:
            raise UsageError(
                f"'{text[:20]}' is no network: give the country code, or it and that of the "
                "operator, as 204 or 204-08."
            )
        found.add((int(match[1]), None if match[2] is None else int(match[2])))
    if not found:
        raise UsageError(
            "Say which networks the SIMs of the badges use with --network, as 204-08; 204 is all "
            "of the Netherlands."
        )
    return Networks(frozenset(found))


def check_there(files: Sequence[Path]) -> None:
    """UsageError unless all of them can be opened: before anything that takes long."""
    for file in files:
        if not file.is_file() or not os.access(file, os.R_OK):
            raise UsageError(f"Cannot read {file}: give a file of OpenCelliD that is there.")


def cells(files: Sequence[Path], wanted: Networks, count: Count) -> Iterator[Row]:
    """The cells of LTE of these networks, line by line; `count` goes along.

    UsageError for what cannot be read to its end, or is no such table.
    """
    for file in files:
        label = f"{file.name} " if len(files) > 1 else ""
        try:
            with file.open("rb") as raw:
                yield from _rows(_File(file, label, _unpacked(raw)), wanted, count)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UsageError(
                f"{file} ends in the middle or is damaged, so {_STAYS}: download it again."
            ) from error
        except OSError as error:
            raise UsageError(
                f"Cannot read {file} ({error.strerror or error}), so {_STAYS}: give a file of "
                "OpenCelliD."
            ) from error


@dataclass(frozen=True)
class _File:
    path: Path
    # Before the number of a line, where there are several files.
    label: str
    lines: io.BufferedReader


def _unpacked(raw: io.BufferedReader) -> io.BufferedReader:
    if not raw.peek(len(_GZIP)).startswith(_GZIP):
        return raw
    return io.BufferedReader(gzip.GzipFile(fileobj=raw), 1 << 20)


def _rows(file: _File, wanted: Networks, count: Count) -> Iterator[Row]:
    number, bad = 0, 0
    for number, line in enumerate(_lines(file.lines), 1):
        if number == 1 and _is_heading(file.path, line):
            continue
        if not line.startswith(_RADIO) and line.count(b",") == len(COLUMNS) - 1:
            continue
        try:
            parts = _parts(line)
            if not wanted.has(_number(parts[1]), _number(parts[2])):
                continue
            row, newest_s = _row(parts), _number(parts[12] or b"0")
        except ValueError:
            if not line.strip():
                continue
            if not line.endswith(b"\n") and len(line) < _LONGEST:
                raise EOFError from None
            bad += 1
            count.note_bad(f"{file.label}{number:,}")
            continue
        count.kept += 1
        count.newest_s = max(count.newest_s, newest_s)
        yield row
    if not number:
        raise UsageError(f"{file.path} is empty, so {_STAYS}: download it again.")
    if bad > _FEW and bad * 10 > count.kept:
        raise UsageError(
            f"{file.path} is no table of OpenCelliD, so {_STAYS}: {bad:,} of its {number:,} lines "
            f"are no cell, the first is line {count.first_bad[0]}."
        )


def _lines(file: io.BufferedReader) -> Iterator[bytes]:
    """Of one that does not end no more than its beginning."""
    while line := file.readline(_LONGEST):
        yield line
        while not line.endswith(b"\n") and (line := file.readline(_LONGEST)):
            pass


def _is_heading(file: Path, line: bytes) -> bool:
    """Whether the first line names the columns; UsageError for a file that is something else."""
    line = line.removeprefix(b"\xef\xbb\xbf")
    if line.strip().lower() == _HEADINGS:
        return True
    for mark, words in _KNOWN.items():
        if line.lstrip().startswith(mark):
            raise UsageError(f"{file} is no table of OpenCelliD, so {_STAYS}: {words}.")
    if line.count(b",") == len(COLUMNS) - 1 and not line.lower().startswith(b"radio"):
        return False
    other = next((one for one in (b";", b"\t", b"|") if line.count(one) >= 10), None)
    words = f"a line has {len(COLUMNS)} columns, {COLUMNS[0]} to {COLUMNS[-1]}, in that order"
    if other is not None:
        words = "its columns are parted by something else than commas: give it as it comes"
    raise UsageError(f"{file} is no table of OpenCelliD, so {_STAYS}: {words}.")


def _parts(line: bytes) -> list[bytes]:
    parts = line.rstrip(b"\r\n").split(b",")
    if len(parts) != len(COLUMNS) or parts[0] != _RADIO or b"_" in line:
        raise ValueError
    return parts


def _row(parts: list[bytes]) -> Row:
    mcc, mnc, tac, ci = (_number(one) for one in parts[1:5])
    lon, lat = float(parts[6]), float(parts[7])
    range_m, samples = _number(parts[8] or b"0"), _number(parts[9] or b"0")
    is_there = -90 <= lat <= 90 and -180 <= lon <= 180 and (lat != 0 or lon != 0)
    # A zero here says that whoever measured knew no better.
    if not (is_there and 0 < tac <= _MOST_TAC and 0 < ci <= _MOST_CI and range_m <= MOST_RANGE_M):
        raise ValueError
    return Row(
        mcc=mcc,
        mnc=mnc,
        tac=tac,
        ci=ci,
        lat_e7=math.floor(lat * _E7 + 0.5),
        lon_e7=math.floor(lon * _E7 + 0.5),
        range_m=range_m,
        samples=min(samples, 1 << 30),
    )


def _number(text: bytes) -> int:
    if not text.isdigit() or len(text) > 12:
        raise ValueError
    return int(text)

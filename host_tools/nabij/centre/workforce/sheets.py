"""The sheets of the register as CSV files, with Dutch or English headings.

Files are read with either separator and either way to write a day; they are written as Dutch
spreadsheets want them: UTF-8 with a mark, and semicolons.
"""

import contextlib
import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from nabij.errors import UsageError

MOST_ROWS: Final = 200_000
_LONGEST: Final = 500
_YES: Final = {"ja", "yes", "j", "y", "1", "true", "waar"}
# What a spreadsheet takes for a formula. An apostrophe before it keeps it a text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_SEPARATORS: Final = (";", "\t", ",")
_NO: Final = {"nee", "no", "n", "0", "false", "onwaar"}


class Language(StrEnum):
    """Of headings."""

    NL = "nl"
    EN = "en"


@dataclass(frozen=True)
class Column:
    """`read` makes a value of a text, and raises ValueError with what is wanted instead."""

    key: str
    nl: str
    en: str
    read: Callable[[str], Any]
    optional: bool = False


def _text(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"at most {_LONGEST} characters")
    return " ".join(text.split())


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("a name")
    return _text(text)


def _day(text: str) -> dt.date:
    at = _parsed(text, ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"))
    if at is None:
        raise ValueError("a day as 2026-12-24 or 24-12-2026")
    return at.date()


def _moment(text: str) -> dt.datetime:
    """A local time, without an offset: that is the site's."""
    shapes = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d-%m-%Y %H:%M", "%Y-%m-%d %H:%M:%S")
    at = _parsed(text, shapes)
    if at is None:
        raise ValueError("a time as 2026-12-24 22:00 or 24-12-2026 22:00")
    return at


def _parsed(text: str, shapes: Sequence[str]) -> dt.datetime | None:
    for shape in shapes:
        with contextlib.suppress(ValueError):
            return dt.datetime.strptime(text.strip(), shape)  # noqa: DTZ007 - of its site's clock
    return None


def _yes(text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise ValueError("ja or nee, yes or no")
    return word in _YES


def _score(text: str) -> int:
    if text.strip() not in {"1", "2", "3", "4", "5"}:
        raise ValueError("1 to 5")
    return int(text)


@dataclass(frozen=True)
class Degrees:
    """Of latitude or longitude, times ten million; written as people do."""

    e7: int

    def __str__(self) -> str:
        return f"{self.e7 / 1e7:.7f}"


def _degrees(most: int) -> Callable[[str], Degrees]:
    def read(text: str) -> Degrees:
        wanted = ValueError(f"degrees as 52.00667, from -{most} to {most}")
        try:
            # Dutch spreadsheets write 52,00667.
            degrees = float(text.strip().replace(",", "."))
        except ValueError:
            raise wanted from None
        if not -most <= degrees <= most:
            raise wanted
        return Degrees(round(degrees * 1e7))

    return read


def _one_of(*names: tuple[str, ...]) -> Callable[[str], str]:
    """Of each tuple the first is kept, and each is understood."""

    def read(text: str) -> str:
        for one in names:
            if text.strip().lower() in one:
                return one[0]
        raise ValueError("one of " + ", ".join(name for one in names for name in one))

    return read


_LAT, _LON = _degrees(90), _degrees(180)

SHEETS: Final[Mapping[str, tuple[Column, ...]]] = {
    "workers": (
        Column("name", "naam", "name", _name),
        Column("born", "geboortedatum", "born", _day, optional=True),
        Column("role", "functie", "role", _text),
    ),
    "tasks": (
        Column("name", "taak", "task", _name),
        Column("article", "nooit_alleen", "never_alone", _text),
        Column("effect", "effect", "effect", _score),
        Column("probability", "kans", "probability", _score),
        Column("note", "toelichting", "note", _text),
    ),
    "permits": (
        Column("worker", "naam", "name", _name),
        Column(
            "sort",
            "soort",
            "sort",
            _one_of(("training", "opleiding"), ("permission", "toestemming"), ("fit", "geschikt")),
        ),
        Column("task", "taak", "task", _text),
        Column("site", "locatie", "site", _text),
        Column("granted", "verleend", "granted", _yes),
        Column("given_by", "door", "given_by", _name),
        Column("first", "vanaf", "from", _day),
        Column("last", "tot_en_met", "until", _day),
    ),
    "shifts": (
        Column("worker", "naam", "name", _name),
        Column("task", "taak", "task", _name),
        Column("site", "locatie", "site", _name),
        Column("begins", "begin", "begins", _moment),
        Column("ends", "einde", "ends", _moment),
        Column("alone", "alleen", "alone", _yes),
    ),
    "measures": (
        Column("task", "taak", "task", _text),
        Column("site", "locatie", "site", _text),
        Column("text", "maatregel", "measure", _name),
        Column("effectiveness", "doeltreffendheid", "effectiveness", _score),
        Column("owner", "verantwoordelijke", "owner", _name),
        Column("budget", "budget", "budget", _text),
        Column(
            "status",
            "status",
            "status",
            _one_of(("open", "open"), ("busy", "bezig"), ("done", "gereed")),
        ),
        Column("first", "begindatum", "begins", _day, optional=True),
        Column("last", "einddatum", "ends", _day, optional=True),
    ),
    "tags": (
        Column("site", "locatie", "site", _name),
        Column("room", "ruimte", "room", _name),
        Column("sort", "soort", "sort", _one_of(("ibeacon",), ("eddystone",), ("own", "eigen"))),
        Column("identity", "kenmerk", "identity", _name),
        Column("lat", "breedtegraad", "latitude", _LAT, optional=True),
        Column("lon", "lengtegraad", "longitude", _LON, optional=True),
    ),
}


def read(sheet: str, content: bytes) -> list[dict[str, Any]]:
    """The rows of a file; UsageError that names line and column of the first mistake."""
    lines = _lines(_decoded(content))
    try:
        titles = [title.strip().lower() for title in next(lines, [])]
        places = _places(sheet, titles)
        rows: list[dict[str, Any]] = []
        for cells in lines:
            if len(rows) == MOST_ROWS:
                raise UsageError(f"A file has at most {MOST_ROWS} rows: split it.")
            if any(map(str.strip, cells)):
                rows.append(_row(places, cells, lines.line_num))
    except csv.Error as error:
        raise UsageError(f"Line {lines.line_num} is no CSV ({error}): mend the file.") from error
    return rows


def _decoded(content: bytes) -> str:
    if content.startswith(b"PK"):
        raise UsageError("This is a workbook and no CSV: save the sheet as 'CSV UTF-8'.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("This file is not UTF-8: save it as 'CSV UTF-8'.") from error
    if "\0" in text:
        raise UsageError("This file is not UTF-8: save it as 'CSV UTF-8'.")
    return text


def _lines(text: str) -> Any:
    head, _, rest = text.partition("\n")
    # What some spreadsheets write above the headings.
    if head.lower().startswith("sep="):
        return csv.reader(io.StringIO(rest), delimiter=head.strip()[4:5] or ";")
    separator = next((one for one in _SEPARATORS if one in head), ";")
    return csv.reader(io.StringIO(text), delimiter=separator)


def write(sheet: str, rows: Iterable[Mapping[str, Any]], language: Language) -> str:
    """A file that `read` takes, with the mark of UTF-8 at its beginning."""
    columns = SHEETS[sheet]
    return write_table(
        [getattr(column, language) for column in columns],
        ([_cell(row[column.key], language) for column in columns] for row in rows),
    )


def write_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Any table as CSV; what a spreadsheet would take for a formula is kept a text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _places(sheet: str, titles: list[str]) -> list[tuple[int, Column]]:
    found, unknown = [], [title for title in titles if title]
    for column in SHEETS[sheet]:
        names = [title for title in (column.nl, column.en) if title in titles]
        if not names:
            raise UsageError(
                f"There is no column {column.nl} (or {column.en}): the first line has to have the "
                "heading of each column, without merged cells or a title above it."
            )
        found.append((titles.index(names[0]), column))
        unknown.remove(names[0])
    if unknown:
        raise UsageError(f"Column {unknown[0]} is not known here: remove it.")
    return found


def _row(places: list[tuple[int, Column]], cells: list[str], line: int) -> dict[str, Any]:
    row: dict[str, Any] = {"line": line}
    for place, column in places:
        text = _as_meant(cells[place]) if place < len(cells) else ""
        if column.optional and not text.strip():
            row[column.key] = None
            continue
        try:
            row[column.key] = column.read(text)
        except ValueError as error:
            raise UsageError(
                f"Line {line}: '{text[:40]}' is no {column.nl} ({column.en}): give {error}."
            ) from error
    return row


def _cell(value: object, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return {Language.NL: ("nee", "ja"), Language.EN: ("no", "yes")}[language][value]
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def _as_meant(cell: str) -> str:
    """What `_plain` was given: of 's-Hertogenbosch the apostrophe stays."""
    is_kept = cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA)
    return cell[1:] if is_kept else cell

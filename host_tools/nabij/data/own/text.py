"""The bytes of a table as text, whatever wrote them: encodings, and sheets as text."""

from __future__ import annotations

import codecs
import dataclasses
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.json_sheets import json_sheets
from nabij.data.own.labelled import Labelled, labelled
from nabij.data.own.long_table import is_long, long_sheets
from nabij.data.own.sheets import chosen
from nabij.data.own.vectors import vectors
from nabij.data.own.web_tables import web_tables
from nabij.data.sheet import read_sheets

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

# Of few letters beyond ASCII nobody can tell the code page: then these count.
_UNICODE: Final = ("ascii", "utf_8", "utf_16", "utf_16_le", "utf_16_be", "utf_32")
_WESTERN: Final = ("cp1252", "latin_1", "mac_roman")
_LEAST_LETTERS: Final = 6
_MARKED: Final = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
# Arabic, Persian, Devanagari, Bengali, Thai and wide digits.
_ZEROS: Final = (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10)
_SIGNS: Final = str.maketrans(
    {
        "\N{MINUS SIGN}": "-",
        "\N{FULLWIDTH HYPHEN-MINUS}": "-",
        "\N{ARABIC DECIMAL SEPARATOR}": ".",
        "\N{FULLWIDTH FULL STOP}": ".",
        "\N{ARABIC THOUSANDS SEPARATOR}": "",
        "\N{FULLWIDTH COMMA}": ",",
        "\N{FULLWIDTH SEMICOLON}": ";",
    }
    | {chr(first + digit): str(digit) for first in _ZEROS for digit in range(10)}
)
_BLANK_OF_THOUSANDS: Final = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3})")
_APOSTROPHE_OF_THOUSANDS: Final = re.compile(r"(?<=\d)['\u2019](?=\d{3})")
_HEAD_BYTES: Final = 1 << 18
_WORKBOOK: Final = frozenset({"mimetype", "[Content_Types].xml"})
_GT3X: Final = frozenset({"info.txt", "log.bin"})
_GUESSED_BYTES: Final = 1 << 16
_MARKUP: Final = re.compile(r"\s*<(!doctype|html|\?xml|table|head|meta|style|body)", re.IGNORECASE)
# A bracket before a number may be that of a vector.
_JSON: Final = re.compile(r'\s*(?:[\[{]\s*["{\[\]}]|\[\s*[-\d][^\]]*\]\s*$)', re.MULTILINE)
# As Python's objects it is some ten times as large.
_MOST_WHOLE_BYTES: Final = 1 << 27
_LEAST_FILLING: Final = 64
_NO_TEXT: Final = (
    "is not text, or a part of it is damaged: copy it again from where it was recorded, or export "
    "its samples as CSV"
)
_MARKS: Final = {
    b"PK\x03\x04": "a workbook",
    b"\xd0\xcf\x11\xe0": "a workbook",
    b"\x1f\x8b": "a gzip archive: unpack it",
    b"Rar!": "an archive: unpack it",
    b"7z\xbc\xaf": "an archive: unpack it",
    b"BZh": "an archive: unpack it",
    b"\xfd7zXZ": "an archive: unpack it",
    b"\x28\xb5\x2f\xfd": "an archive: unpack it",
    b"MATLAB ": "a MATLAB file: write its samples as CSV (writetable, writematrix)",
    b"\x89HDF": "an HDF5 file, as of MATLAB or APDM: export its samples as CSV",
    b"PAR1": "a Parquet file: export its samples as CSV",
    b"ARROW1": "an Arrow file: export its samples as CSV",
    b"\x93NUMPY": "a NumPy array: write it as CSV (numpy.savetxt)",
    b"\x80\x04\x95": "a Python pickle: write its samples as CSV",
    b"SQLite format 3": "a database: export its samples as CSV",
    b"%PDF": "a document, not a table",
    b"\x89PNG": "a picture, not a table",
}


def plain_signs(text: str) -> str:
    """Text with the digits and signs of other scripts as those of numbers.

    Without blanks and apostrophes between thousands, and semicolons that only end lines.
    """
    if not text.isascii():
        text = _BLANK_OF_THOUSANDS.sub("", text.translate(_SIGNS))
    if "'" in text:
        text = _APOSTROPHE_OF_THOUSANDS.sub("", text)
    # One sign is found much sooner than two.
    if ";" in text and ";\n" in text and text.count(";") == text.count(";\n") + text.endswith(";"):
        text = text.replace(";\n", "\n").removesuffix(";")
    return text


def is_encoding(name: str) -> bool:
    """True for the name of an encoding that makes text of any bytes."""
    try:
        b"0".decode(name, errors="replace")
        "0".encode(name, errors="replace")
    except (LookupError, ValueError):
        return False
    return True


def is_workbook(path: Path) -> bool:
    """True for a file that begins as workbooks do, whatever its ending."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError:
        return False
    return any(head == mark for mark, what in _MARKS.items() if what == "a workbook")


@dataclass(frozen=True)
class Text:
    """The text of a table, to be opened as often as one likes; `head` is its beginning.

    `chars` is about how long it is; `sure` is False when another encoding is as likely.
    """

    name: str
    encoding: str
    head: str
    chars: int
    _path: Path | None = None
    _content: str = ""
    sheet: str = ""
    sure: bool = True
    # All sheets of a workbook, and those that another choice would have taken.
    sheets: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    # Where each line names its numbers.
    labels: Labelled | None = None

    def plain(self, block: str) -> str:
        """Lines of it with numbers as we write them, and without names on each line."""
        signs = plain_signs(block)
        return self.labels.plain(signs) if self.labels else signs

    def open(self) -> IO[str]:
        """From the beginning, behind a byte order mark; bytes that are no text become U+FFFD."""
        if self._path is None:
            return io.StringIO(self._content)
        return self._path.open(encoding=self.encoding, errors="replace")


def text_of(path: Path, name: str, told: Told) -> Text:
    """The text of a file; UnusableFileError for what is no table, with what to do instead."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            whole = not file.read(1)
    except OSError as error:
        raise UnusableFileError(f"{name} cannot be read: {error.strerror}.") from error
    if not head.strip():
        raise UnusableFileError(f"{name} is empty.")
    # Where a logger lost its power.
    filled = head.rstrip(b"\0")
    if filled and len(head) - len(filled) >= _LEAST_FILLING:
        head = filled + head[len(filled) :][: -len(filled) % 4]
    kind = next((what for mark, what in _MARKS.items() if head.startswith(mark)), "")
    if kind == "a workbook":
        return _workbook(path, name, told)
    if kind:
        raise UnusableFileError(f"{name} is {kind}.")
    encoding, sure = _encoding(name, head, told)
    if not whole:
        head = head[: head.rindex(b"\n") + 1] if b"\n" in head else head
    text = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    if text.count("\0") > len(text) // 10:
        raise UnusableFileError(f"{name} {_NO_TEXT}.")
    text = plain_signs(text.replace("\r\n", "\n").replace("\r", "\n"))
    chars = round(path.stat().st_size * len(text) / max(1, len(head)))
    labels = None if told.separator else _labels(text)
    start = Text(name, encoding, text, chars, path, sure=sure, labels=labels)
    found = None if labels or told.separator else _sheets_in(path, start, told)
    if found is not None:
        return found
    return dataclasses.replace(start, head=labels.plain(text)) if labels else start


def _encoding(name: str, head: bytes, told: Told) -> tuple[str, bool]:
    """The encoding of a text that begins so, and whether that is sure."""
    if told.encoding:
        found = codecs.lookup(told.encoding).name
        if found in _MARKED and not head.startswith(_MARKED[found]):
            # Without its mark only an order of bytes that is named can be read.
            width = 2 if found == "utf-16" else 4
            low_first = head[width - 1 :: width].count(0) >= head[::width].count(0)
            found += "-le" if low_first else "-be"
        return ("utf-8-sig" if found == "utf-8" else found), True
    probe = head[:_GUESSED_BYTES]
    if len(probe) == _GUESSED_BYTES and b"\n" in probe:
        probe = probe[: probe.rindex(b"\n")]
    best = _guess(probe, [*_UNICODE, *_WESTERN])
    if best is None or best.encoding not in _UNICODE:
        other = _code_page(probe)
        if other is not None:
            return other
    if best is None:
        raise UnusableFileError(f"{name} {_NO_TEXT}.")
    # What is ASCII so far may have an umlaut later.
    if best.encoding in {"ascii", "utf_8"}:
        return "utf-8-sig", True
    return best.encoding, best.encoding in _UNICODE


def _guess(text: bytes, among: Sequence[str] = ()) -> CharsetMatch | None:
    import charset_normalizer  # noqa: PLC0415 - an extra

    return charset_normalizer.from_bytes(text, cp_isolation=[*among] or None).best()


def _code_page(probe: bytes) -> tuple[str, bool] | None:
    """Another code page than the Western ones, where letters show it, and whether well."""
    # Digits say nothing and are nearly all there is.
    telling = b"\n".join(line for line in probe.split(b"\n") if not line.isascii())
    if sum(byte > 0x7F for byte in telling) < _LEAST_LETTERS or b"\0" in telling:
        return None
    western = _guess(telling, _WESTERN)
    best = _guess(telling)
    if best is None or (western is not None and western.coherence > 0):
        return None
    shown = best.coherence > 0 or best.multi_byte_usage > 0
    return (best.encoding, shown) if shown or western is None else None


def _workbook(path: Path, name: str, told: Told) -> Text:
    kind = _archive(path)
    if kind:
        raise UnusableFileError(f"{name} is {kind}.")
    return _of_sheets(name, read_sheets(path, name), told, "workbook")


def _of_sheets(
    name: str, sheets: Mapping[str, Sequence[Sequence[Any]]], told: Told, form: str
) -> Text:
    sheet = chosen(name, sheets, told.sheet)
    head = sheet.content[:_HEAD_BYTES]
    if len(head) < len(sheet.content):
        head = head[: head.rindex("\n") + 1]
    return Text(
        name=name,
        encoding=form,
        head=head,
        chars=len(sheet.content),
        _content=sheet.content,
        sheet=sheet.name,
        sheets=sheet.others,
        also=sheet.also,
    )


def _labels(head: str) -> Labelled | None:
    return labelled(head) or (None if _JSON.match(head) else vectors(head))


def has_sheets(path: Path) -> bool:
    """True for a file in which there may be several tables, whatever its ending."""
    if is_workbook(path):
        return True
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode("utf-8-sig", errors="replace")
    except OSError:
        return False
    head = head.replace("\r\n", "\n")
    return _labels(head) is None and bool(
        _MARKUP.match(head) or _JSON.match(head) or is_long(head)
    )


def _sheets_in(path: Path, start: Text, told: Told) -> Text | None:
    """The text of a file that begins so, where it is more than lines of cells; None: it is not."""
    name, head = start.name, start.head
    if _MARKUP.match(head):
        return _of_sheets(name, web_tables(name, _whole(path, start)), told, "web page")
    if _JSON.match(head):
        return _of_sheets(name, json_sheets(name, _whole(path, start)), told, "JSON")
    if is_long(head):
        sheets = long_sheets(name, _whole(path, start))
        return _of_sheets(name, sheets, told, "one axis a line")
    return None


def _whole(path: Path, start: Text) -> str:
    """All of a text that can only be read as a whole."""
    if path.stat().st_size > _MOST_WHOLE_BYTES:
        raise UnusableFileError(
            f"{start.name} is too large to be read as a whole, which its form needs: export it as "
            "CSV with x, y and z side by side."
        )
    with start.open() as file:
        return plain_signs(file.read())


def _archive(path: Path) -> str:
    """What a zip archive is that is no workbook; empty: it is one, or no archive."""
    if not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    if names >= _GT3X:
        return "ActiGraph's own file: export raw data as CSV with ActiLife"
    is_workbook = names & _WORKBOOK or any(one.startswith("xl/") for one in names)
    return "" if is_workbook else "a zip archive: unpack it"

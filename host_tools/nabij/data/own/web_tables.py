"""Tables of web pages and of Excel's XML, which programs save under the name of a workbook."""

from html.parser import HTMLParser
from typing import Final

from nabij.data.common import UnusableFileError

_ROW: Final = frozenset({"tr", "row"})
_CELL: Final = frozenset({"td", "th", "cell"})
_TABLE: Final = frozenset({"table", "worksheet"})
# Excel has no more columns.
_MOST_COLUMNS: Final = 16_384


def web_tables(name: str, text: str) -> dict[str, list[list[str]]]:
    """The tables in a text of HTML or XML by name; UnusableFileError when there is none."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    tables = {one: rows for one, rows in reader.tables.items() if rows}
    if not tables:
        raise UnusableFileError(
            f"{name} is HTML or XML without a table, whatever its ending: save it as a workbook "
            "(.xlsx) or as CSV."
        )
    return tables


class _Reader(HTMLParser):
    """Collects the cells between the tags, whatever prefix these have."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._is_in_cell = False
        # Columns that the cell before takes beside its own.
        self._beside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = tag.rpartition(":")[2]
        given = {key.rpartition(":")[2]: value or "" for key, value in attrs}
        if kind in _TABLE and not (kind == "table" and self.tables and not self._rows):
            self._rows = []
            self.tables[given.get("name") or f"table {len(self.tables) + 1}"] = self._rows
        elif kind in _ROW:
            self._rows.append([])
            self._is_in_cell = False
            self._beside = 0
        elif kind in _CELL and self._rows:
            row = self._rows[-1]
            # Excel leaves out empty cells, and numbers the next one.
            row += [""] * max(self._beside, _number(given.get("index", "")) - 1 - len(row))
            row.append("")
            self._is_in_cell = True
            self._beside = _number(given.get("colspan", "")) - 1

    def handle_endtag(self, tag: str) -> None:
        if tag.rpartition(":")[2] in _CELL | _ROW | _TABLE:
            self._is_in_cell = False

    def handle_data(self, data: str) -> None:
        if self._is_in_cell and (words := data.strip()):
            row = self._rows[-1]
            row[-1] = f"{row[-1]} {words}".strip()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and int(text) <= _MOST_COLUMNS else 0

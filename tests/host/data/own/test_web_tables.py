"""Web pages and Excel's XML under the name of a workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.recording import read_own
from nabij.data.own.web_tables import web_tables
from tests.host.data.own.timed import rate_of
from tests.host.data.tables import walk

ACC = walk(400)
Form = Callable[[list[tuple[str, ...]]], str]
NAMES = ("Time (s)", "X (g)", "Y (g)", "Z (g)")
ROWS = [(f"{at / 100:.2f}", *(f"{one:.4f}" for one in row)) for at, row in enumerate(ACC.tolist())]


def html(rows: list[tuple[str, ...]]) -> str:
    cells = ("".join(f"<TD align=right>{cell}</TD>" for cell in row) for row in rows)
    return f"<html><body><p>Export</p><table><tr>{'</tr><tr>'.join(cells)}</tr></table></html>"


def excel_xml(rows: list[tuple[str, ...]]) -> str:
    """As Excel 2003 writes it: an empty first column is left out, and the next one numbered."""
    first, other = '<Cell ss:Index="2"><Data>', "<Cell><Data>"
    lines = (first + f"</Data></Cell>{other}".join(row) + "</Data></Cell>" for row in rows)
    table = "".join(f"<Row>{line}</Row>" for line in lines)
    return (
        '<?xml version="1.0"?><Workbook xmlns:ss="urn:x"><Worksheet ss:Name="Notes"><Table><Row>'
        '<Cell><Data>by Ann</Data></Cell></Row></Table></Worksheet><Worksheet ss:Name="Walk">'
        f"<Table>{table}</Table></Worksheet></Workbook>"
    )


@pytest.mark.parametrize("form", [html, excel_xml])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_its_table_is_read(tmp_path: Path, form: Form, encoding: str) -> None:
    file = tmp_path / "walk.xls"
    file.write_text(form([NAMES, *ROWS]), encoding=encoding)
    own = read_own(file, file.name, Told())
    assert rate_of(own) == [100]
    assert own.taken.unit == "g (by its heading)"
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1


def test_a_cell_over_several_columns_moves_those_behind_it() -> None:
    text = "<table><tr><th>t<th colspan=3>Acceleration<th>T</tr><tr><td>0<td>1<td>2<td>3<td>20"
    rows = web_tables("one.xls", text)["table 1"]
    assert rows == [["t", "Acceleration", "", "", "T"], ["0", "1", "2", "3", "20"]]


@pytest.mark.parametrize("text", ["<html><p>Log in first</p></html>", "<?xml?><gpx></gpx>"])
def test_a_page_without_a_table_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.xls").write_text(text)
    with pytest.raises(UnusableFileError, match="HTML or XML without a table"):
        read_own(tmp_path / "one.xls", "one.xls", Told())

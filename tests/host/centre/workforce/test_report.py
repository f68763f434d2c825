"""The files of the risk assessment as a spreadsheet opens them, and what the page says."""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nabij.centre.workforce import rie, rows
from nabij.centre.workforce.report import write_all
from nabij.centre.workforce.sheets import Language
from tests.host.centre.deadline_world import World, message
from tests.host.centre.workforce.yard import ALL, SHIFT, filled, ms

SPAN = ms("2027-02-01"), ms("2027-04-01")
FORMULA = '=HYPERLINK("http://x";"€ 5")'
SOFFICE = shutil.which("soffice")


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """With a measure that is a formula, and a name whose letters spreadsheets lose."""
    filled(world, ALL, SHIFT)
    world.take(message())
    measure = {
        "line": 2,
        "task": "ronde",
        "site": "Yard",
        "text": FORMULA,
        "effectiveness": 4,
        "owner": "Zoë Ümit",
        "budget": "-500",
        "status": "open",
        "first": dt.date(2027, 1, 1),
        "last": dt.date(2027, 2, 1),
    }
    world.store.write(lambda one: rows.keep(one, "measures", [measure]))
    document = world.store.read(lambda one: rie.build(one, *SPAN))
    annex = world.store.read(lambda one: rie.names(one, *SPAN))
    write_all(tmp_path / "rie", document, Language.NL, annex)
    return tmp_path / "rie"


def test_the_page_has_the_figures_and_no_name(folder: Path) -> None:
    page = (folder / "rie.html").read_text()
    for words in (
        "Maatregelen: 1 open, waarvan 1 over tijd",
        "Dekking: 0 keer",
        "bewaker",
        "ma 22:00-06:00",
    ):
        assert words in page
    assert "Anna" not in page
    assert "<script" not in page
    assert "href" not in page
    for name in ("lone_work", "measures", "incidents", "figures"):
        text = (folder / f"{name}.csv").read_bytes()
        assert text.startswith(b"\xef\xbb\xbf")
        assert b"Anna" not in text
    assert "Anna" in (folder / "names.csv").read_text()


@pytest.mark.skipif(
    SOFFICE is None, reason="There is no LibreOffice here: install libreoffice-calc."
)
def test_libreoffice_opens_the_tables_as_they_are_meant(folder: Path) -> None:
    """UTF-8 by its mark, a column a heading, and a formula that stays a text."""
    profile = folder / "profile"
    # 59: semicolons; 34: quotes; 76: UTF-8; and each cell as it is shown.
    out = "csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,true,false"
    files = [str(folder / f"{name}.csv") for name in ("measures", "lone_work", "figures")]
    done = subprocess.run(
        [
            SOFFICE or "",
            f"-env:UserInstallation=file://{profile}",
            *("--headless", "--infilter=CSV:59,34,76,1", "--convert-to", out),
            *("--outdir", str(folder / "opened"), *files),
        ],
        env={**os.environ, "HOME": str(folder)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    heads, row = opened(folder, "measures")
    assert heads[:4] == ["taak", "locatie", "maatregel", "doeltreffendheid"]
    # With the apostrophe, as a text: nothing was run, and no number was made of a sum of money.
    assert row[2] == f"'{FORMULA}"
    assert row[4:7] == ["Zoë Ümit", "'-500", "open"]
    heads, row = opened(folder, "lone_work")
    assert dict(zip(heads, row, strict=True))["tijdvak"] == "ma 22:00-06:00"
    assert ["open_measures", "overdue", "1"] in opened(folder, "figures")


def opened(folder: Path, name: str) -> list[list[str]]:
    """The cells of a table as LibreOffice shows them."""
    with (folder / "opened" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter="\t"))

"""Tables of one's own: what programs write is read at its true rate and size, or refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from nabij.errors import NabijError
from tests.host.data.importing import imported
from tests.host.data.tables import KINDS, walk
from tests.places import REPO


@pytest.mark.parametrize("kind", KINDS)
def test_what_programs_write_is_read_at_its_true_rate_and_size(kind: str, tmp_path: Path) -> None:
    acc = walk()
    file = KINDS[kind].write(tmp_path / "one.csv", acc, 100)
    bundle, problems = imported("csv", file, tmp_path / "out")
    (row,) = bundle.rows
    assert problems == []
    assert row.rate_hz == pytest.approx(100, rel=1e-3)
    assert np.abs(row.samples - acc * 1000).max() <= 1
    assert row.extra["quality"] == ""


def test_the_shared_cases_import_at_their_true_rate_or_say_what_helps(tmp_path: Path) -> None:
    folder = REPO.parent / "shared" / "cases" / "csv"
    if not folder.is_dir():
        pytest.skip("no shared cases here")
    bundle, problems = imported("csv", folder, tmp_path / "out")
    assert {row.rate_hz for row in bundle.rows} == {100}
    # counts.csv is refused with the factor that fits; gap.csv gives two.
    assert len(bundle.rows) == len(list(folder.glob("*.csv")))
    assert any("--scale 0.4883 fits a sensor with 2048 counts" in one for one in problems)
    assert {row.trial_id for row in bundle.rows} >= {"gap_p1", "gap_p2"}
    whole = {row.trial_id: row.samples for row in bundle.rows if row.trial_id != "nan"}
    for name in ("dup", "dupall", "utf16", "quoted", "iso", "imu6_epoch", "nl_excel"):
        assert len(whole[name]) == 2000
        assert np.abs(whole[name].astype(int) - whole["phyphox"]).max() <= 1


@pytest.mark.parametrize("times", ["seconds", "dates", "text"])
def test_a_workbook_is_read_as_a_table(tmp_path: Path, times: str) -> None:
    acc = walk(300)
    book = openpyxl.Workbook()
    book.create_sheet("About").append(["Device", "telephone"])
    sheet = book.create_sheet("Metingen")
    sheet.append(["tijd (s)" if times == "seconds" else "tijd", "x (g)", "y (g)", "z (g)"])
    start = dt.datetime(2026, 11, 3, 8, 15, tzinfo=dt.UTC).replace(tzinfo=None)
    for at, row in enumerate(acc.tolist()):
        when = {"seconds": at / 100, "dates": start + dt.timedelta(milliseconds=10 * at)}
        cells = [when.get(times, f"{at / 100:.2f}".replace(".", ",")), *row]
        if times == "text":
            # Numbers that a spreadsheet took for words.
            cells = [cells[0], *(f"{value:.5f}".replace(".", ",") for value in row)]
        sheet.append(cells)
    book.save(tmp_path / "one.xlsx")
    bundle, problems = imported("csv", tmp_path / "one.xlsx", tmp_path / "out")
    (row,) = bundle.rows
    assert problems == []
    assert row.rate_hz == 100
    assert np.abs(row.samples - acc * 1000).max() <= 1


def test_a_logger_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "one.cwa").write_bytes(b"MD" + bytes(5000))
    with pytest.raises(NabijError, match=r"export it as CSV with OmGui"):
        imported("csv", tmp_path / "one.cwa", tmp_path / "out")

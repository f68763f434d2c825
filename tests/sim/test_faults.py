"""Every fault of the table docs/faults.md, lived through on the whole badge."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.virtual.badge import Run
from sim.options.option import OptionError
from tests.places import DOCS
from tests.sim.faults import day
from tests.sim.faults.__main__ import with_table
from tests.sim.faults.day import Columns, Row
from tests.worlds import Site

ROWS = list(day.rows())
# Nothing drives INT1 then, and in sleep nothing pulls it.
LEFT_FLOATING = ("sensor: not there",)


def floating(run: Run) -> set[str]:
    """What was without a level in a sleep: an output's load, or an input that ends sleeps."""
    said = {str(fact["sleep"]) for fact in run.facts if "sleep" in fact}
    return {what for what in ("output", "input") if f"lets an {what} float" in said}


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_day_of_a_fault_goes_as_the_table_says(site: Site, tmp_path: Path, row: Row) -> None:
    found, run = day.live(row, site, tmp_path)
    assert found == row.expected
    assert floating(run) == ({"input"} if row.id in LEFT_FLOATING else set())
    most = row.given["restarts"]
    assert most is None or len(run.exit_codes) <= 1 + most, run.exit_codes


def test_a_day_without_a_fault_is_told_to_nobody(site: Site, tmp_path: Path) -> None:
    given = {**ROWS[0].given, "when": []}
    found, run = day.live(Row("none", "none", given, ROWS[0].expected), site, tmp_path)
    assert found == Columns("yes", "yes", (), ())
    assert run.exit_codes == [0]


def test_the_table_is_that_of_the_page() -> None:
    page = (DOCS / "faults.md").read_text(encoding="utf-8")
    assert with_table(page) == page, (
        "docs/faults.md is old: python -m tests.sim.faults --write docs/faults.md"
    )


def test_every_kind_of_fault_has_its_rows() -> None:
    assert len(ROWS) >= 60
    assert len({row.id for row in ROWS}) == len(ROWS)
    assert {row.group for row in ROWS} >= {
        *("sensor", "flash", "modem", "tasks", "memory", "usb", "clock", "config"),
    }


def test_a_row_that_cannot_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sensor.toml").write_text('[[fault]]\nname = "x"\nwhem = []\n')
    monkeypatch.setattr(day, "FOLDER", tmp_path)
    with pytest.raises(OptionError, match="whem"):
        list(day.rows())

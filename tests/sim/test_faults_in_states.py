"""Faults of the table while an update is on trial, or as a shift ends: they cost no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.sim.faults import day
from tests.sim.faults.patches import PATCHES
from tests.sim.lives import felt
from tests.worlds import Site

BY_ID = {row.id: row for row in day.rows()}
ON_TRIAL = """
from badge.tasks.usb.updater import Updater
Updater.is_on_trial = lambda self: True
"""


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    "fault",
    [
        "flash: no write works",
        "tasks: timers hang at every start",
        "tasks: alarms hang in the pre-alarm",
    ],
)
def test_while_an_update_is_on_trial(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """It may start anew more often, so that the update is left; no alarm is lost by that."""
    row = BY_ID[fault]
    monkeypatch.setitem(PATCHES, "an update is on trial", ON_TRIAL)
    patch = day.AND.join(filter(None, ["an update is on trial", row.given["patch"]]))
    found, run = day.live(replace(row, given={**row.given, "patch": patch}), site, tmp_path)
    assert found == row.expected
    assert len(run.exit_codes) <= 3


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    "fault",
    ["flash: no write works", "tasks: timers keeps dying", "tasks: buttons keeps dying"],
)
def test_as_a_shift_ends_between_the_fall_and_the_squeeze(
    site: Site, tmp_path: Path, fault: str
) -> None:
    row = BY_ID[fault]
    settings = {**row.given["settings"], "shift_min": 1}
    found, run = day.live(replace(row, given={**row.given, "settings": settings}), site, tmp_path)
    assert found == row.expected
    assert felt(run).count("SHIFT_ENDED") == 1

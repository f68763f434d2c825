"""What the third look ends, and what it leaves to those who stay down and who get up."""

from __future__ import annotations

from pathlib import Path

import pytest

from badge.core.detector import detect
from nabij.data import bundles
from nabij.detector.decide import Decision
from nabij.measure import third_look
from nabij.replay.outcome import Outcome, Raised, judge_worn
from tests.host.replay import bundle
from tests.host.replay.bundle import Made

LONG = bundle.stands() * 4
KEPT = [Decision(1040, detect.EV_FALL, 832), Decision(1664, detect.EV_CONFIRMED, 832)]
FALL = [Raised("man_down", 1040, 3120, "confirmed")]
TILT = [Raised("tilt", 2000, 4080)]


def _worn(folder: Path, *told: tuple[str, bool, list[Decision], list[Raised]]) -> list[Outcome]:
    """Outcomes of recordings: activity, whether it is a fall, decisions, alarms."""
    rows = [
        Made(str(k), LONG, is_fall=is_fall, activity=activity)
        for k, (activity, is_fall, _, _) in enumerate(told)
    ]
    trials = bundles.load_bundle(bundle.write(folder, rows)).rows
    return [
        judge_worn(trial, trial.samples, events, [one.cause for one in raised], raised)
        for trial, (_, _, events, raised) in zip(trials, told, strict=True)
    ]


def test_alarms_and_falls_are_counted_where_they_belong(tmp_path: Path) -> None:
    rec = "Fall F, walking, trip, rec"
    off = _worn(
        tmp_path / "off",
        ("bed", False, KEPT, FALL),
        ("lies", False, [], TILT),
        ("fall", True, KEPT, FALL),
        ("faint", True, [], TILT),
        (rec, True, KEPT, FALL),
    )
    on = _worn(
        tmp_path / "on",
        ("bed", False, KEPT, []),
        ("lies", False, [], TILT),
        ("fall", True, KEPT, FALL),
        ("faint", True, [], TILT),
        (rec, True, KEPT, []),
    )
    up = _worn(tmp_path / "up", ("fall", True, KEPT, []), ("faint", True, [], TILT))
    hours = 2 * len(LONG) / 104 / 3600
    assert third_look.cells((off, on), (off, up)) == (
        "2 -> 1 of 2",
        "1 -> 0",
        f"{2 / hours:.2f} -> {1 / hours:.2f}",
        f"{2 / hours:.1f} -> {1 / hours:.1f}",
        "2 -> 2 of 2",
        "1 -> 0 of 1",
    )


def test_where_nobody_falls_nothing_is_said_of_falls(tmp_path: Path) -> None:
    one = _worn(tmp_path / "x", ("sits", False, [], []))
    assert third_look.cells((one, one), (one, one))[-2:] == ("", "")


def test_a_folder_without_bundles_is_an_error_of_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert third_look.main([str(tmp_path)]) == 2
    assert "There are no bundles in" in capsys.readouterr().err


def test_both_looks_are_worn_where_no_table_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle.write(tmp_path / "x", [Made("0", bundle.stands(), is_fall=False)])
    assert third_look.main([str(tmp_path), "--only", "belt"]) == 0
    out = capsys.readouterr().out
    assert "belt as shipped, where no table is judged: fall_clear_mg 0 -> 60" in out
    assert "0 -> 0 of 1" in out
    assert "people held out" not in out

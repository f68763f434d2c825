"""The lines of the published tables: what each figure counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from badge.core.detector import detect
from nabij.data import bundles
from nabij.data.bundles import Trial
from nabij.detector import decide
from nabij.detector.decide import Event
from nabij.measure import accuracy
from nabij.replay.outcome import Outcome, judge
from tests.host.replay import bundle
from tests.host.replay.bundle import Made

LONG = bundle.stands() * 4
SEEN, KEPT, BACK = detect.EV_FALL, detect.EV_CONFIRMED, detect.EV_RECOVERED


def _outcomes(folder: Path, *made: tuple[str, bool, list[tuple[int, int]]]) -> list[Outcome]:
    """Outcomes of events (seconds, bits) in recordings of 72 s of these activities."""
    rows = [
        Made(str(k), LONG, is_fall=is_fall, activity=activity)
        for k, (activity, is_fall, _) in enumerate(made)
    ]
    trials: tuple[Trial, ...] = bundles.load_bundle(bundle.write(folder, rows)).rows
    return [
        judge(trial, trial.samples, [Event(104 * s, bits, 104 * (s - 2)) for s, bits in told])
        for trial, (_, _, told) in zip(trials, made, strict=True)
    ]


def _cells(capsys: pytest.CaptureFixture[str], outcomes: list[Outcome]) -> list[str]:
    accuracy.show(outcomes)
    return capsys.readouterr().out.splitlines()[1].split()


def test_every_false_alarm_and_every_pre_alarm_of_a_recording_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = [(10, SEEN), (16, KEPT), (30, SEEN), (36, KEPT), (50, SEEN), (56, BACK)]
    found = _cells(capsys, _outcomes(tmp_path / "x", ("bed", False, twice), ("sits", False, [])))
    hours = 2 * len(LONG) / 104 / 3600
    assert found[:4] == ["x/neck", "1/0", "1/2", "50.0"]
    assert f"{2 / hours:.2f}" in found
    assert f"{3 / hours:.1f}" in found


def test_who_got_up_is_up_only_if_no_alarm_was_left_standing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rec = "Fall F, walking, trip, rec"
    made = [
        (rec, True, [(10, SEEN), (16, BACK)]),
        (rec, True, [(10, SEEN), (16, BACK), (30, SEEN), (36, KEPT)]),
        (rec, True, [(10, SEEN), (16, KEPT)]),
        (rec, True, []),
    ]
    outcomes = _outcomes(tmp_path / "x", *made)
    assert all(decide.gets_up_again(one.trial.activity) for one in outcomes)
    found = _cells(capsys, outcomes)
    assert found[1:4] == ["1/1", "3/4", "75.0"]
    assert found[-3] == "25.0"


def test_what_was_decided_after_a_recording_ended_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = [(70, SEEN), (76, KEPT)]
    accuracy.show(_outcomes(tmp_path / "x", ("bed", False, late), ("sits", False, [])))
    assert "1 of 2 recordings were decided in their tail." in capsys.readouterr().out


def test_the_interval_by_people_is_as_wide_as_people_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def of_people(name: str, seen: list[list[bool]]) -> str:
        rows = [
            Made(f"{person}_{k}", LONG, is_fall=True, subject=f"P{person}")
            for person, theirs in enumerate(seen)
            for k in range(len(theirs))
        ]
        trials = bundles.load_bundle(bundle.write(tmp_path / name, rows)).rows
        told = [one for theirs in seen for one in theirs]
        events = [[Event(1040, SEEN, 832), Event(1664, KEPT, 832)] if hit else [] for hit in told]
        outcomes = [
            judge(one, one.samples, found) for one, found in zip(trials, events, strict=True)
        ]
        return " ".join(_cells(capsys, outcomes))

    # All alike: other people would make no difference. One of four is never seen: it is all.
    assert "75.0-75.0" in of_people("alike", [[True, True, True, False]] * 4)
    assert "25.0-100.0" in of_people("apart", [[True] * 4] * 3 + [[False] * 4])

"""The lines of the published tables: what each figure counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from badge.core.detector import detect
from nabij.data import bundles
from nabij.data.bundles import Trial
from nabij.detector import decide
from nabij.detector.decide import Decision
from nabij.measure import lines
from nabij.measure.held_out import Judged
from nabij.replay.outcome import Outcome, Raised, judge, judge_worn
from tests.host.replay import bundle
from tests.host.replay.bundle import Made

LONG = bundle.stands() * 4
SEEN, KEPT, BACK = detect.EV_FALL, detect.EV_CONFIRMED, detect.EV_RECOVERED


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """As into a file: one line a row."""
    monkeypatch.delenv("COLUMNS", raising=False)


def _outcomes(folder: Path, *made: tuple[str, bool, list[tuple[int, int]]]) -> list[Outcome]:
    """Outcomes of events (seconds, bits) in recordings of 72 s of these activities."""
    rows = [
        Made(str(k), LONG, is_fall=is_fall, activity=activity)
        for k, (activity, is_fall, _) in enumerate(made)
    ]
    trials: tuple[Trial, ...] = bundles.load_bundle(bundle.write(folder, rows)).rows
    return [
        judge(trial, trial.samples, [Decision(104 * s, bits, 104 * (s - 2)) for s, bits in told])
        for trial, (_, _, told) in zip(trials, made, strict=True)
    ]


def _cells(capsys: pytest.CaptureFixture[str], outcomes: list[Outcome]) -> list[str]:
    lines.show(Judged(outcomes, []))
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
    lines.show(Judged(_outcomes(tmp_path / "x", ("bed", False, late), ("sits", False, [])), []))
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
        events = [
            [Decision(1040, SEEN, 832), Decision(1664, KEPT, 832)] if hit else [] for hit in told
        ]
        outcomes = [
            judge(one, one.samples, found) for one, found in zip(trials, events, strict=True)
        ]
        return " ".join(_cells(capsys, outcomes))

    # All alike: other people would make no difference. One of four is never seen: it is all.
    assert "75.0-75.0" in of_people("alike", [[True, True, True, False]] * 4)
    assert "25.0-100.0" in of_people("apart", [[True] * 4] * 3 + [[False] * 4])


def test_soft_falls_have_a_column_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    falls = _outcomes(tmp_path / "x", ("fall", True, [(10, SEEN), (16, KEPT)]), ("fall", True, []))
    lines.show(Judged(falls, [falls[1], falls[0], falls[1]]))
    head, line = capsys.readouterr().out.splitlines()[:2]
    column = head.index("soft (k = 0.5)")
    assert line[column : column + 14].strip() == "33.3"


def test_of_soft_and_worn_falls_too_other_people_would_make_a_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [Made(str(k), LONG, is_fall=True, subject=f"P{k // 2}") for k in range(6)]
    trials = bundles.load_bundle(bundle.write(tmp_path / "x", rows)).rows
    seen = [Decision(1040, SEEN, 832), Decision(1664, KEPT, 832)]
    soft = [judge(one, one.samples, seen if one.subject != "P0" else []) for one in trials]
    plain = [judge(one, one.samples, seen) for one in trials]
    lines.show(Judged(plain, soft))
    head, line = capsys.readouterr().out.splitlines()[:2]
    column = head.index("soft by people")
    assert "100.0-100.0" in line[:column]
    assert line[column : column + 14].strip() == "0.0-100.0"
    alarm = [Raised("man_down", 900, 2980, "confirmed")]
    lines.show_worn(
        [judge_worn(one.trial, one.acc, [], [], alarm if one.alarms else []) for one in soft]
    )
    head, line = capsys.readouterr().out.splitlines()[:2]
    column = head.index("by people")
    assert line[: column + 9].split()[-1] == "0.0-100.0"


def test_a_worn_badge_s_line_says_what_raised_alarms_and_how_often_it_was_felt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fell, missed, bed = _outcomes(
        tmp_path / "x", ("fall", True, []), ("fall", True, []), ("bed", False, [])
    )
    outcomes = [
        judge_worn(fell.trial, fell.acc, [], ["tilt"], [Raised("tilt", 900, 2980)]),
        judge_worn(missed.trial, missed.acc, [], [], []),
        judge_worn(bed.trial, bed.acc, [], ["man_down", "tilt"], [Raised("man_down", 900, 2980)]),
    ]
    lines.show_worn(outcomes, ["x/neck"])
    line = capsys.readouterr().out.splitlines()[1]
    hours = len(LONG) / 104 / 3600
    assert "1/2 50.0 %" in line
    assert "tilt 1, none 1" in line
    assert "man_down 1" in line
    assert line.split()[-6:] == [f"{2 / hours:.1f}", "man_down", "1,", "tilt", "1", "1"]


def test_who_was_up_again_without_an_alarm_is_told_apart_from_who_was_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rec = "Fall F, walking, trip, rec"
    up, missed = _outcomes(tmp_path / "x", (rec, True, [(10, SEEN)]), (rec, True, []))
    lines.show_worn(
        [
            judge_worn(up.trial, up.acc, up.events, ["man_down"], []),
            judge_worn(missed.trial, missed.acc, [], [], []),
        ],
        ["x/neck"],
    )
    line = capsys.readouterr().out.splitlines()[1]
    assert "1/2 50.0 %" in line
    assert "up again 1, none 1" in line


def test_alarms_of_who_stays_down_do_not_count_who_got_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rec = "Fall F, walking, trip, rec"
    told = [(rec, True, [(10, SEEN)]), ("fall", True, []), ("fall", True, []), ("fall", True, [])]
    up, *down = _outcomes(tmp_path / "x", *told)
    alarm = [Raised("rest", 900, 2980)]
    lines.show_worn(
        [
            judge_worn(up.trial, up.acc, up.events, ["man_down"], []),
            judge_worn(down[0].trial, down[0].acc, [], ["rest"], alarm),
            *(judge_worn(one.trial, one.acc, [], [], []) for one in down[1:]),
        ]
    )
    line = capsys.readouterr().out.splitlines()[1]
    assert "2/4 50.0 %" in line
    assert "1/3 33.3 %" in line


def test_running_and_walking_have_lines_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    felt = [(10, SEEN), (16, BACK)]
    outcomes = _outcomes(
        tmp_path / "dsa_torso",
        ("playing basketball", False, felt),
        ("running on a treadmill 8 km/h", False, []),
        ("ascending stairs", False, []),
        ("rowing", False, felt),
        ("Fall while jogging", True, felt),
    )
    lines.show(Judged(outcomes, []))
    whole, runs, walks = capsys.readouterr().out.splitlines()[1:4]
    hour = len(LONG) / 104 / 3600
    assert f"{2 / (4 * hour):.1f}" in whole
    assert runs.startswith("  running, basketball")
    assert f"{1 / (2 * hour):.1f}" in runs
    assert walks.startswith("  walking, stairs")
    assert " 0.0 " in walks


@pytest.mark.parametrize(
    ("activity", "is_walk"),
    [("Stumble while walking, no fall", False), ("Going upstairs", True), ("Walk slowly", True)],
)
def test_a_stumble_is_no_walk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], activity: str, is_walk: bool
) -> None:
    lines.show(Judged(_outcomes(tmp_path / "fallalld", (activity, False, [])), []))
    has_line = "  walking, stairs" in capsys.readouterr().out
    assert has_line == is_walk


def test_joined_streams_tell_alarms_and_pre_alarms_of_a_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = _outcomes(tmp_path / "x", ("joined", False, []), ("joined", False, []))
    worn = [
        judge_worn(one.trial, one.acc, [], ["man_down"] * 3, [Raised("man_down", 900, 2980, "")]),
        judge_worn(two.trial, two.acc, [], [], []),
    ]
    lines.show_joined({"neck": worn})
    line = capsys.readouterr().out.splitlines()[1]
    daily = 24 / (2 * len(LONG) / 104 / 3600)
    assert line.startswith("neck")
    assert f"{daily:.1f} [{daily * 0.0253:.1f}" in line
    assert f"{3 * daily:.1f} [" in line
    assert line.split()[-1] == "1"


def test_at_80_columns_each_group_of_columns_has_the_names_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    made = _outcomes(tmp_path / "x", ("fall", True, [(10, SEEN), (16, KEPT)]), ("bed", False, []))
    lines.show(Judged(made, []))
    lines.show_worn([judge_worn(one.trial, one.acc, [], ["tilt"], []) for one in made])
    printed = capsys.readouterr().out.splitlines()
    assert max(map(len, printed)) <= 80
    assert len([line for line in printed if line.startswith("x/neck")]) > 2
    assert any("people/fell" in line for line in printed)
    assert any("no verdict" in line for line in printed)

"""`nabij replay`: figures, JSON, report, choices, and one sentence for what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from nabij.cli.app import app
from nabij.errors import EXIT_FAILURE, EXIT_USAGE
from tests.core.detector.motion import UPRIGHT, rest
from tests.host.replay import bundle
from tests.host.replay.bundle import Made


def nabij(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def sentence(result: Result, code: int) -> str:
    """What a failed command says: exactly one line, no traceback."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    (line,) = result.stderr.strip().splitlines()
    return line


def figures_of(folder: Path, *arguments: object) -> dict[str, Any]:
    result = nabij("replay", folder, "--json", *arguments)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


_TREES = """\
fall_base = 1
down_base = 0
fall_trees = ["tilt > 1, jerk > 2, peak > 3: 1 2 3 4 5 6 7 8"]
down_trees = ["tilt > 1, jerk > 2, peak > 3: 1 2 3 4 5 6 7 8"]"""


@pytest.fixture
def four(tmp_path: Path) -> Path:
    return bundle.write(tmp_path / "four")


def test_the_json_holds_one_group_for_each_bundle_and_placement(tmp_path: Path) -> None:
    made = [*bundle.FOUR, Made("hip", bundle.lies_down(), is_fall=True, placement="waist")]
    document = figures_of(bundle.write(tmp_path / "set", made))
    assert set(document) == {"nabij", "config", "groups", "errors"}
    assert document["config"]["name"] == "defaults"
    neck, waist = document["groups"]
    hours = (len(bundle.stands()) + len(bundle.lies_down())) / 104 / 3600
    latency, daily = neck.pop("latency_ms"), neck.pop("per_24_h")
    assert daily["false_alarms"]["rate"] == pytest.approx(24 / hours, rel=0.01)
    assert daily["pre_alarms"]["rate"] == pytest.approx(24 / hours, rel=0.01)
    assert daily["false_alarms"]["low"] < daily["false_alarms"]["rate"]
    assert neck == {
        "bundle": "set",
        "placement": "neck",
        "falls": 2,
        "detected": 1,
        "others": 2,
        "others_with_alarm": 1,
        "false_alarms": 1,
        "pre_alarms": 1,
        "other_hours": pytest.approx(hours, abs=1e-4),
    }
    assert latency["median"] == latency["p95"] == pytest.approx(2500, abs=130)
    assert (waist["placement"], waist["falls"], waist["detected"]) == ("waist", 1, 1)
    assert waist["other_hours"] == 0
    assert document["errors"] == []


def test_every_miss_and_every_false_alarm_is_listed_with_its_reason(four: Path) -> None:
    out = nabij("replay", four).stdout
    assert "Misses: 1" in out
    assert "False alarms: 1" in out
    missed = out[out.index("four/missed") :].splitlines()[1]
    assert "no fall" in missed
    assert re.search(r"impact of 2\.0 g .*: -\d+ points, 0 needed \(.*: -\d+\)", missed)
    assert "Alarm." in out[out.index("four/bed") :].splitlines()[1]
    assert "four/fell" not in out
    assert "four/stood" not in out


def test_a_silent_recording_is_explained_by_its_largest_acceleration(tmp_path: Path) -> None:
    made = [Made("slow", rest(UPRIGHT, 6) + bundle.lying(), is_fall=True)]
    out = nabij("replay", bundle.write(tmp_path / "slow", made)).stdout
    assert re.search(r"Nothing looked like an impact: the largest acceleration was 1\.0\d g", out)


def test_a_fall_that_the_person_gets_up_from_is_judged_by_its_pre_alarm(tmp_path: Path) -> None:
    made = [
        Made("a", bundle.gets_up(), is_fall=True, activity="Fall F, walking, trip, rec"),
        Made("b", bundle.gets_up(), is_fall=True, activity="Fall F, walking, trip"),
        Made("c", bundle.gets_up(), is_fall=False, activity="stretches out on the floor, rec"),
    ]
    (group,) = figures_of(bundle.write(tmp_path / "up", made))["groups"]
    assert (group["falls"], group["detected"]) == (2, 1)
    assert (group["others"], group["others_with_alarm"]) == (1, 0)
    assert "then taken back" in nabij("replay", tmp_path / "up").stdout


@pytest.mark.parametrize(
    ("options", "falls", "others"),
    [
        (("--subjects", "S01"), 1, 1),
        (("--subjects", "S*"), 2, 1),
        (("--subjects", "S02, T01"), 1, 1),
        (("--placement", "NECK"), 2, 2),
    ],
)
def test_a_choice_of_subjects_and_placement(
    four: Path, options: tuple[str, ...], falls: int, others: int
) -> None:
    (group,) = figures_of(four, *options)["groups"]
    assert (group["falls"], group["others"]) == (falls, others)


def test_a_placement_may_be_named_without_its_detail(tmp_path: Path) -> None:
    made = [Made("x", bundle.stands(), is_fall=False, placement="chest (sternum)")]
    (group,) = figures_of(bundle.write(tmp_path / "x", made), "--placement", "chest")["groups"]
    assert group["placement"] == "chest (sternum)"
    assert group["latency_ms"] == {"median": None, "p95": None}


def test_the_engines_print_the_same(four: Path) -> None:
    plain = figures_of(four)
    assert figures_of(four, "--engine", "viper") == plain
    whole = figures_of(four, "--engine", "firmware")
    (group,), (expected,) = whole["groups"], plain["groups"]
    # The badge's own log has its burst and its flash in the latency.
    assert 0 <= group.pop("latency_ms")["median"] - expected.pop("latency_ms")["median"] < 500
    assert group == expected


def test_decisions_of_the_virtual_badge_are_explained_too(four: Path) -> None:
    out = nabij("replay", four, "--engine", "firmware", "--subjects", "S02").stdout
    assert re.search(r"the impact of 2\.0 g .* was judged no fall: -\d+ points, 0 needed", out)


def test_a_configuration_file_changes_the_decisions(four: Path, tmp_path: Path) -> None:
    config = tmp_path / "deaf.toml"
    config.write_text("[detector]\nimpact_mg = 4000\nfall_points = 1000\n")
    document = figures_of(four, "--config", config)
    assert document["config"]["name"] == "deaf"
    assert document["config"]["settings"]["impact_mg"] == 4000
    assert document["groups"][0]["detected"] == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("impact_mgg = 2000", "'impact_mgg' is unknown"),
        ("impact_mg = 99", "impact_mg is 99; choose from"),
        ("impact_mg = 2.5", "impact_mg is 2.5; write a whole number"),
        ("impact_mg = ", "not a readable TOML file"),
        ("[presets.2]\nimpact_mg = 99", "wrong.toml, preset 2: impact_mg is 99; choose from"),
        ("presets = 3", "presets are not tables"),
        ("[verifier]\nfall_base = 1", "[verifier] is not one ('fall_trees')"),
        ("verifier = 'AAAA'", "no table of this firmware"),
        ("impact_mg = 1600\n[detector]\nimpact_mg = 1700", "'impact_mg' stands twice"),
        (f"[verifier]\n{_TREES}\nfall_bse = 5", "'fall_bse', which it does not know"),
        (f"[verifier]\n{_TREES}".replace("= 1", "= 1.5"), "1.5 is no whole number"),
        (f"[verifier]\n{_TREES}".replace("7 8", "7 8 9"), "not three tests and eight numbers"),
        (f"[verifier]\n{_TREES}".replace(", peak > 3", ""), "not three tests and eight numbers"),
        ("[verifier]\nfall_trees = [3]\ndown_trees = []", "[verifier] is not one"),
    ],
)
def test_a_wrong_configuration_is_refused_in_one_sentence(
    four: Path, tmp_path: Path, text: str, complaint: str
) -> None:
    config = tmp_path / "wrong.toml"
    config.write_text(text)
    assert complaint in sentence(nabij("replay", four, "--config", config), EXIT_USAGE)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--config", "nack"), "no readable configuration nack"),
        (("--placement", "wrist"), "at 'wrist': choose from neck"),
        (("--subjects", "S01,S9"), "subject 'S9': choose from S01, S02, T01"),
        (("--subjects", " ,"), "--subjects is empty"),
        (("--engine", "cuda"), "Engine cuda is unknown: choose one of numba"),
    ],
)
def test_a_wrong_choice_is_refused_in_one_sentence(
    four: Path, options: tuple[str, ...], complaint: str
) -> None:
    assert complaint in sentence(nabij("replay", four, *options), EXIT_USAGE)


def test_a_bundle_that_is_not_there_or_given_twice_is_refused(four: Path) -> None:
    assert "no such folder" in sentence(nabij("replay", four.parent / "no"), EXIT_USAGE)
    assert "Two bundles are called four" in sentence(nabij("replay", four, four), EXIT_USAGE)


def test_one_bad_recording_is_named_and_hides_no_other(four: Path) -> None:
    lines = (four / "index.csv").read_text().splitlines()
    lines[2] = lines[2].replace("all.npz", "gone.npz")
    lines.append("far,S01,A1,fall,1,104,neck,99999,500,all.npz")
    (four / "index.csv").write_text("\n".join(lines) + "\n")
    document = figures_of(four)
    assert document["groups"][0]["falls"] == 1
    assert len(document["errors"]) == 2
    assert any("gone.npz" in one for one in document["errors"])
    assert any("four/far" in one for one in document["errors"])
    assert "four/far" in nabij("replay", four).stdout


def test_a_bundle_without_any_good_recording_fails_and_says_so_in_the_json(four: Path) -> None:
    (four / "all.npz").write_bytes(b"PK")
    result = nabij("replay", four, "--json")
    complaint = sentence(result, EXIT_FAILURE)
    assert "four has no recording that can be used" in complaint
    document = json.loads(result.stdout)
    assert set(document) == {"nabij", "config", "groups", "errors"}
    assert document["groups"] == []
    assert len(document["errors"]) == 1


def test_a_folder_that_is_no_bundle_is_named_and_hides_no_other(four: Path) -> None:
    (four.parent / "notes").mkdir()
    (four.parent / "read.me").write_text("hello")
    others = (four.parent / "notes", four.parent / "read.me", four.parent / "gone")
    assert "four, neck" in nabij("replay", others[0], four, *others[1:]).stdout
    result = nabij("replay", others[0], four, *others[1:], "--json")
    assert result.exit_code == EXIT_FAILURE
    document = json.loads(result.stdout)
    assert [group["falls"] for group in document["groups"]] == [2]
    assert [one.rpartition(": ")[2] for one in document["errors"]] == [
        "it has no readable index.csv.",
        "it is a file, not a folder.",
        "there is no such folder.",
    ]


def test_many_problems_are_listed_whole_in_the_json_only(tmp_path: Path) -> None:
    made = [Made(f"x{k}", bundle.stands(), is_fall=False) for k in range(3)]
    made.append(Made("hip", bundle.stands(), is_fall=False, placement="hip"))
    folder = bundle.write(tmp_path / "many", made)
    lines = (folder / "index.csv").read_text().splitlines()
    lines[0] += ",max_gap_s"
    lines[1:] = [f"{line},{9 if 'hip' in line else 2}" for line in lines[1:]]
    lines += [f"gone{k},S01,A1,fall,1,104,neck,99999,500,all.npz,0" for k in range(30)]
    (folder / "index.csv").write_text("\n".join(lines) + "\n")
    out = nabij("replay", folder, "--placement", "neck").stdout
    assert out.count("Problem: ") == 20
    assert "... and 13 more: --json lists them all." in out
    errors = figures_of(folder, "--placement", "neck")["errors"]
    # What is left out comes first, and a note on what was not asked for does not come at all.
    assert [error.startswith("many/gone") for error in errors] == [True] * 30 + [False] * 3
    assert not any("many/hip" in error for error in errors)


def test_recordings_worn_elsewhere_than_the_configuration_is_made_for_are_told(
    tmp_path: Path,
) -> None:
    made = [
        Made(place, bundle.stands(), is_fall=False, placement=place)
        for place in ("chest (sternum)", "waist", "helmet")
    ]
    out = nabij("replay", bundle.write(tmp_path / "x", made)).stdout
    assert "also waist (--config belt is made for it), helmet (no shipped one is made" in out
    assert "also" not in nabij("replay", tmp_path / "x", "--placement", "chest").stdout
    out = nabij("replay", tmp_path / "x", "--config", "belt:2", "--placement", "waist").stdout
    assert "also" not in out


@pytest.mark.parametrize("samples", [2, 12, 13, 30])
def test_a_recording_of_a_moment_has_a_report_too(tmp_path: Path, samples: int) -> None:
    made = [Made("x", bundle.stands()[:samples], is_fall=True)]
    folder = bundle.write(tmp_path / "short", made)
    assert nabij("replay", folder, "--report", tmp_path / "report.html").exit_code == 0


@pytest.mark.parametrize("rate_hz", [25, 31.25, 50, 99.7, 104.17, 200])
def test_a_fall_is_found_at_any_usual_rate(tmp_path: Path, rate_hz: float) -> None:
    folder = bundle.write(tmp_path / "rate", [Made("x", bundle.long_blow(), is_fall=True)])
    acc = np.load(folder / "all.npz")["acc"]
    at = np.arange(int(len(acc) * rate_hz / 104)) * 104 / rate_hz
    slow = np.stack([np.interp(at, np.arange(len(acc)), axis) for axis in acc.T], axis=1)
    np.savez(folder / "all.npz", acc=np.rint(slow).astype(np.int16))
    index = (folder / "index.csv").read_text()
    changed = index.replace(",104,", f",{rate_hz},").replace(f",{len(acc)},", f",{len(at)},")
    (folder / "index.csv").write_text(changed)
    (group,) = figures_of(folder)["groups"]
    assert group["detected"] == 1
    assert group["latency_ms"]["median"] == pytest.approx(2500, abs=200)


def test_a_set_without_falls_has_no_sensitivity(tmp_path: Path) -> None:
    folder = bundle.write(tmp_path / "adl", [Made("x", bundle.stands(), is_fall=False)])
    result = nabij("replay", folder, "--report", tmp_path / "report.html")
    assert result.exit_code == 0
    assert "nan" not in (tmp_path / "report.html").read_text().split('id="data">')[1].split("<")[0]

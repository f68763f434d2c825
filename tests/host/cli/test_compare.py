"""`nabij compare`: paired counts, the exact test, and the recordings that changed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nabij.cli.app import app
from tests.core.detector.motion import UPRIGHT, fall, rest
from tests.host.replay import bundle
from tests.host.replay.bundle import Made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = [Made(f"soft{k}", fall(3200), is_fall=True) for k in range(6)]
    made += [Made(f"bed{k}", fall(3200), is_fall=False) for k in range(2)]
    made += [Made("hard", fall(6000), is_fall=True), Made("stand", rest(UPRIGHT, 15), False)]
    (tmp_path / "keen.toml").write_text("impact_mg = 2000\n")
    (tmp_path / "slow.toml").write_text("impact_mg = 3800\n")
    return bundle.write(tmp_path / "set", made)


def test_the_difference_is_paired_and_tested_exactly(folder: Path) -> None:
    keen, slow = folder.parent / "keen.toml", folder.parent / "slow.toml"
    words = ["compare", str(slow), str(keen), str(folder)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    found = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert (found["a"], found["b"]) == ("slow", "keen")
    falls, others = found["falls"], found["others"]
    assert (falls["recordings"], falls["only_a_right"], falls["only_b_right"]) == (7, 0, 6)
    assert falls["both_right"] == 1
    # Both lyings in bed alarm with the keen one alone, and no other pre-alarm is felt.
    felt = found["pre_alarms_per_hour"]
    assert felt["b"] > felt["a"]
    told = re.search(r"Pre-alarms .*: A (\S+), B (\S+)\.\n", result.stdout)
    assert told
    assert [float(one) for one in told.groups()] == pytest.approx([felt["a"], felt["b"]], abs=0.05)
    assert falls["p"] == pytest.approx(2 / 2**6)
    assert falls["difference"] == pytest.approx(6 / 7)
    assert (others["recordings"], others["only_a_right"], others["only_b_right"]) == (3, 2, 0)
    assert others["p"] == pytest.approx(0.5)
    changed = {(one["trial_id"], one["better"]) for one in found["changed"]}
    assert changed == {(f"soft{k}", "b") for k in range(6)} | {("bed0", "a"), ("bed1", "a")}
    assert "only B right: set/soft0" in result.stdout
    assert "Nothing looked like an impact" in result.stdout


def test_a_configuration_does_not_differ_from_itself(folder: Path) -> None:
    keen = str(folder.parent / "keen.toml")
    result = CliRunner().invoke(app, ["compare", keen, keen, str(folder)])
    assert result.exit_code == 0
    assert "Changed: 0" in result.stdout


def test_a_wrong_file_is_one_sentence(folder: Path) -> None:
    result = CliRunner().invoke(app, ["compare", "nope.toml", "defaults", str(folder)])
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1

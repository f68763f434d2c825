"""The campaign on recordings in short form (private data, skipped if absent), and its options."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.measure import accuracy
from tests.host.tune import people


@pytest.mark.requirement("R02")
def test_no_alarm_of_a_fall_goes_without_a_verdict_in_any_set_joined_or_not(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make accuracy` does the same with every recording and a day of streams."""
    code = accuracy.main([str(data_dir), "--every", "60", "--hours", "1", "--only", "neck"])
    out = capsys.readouterr().out
    assert "a trial run, nothing to publish" in out
    assert "No alarm of a fall went without a verdict in " in out
    assert "joined streams" in out
    assert code == 0


@pytest.mark.parametrize(
    "wrong",
    [["--every", "0"], ["--hours", "0"], ["--hours", "nan"], ["--only", "wrist"], ["--preset"]],
)
def test_a_wrong_option_is_named_and_nothing_is_measured(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        accuracy.main([str(tmp_path), *wrong])
    assert ended.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_a_folder_without_bundles_is_an_error_of_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accuracy.main([str(tmp_path)]) == 2
    assert "There are no bundles in" in capsys.readouterr().err


def test_the_kernel_alone_wears_no_badge_and_promises_nothing_about_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people.write(tmp_path / "fallalld", 2)
    assert accuracy.main([str(tmp_path), "--alone", "--presets", "--only", "neck"]) == 0
    out = capsys.readouterr().out
    assert out.count("on people held out") == 1 + 5 + 2
    assert "Falls without an impact to judge: fallalld/neck 0." in out
    assert "neck, by the rule of the default: preset " in out
    assert "worn" not in out.replace("where no badge is worn", "")
    assert "verdict" not in out

"""Settings as TOML: what is written is read back, and every fault is told where it stands."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.settings.config import Config
from badge.core.settings.fields import FIELDS, PROFILES
from nabij.documents import config_docs
from nabij.errors import NabijError
from nabij.setting_words import WORDS
from nabij.settings import config_file, config_tables
from tests.places import REPO

ROWS: list[Any] = list(FIELDS)
NABIJ = [sys.executable, "-c", "from nabij.cli.app import app; app(prog_name='nabij')"]


def nabij(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NABIJ, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


def written(folder: Path, text: str) -> Path:
    file = folder / "badge.toml"
    file.write_text(text)
    return file


@given(
    st.sampled_from(sorted(PROFILES)),
    st.fixed_dictionaries(
        {},
        optional={row[0]: st.integers(row[3], row[4]) for row in ROWS if row[1] == "int"},
    ),
)
def test_what_is_written_is_read_back(profile: str, settings: dict[str, int]) -> None:
    given_settings = {"profile": profile, **settings}
    assert tomllib.loads(config_file.dumps(given_settings)) == given_settings


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_file_of_a_profile_shows_every_setting_with_its_default(profile: str) -> None:
    """What is commented out is exactly what holds: uncommenting it all changes nothing."""
    text = config_file.dumps({"profile": profile})
    lines = [line.removeprefix("# ") for line in text.splitlines() if " = " in line]
    spelled_out = tomllib.loads("\n".join(lines))
    assert Config.from_dict(spelled_out).to_dict() == spelled_out
    assert config_file.difference({"profile": profile}, spelled_out) == []


@pytest.mark.parametrize("row", FIELDS, ids=lambda row: row[0])
def test_setting_stands_with_its_meaning_range_and_requirement(row: tuple[Any, ...]) -> None:
    lines = config_file.dumps({}).splitlines()
    entry = next(i for i, line in enumerate(lines) if line.startswith(f"# {row[0]} = "))
    choices = {
        "bool": ("true", "false"),
        "choice": [str(one) for one in row[3]] if row[1] == "choice" else (),
        "table": (),
        "addresses": (),
        "networks": (),
        "tags": (),
        "host": (),
        "phone": ("+31612345678",),
        "name": ("24",),
    }
    for part in (*choices.get(row[1], (str(row[3]), str(row[4]))), row[5]):
        assert part in lines[entry - 1]
    assert WORDS[row[0]].meaning in lines[entry - 1]


def test_every_setting_has_its_words_and_stands_in_the_order_of_the_table() -> None:
    assert list(WORDS) == [row[0] for row in ROWS]
    assert all(words.group and words.meaning.endswith(".") for words in WORDS.values())


@pytest.mark.parametrize(
    ("text", "field", "value", "allowed", "requirement", "words"),
    [
        ("sos_hold_ms = 5000", "sos_hold_ms", 5000, "500 to 2000", "R15", "choose from 500"),
        ('keepalive_s = "60"', "keepalive_s", "60", "10 to 890", "", "whole number"),
        ("keepalive_s = 60.0", "keepalive_s", 60.0, "10 to 890", "", "whole number"),
        ("sos_hold = 1", "sos_hold", 1, "", "", "unknown"),
        ('profile = "x"', "profile", "x", "discreet or pna11", "", "discreet, pna11"),
        ("[links]\nkeepalive_s = 60", "links", None, "", "", "top of the file"),
        (
            'profile = "pna11"\nkeepalive_s = 120',
            "keepalive_s",
            120,
            "10 to 890",
            "R10",
            "at most 85",
        ),
    ],
)
def test_fault_names_file_field_value_range_and_rule(
    *,
    tmp_path: Path,
    text: str,
    field: str,
    value: object,
    allowed: str,
    requirement: str,
    words: str,
) -> None:
    file = written(tmp_path, text)
    [fault] = config_file.check(file)
    assert (fault.file, fault.field, fault.value) == (str(file), field, value)
    assert (fault.allowed, fault.requirement) == (allowed, requirement)
    assert str(file) in fault.sentence
    assert field in fault.sentence
    assert words in fault.sentence


def test_file_that_is_no_toml_is_told_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(NabijError, match=r"badge\.toml is not a readable TOML file .*line 2"):
        config_file.load(written(tmp_path, "profile = 'pna11'\nkeepalive_s 60\n"))


@pytest.mark.requirement("R06")
def test_check_prints_every_fault_and_fails(tmp_path: Path) -> None:
    file = written(tmp_path, 'profile = "pna11"\nprealarm_ms = 0\nsos_hold_ms = 1\n')
    result = nabij("config", "check", file)
    assert result.returncode == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{file}: ") and line.endswith(".") for line in lines)
    assert any("R06" in line for line in lines)
    as_discreet = nabij("config", "check", file, "--profile", "discreet", "--json")
    assert as_discreet.returncode == 1
    assert [fault["field"] for fault in json.loads(as_discreet.stdout)["faults"]] == [
        "sos_hold_ms"
    ]


def test_check_says_what_a_board_refuses_and_what_does_nothing_there(tmp_path: Path) -> None:
    file = written(tmp_path, "ble_after_s = 15\ngnss = true\n")
    taken = nabij("config", "check", file, "--board", "xiao_s3_fob")
    assert (taken.returncode, "takes these settings" in taken.stdout) == (0, True)
    assert taken.stderr == "Nothing comes of gnss: xiao_s3_fob has no part for it.\n"
    file = written(tmp_path, 'tag_houses = "00112233445566778899"\nble_after_s = 15\n')
    refused = nabij("config", "check", file, "--board", "t_watch_s3", "--json")
    assert refused.returncode == 1
    answer = json.loads(refused.stdout)
    assert answer["refused"] == ["tag_houses"]
    assert answer["in_vain"] == ["ble_after_s"]
    assert answer["faults"] == []
    assert nabij("config", "check", file, "--board", "t_sim7080g_s3").stderr == ""
    assert "choose one of" in nabij("config", "check", file, "--board", "x").stderr


def test_profile_is_a_file_to_start_from(tmp_path: Path) -> None:
    printed = nabij("config", "profile", "pna11")
    assert printed.returncode == 0
    file = written(tmp_path, printed.stdout)
    checked = nabij("config", "check", file)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "badge takes these settings" in checked.stdout
    same = nabij("config", "diff", file, "pna11")
    assert "the same settings" in same.stdout


def test_diff_shows_what_differs(tmp_path: Path) -> None:
    file = written(tmp_path, "keepalive_s = 30")
    result = nabij("config", "diff", "discreet", file, "--json")
    changed = [{"field": "keepalive_s", "first": 60, "second": 30}]
    assert json.loads(result.stdout)["differences"] == changed
    shown = nabij("config", "diff", "discreet", file)
    assert "keepalive_s" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["check", "{folder}/none.toml"], 2, "There is no readable configuration"),
        (["diff", "{folder}/bad.toml", "pna11"], 2, "keepalive_s is 1;"),
        (["profile", "loud"], 2, "the profiles are discreet, pna11"),
        (["diff", "pna11", "loud"], 2, "neither a file nor one of discreet, pna11"),
        (["set", "keepalive_s", "--state", "{folder}"], 2, "write keepalive_s=VALUE"),
        (["set", "{folder}/bad.toml", "--state", "{folder}"], 2, "keepalive_s is 1;"),
    ],
)
def test_error_is_one_sentence_and_needs_no_badge(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    (tmp_path / "bad.toml").write_text("keepalive_s = 1")
    result = nabij("config", *(argument.format(folder=tmp_path) for argument in arguments))
    assert result.returncode == code
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_page_has_the_tables_of_today() -> None:
    """If this fails: python -m nabij.documents.config_docs --write docs/config.md."""
    page = (REPO / "docs" / "config.md").read_text(encoding="utf-8")
    assert config_docs.with_tables(page) == page
    for row in FIELDS:
        assert f"| `{row[0]}` |" in page


def test_a_tuned_detector_can_be_put_on_a_badge(tmp_path: Path) -> None:
    """What `nabij tune` writes, with its tables, is what a badge takes."""
    shipped = config_file.load(Path("belt"))
    config, faults = config_file.examine(shipped)
    assert not faults
    settings = config.to_dict()
    assert (settings["impact_mg"], settings["fall_points"]) == (1500, 0)
    assert settings["verifier"]
    file = written(tmp_path, config_tables.shipped()["belt"])
    assert config_file.load(file) == shipped
    assert config_file.check(file) == []
    keen = config_file.load(Path("belt:5"))
    assert keen["down_points"] < 0
    assert config_file.load(Path(f"{file}:5")) == keen
    with pytest.raises(NabijError, match="no preset 9: choose from 1, 2, 3, 4, 5"):
        config_file.load(Path("belt:9"))
    again = written(tmp_path, config_file.dumps(keen))
    assert config_file.load(again) == {"profile": "discreet", **keen}


def test_whatever_a_text_holds_is_written_as_toml_that_reads_back() -> None:
    """A pair of surrogates, as JSON writes what lies beyond 16 bits, is no TOML."""
    values: tuple[Any, ...] = ('a "b" \\ c', "\U0001f600 caf\u00e9\n", True, 7, {})
    for value in values:
        written = config_file.toml_of(value)
        assert tomllib.loads(f"v = {written}")["v"] == value

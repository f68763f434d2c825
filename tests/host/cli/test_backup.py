"""`nabij backup` and `nabij restore`, as a person and a script type them."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from nabij.centre.register.enrol import enrol
from nabij.cli.app import app


def nabij(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, list(map(str, words)))


def test_a_script_backs_up_and_restores(tmp_path: Path) -> None:
    enrol(tmp_path / "r", "badge-1")
    words = tmp_path / "words"
    words.write_text("correct horse battery staple\r\nnot this line\n")
    options = ("--state", tmp_path / "r", "--passphrase-file", words)
    done = nabij("backup", "-o", tmp_path / "b", *options, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["file"], said["bytes"]) == (str(tmp_path / "b"), (tmp_path / "b").stat().st_size)
    again = nabij("backup", "-o", tmp_path / "b", *options)
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)
    words.write_text("correct horse battery staple")
    back = nabij("restore", tmp_path / "b", "--state", tmp_path / "n", *options[2:])
    assert (back.exit_code, back.stderr) == (0, ""), back.output
    assert (tmp_path / "n" / "badges" / "badge-1" / "identity.json").is_file()


def test_a_passphrase_that_is_too_short_makes_nothing(tmp_path: Path) -> None:
    enrol(tmp_path / "r", "badge-1")
    (tmp_path / "words").write_text("short\n")
    options = ("--state", tmp_path / "r", "--passphrase-file", tmp_path / "words")
    done = nabij("backup", "-o", tmp_path / "b", *options)
    assert (done.exit_code, "fewer than 12" in done.stderr) == (2, True)
    assert not (tmp_path / "b").exists()

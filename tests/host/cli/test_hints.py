"""What people type by habit is answered with what to type in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from nabij.cli.app import app
from nabij.cli.verbs import VERBS


def refused(*words: str) -> str:
    done = CliRunner(env={"COLUMNS": "200", "NABIJ_PORTS": ""}).invoke(app, list(words))
    assert done.exit_code == 2
    return done.stderr


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("help", "nabij --help"),
        ("help sim", "nabij sim --help"),
        ("help config set", "nabij config set --help"),
        ("data help", "nabij data --help"),
    ],
)
def test_help_as_a_verb_is_answered_with_the_option(typed: str, instead: str) -> None:
    assert refused(*typed.split()) == f"Help is an option: `{instead}`.\n"
    assert CliRunner().invoke(app, instead.split()[1:]).exit_code == 0


@pytest.mark.parametrize("verb", ["update", "log", "pull", "doctor", "flash", "config set"])
@pytest.mark.parametrize("typed", ["--port /dev/ttyACM0", "--port=/dev/ttyACM0", "-p 3"])
def test_a_port_of_a_badge_is_answered_with_the_argument(verb: str, typed: str) -> None:
    flag = "-p" if typed.startswith("-p") else "--port"
    assert refused(*verb.split(), *typed.split()) == (
        f"`nabij {verb}` takes a badge without {flag}: `nabij {verb} /dev/ttyACM0`, or "
        "id:<serial>, as `nabij devices` lists them.\n"
    )


def test_the_port_of_the_receiver_stays_an_option() -> None:
    assert "not a whole number" in refused("provision", "--port", "x")


def test_no_verb_is_called_help() -> None:
    assert "help" not in {verb.name for verb in VERBS}


def test_help_that_is_coming_stays_a_verb(tmp_path: Path) -> None:
    state = str(tmp_path / "none")
    assert f"There is no receiver in {state}" in refused("incident", "help", "--state", state)

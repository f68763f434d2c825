"""What a shell proposes behind `nabij`: verbs, options, and values from the tables they have."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from badge.core.settings.fields import PROFILES
from nabij.cli import completion
from nabij.cli.app import app
from nabij.data.importing import IMPORTERS
from nabij.replay.run import ENGINES
from nabij.tune.dataset import POSITIONS

HERE = Path(sys.executable).parent
# Each line as it stands when Tab is pressed, and what a shell is told.
LINES = {
    "nabij prov": ["provision"],
    "nabij data import si": ["sisfall"],
    "nabij data import ": list(IMPORTERS),
    "nabij replay x --engine v": ["viper"],
    "nabij replay x --engine ": list(ENGINES),
    "nabij replay x --then ": ["walk", "up"],
    "nabij replay x --config ne": ["neck", *(f"neck:{k}" for k in range(1, 6))],
    "nabij provision --profile ": list(PROFILES),
    "nabij config check a.toml --profile p": ["pna11"],
    "nabij config profile d": ["discreet"],
    "nabij config diff bel": ["belt"],
    "nabij config set retr": ["retry_first_ms=", "retry_max_ms="],
    "nabij config set keepal": ["keepalive_s=", "keepalive_most_s="],
    "nabij config set keepalive_s": ["keepalive_s=60", "keepalive_s=default"],
    "nabij config set light_sleep=f": ["light_sleep=false"],
    "nabij config set sos_gesture=t": ["sos_gesture=triple"],
    "nabij config set profile=": [*(f"profile={one}" for one in PROFILES), "profile=default"],
    "nabij config set badge.t": [],
    "nabij data import csv x --units mg": ["mg"],
    "nabij data import csv x --time-unit u": ["us"],
    "nabij data import csv x --separator se": ["semicolon"],
    "nabij data import csv x --placement nec": ["neck"],
    "nabij flash --board t_": ["t_sim7080g_s3", "t_watch_s3"],
    "nabij flash --after w": ["watchdog-reset"],
    "nabij tune x --position ": sorted(POSITIONS),
    "nabij compare be": ["belt", *(f"belt:{k}" for k in range(1, 6))],
    "nabij log /dev/b": ["/dev/badge-1"],
}


@pytest.mark.parametrize("line", LINES)
def test_values_are_proposed_from_the_tables_that_check_them(line: str) -> None:
    asked = {"_NABIJ_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}
    env = {**asked, "NABIJ_PORTS": "/dev/badge-1"}
    done = CliRunner().invoke(app, [], prog_name="nabij", env=env)
    # zsh is told _arguments '*: :(("neck" "belt"))', or to propose files; colons are escaped.
    told = re.findall(r'(?<!:)"([^"]*)"', done.stdout.partition("((")[2])
    proposed = [one.replace("\\:", ":").replace("\\", "") for one in told]
    if not proposed:
        assert done.stdout.strip() == "_files"
    assert sorted(proposed) == sorted(LINES[line]), done.stdout


BASH = """
eval "$(_NABIJ_COMPLETE=source_bash nabij)"
while IFS= read -r line; do
    # As readline parts words at an equals sign and a colon.
    read -ra COMP_WORDS <<<"$(sed -E 's/([=:])/ \\1 /g' <<<"$line")"
    if [[ "$line" == *" " ]]; then COMP_WORDS+=(""); fi
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _nabij_completion nabij
    echo "${COMPREPLY[*]}"
done
"""
IN_BASH = {
    "nabij data import si": "sisfall",
    "nabij config set keepalive_s": "keepalive_s=60 keepalive_s=default",
    # What is proposed behind the sign takes the place of what stands behind it.
    "nabij config set keepalive_s=": "60 default",
    "nabij config set light_sleep=f": "false",
    "nabij replay x --engine v": "viper",
}


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_proposes_them_with_the_script_that_is_installed() -> None:
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH],
        input="\n".join(IN_BASH) + "\n",
        env={**os.environ, "PATH": f"{HERE}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.splitlines() == list(IN_BASH.values()), done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_nabij(shell: str) -> None:
    env = {"_NABIJ_COMPLETE": f"source_{shell}"}
    done = CliRunner().invoke(app, [], prog_name="nabij", env=env)
    assert f"_NABIJ_COMPLETE=complete_{shell}" in done.stdout


def test_fish_is_told_them_too() -> None:
    asked = {"_NABIJ_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": "nabij data import si"}
    env = {**asked, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = CliRunner().invoke(app, [], prog_name="nabij", env=env)
    assert done.stdout.split() == ["sisfall"]


def test_what_is_not_installed_is_no_reason_for_a_traceback() -> None:
    def lacking() -> list[str]:
        raise ModuleNotFoundError(name="numba")

    assert completion.one_of(lacking)("") == []

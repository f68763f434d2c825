"""What the help costs, what `--version` says, and what a verb says that lacks its extra."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nabij import cli, extras, version
from nabij.cli import app as cli_app
from nabij.cli.verbs import VERBS, Verb
from tests.host.centre.served import nabij

# Each takes a tenth of a second or more, or is in an extra.
HEAVY = {
    *("alembic", "cbor2", "cryptography", "dask", "distributed", "esptool", "joblib"),
    *("matplotlib", "mpremote", "numba", "numpy", "optuna", "nats", "platformdirs", "scipy"),
    *("serial", "sqlalchemy"),
}
PRINT_HEAVY = f"print(sorted({HEAVY!r} & {{name.split('.')[0] for name in sys.modules}}))"


def test_the_help_imports_nothing_that_takes_long() -> None:
    script = (
        "import sys\nfrom nabij.cli.app import app\n"
        "app(['--help'], prog_name='nabij', standalone_mode=False)\n"
        f"{PRINT_HEAVY}\nprint([name for name in sys.modules if name.startswith('nabij.')])"
    )
    heavy, ours = subprocess.check_output([sys.executable, "-c", script], text=True).splitlines()[
        -2:
    ]
    assert heavy == "[]"
    # The help of all verbs, and none of their modules.
    assert not [verb.module for verb in VERBS if f"'{verb.module}'" in ours]


def test_no_verb_imports_what_it_needs_before_it_runs() -> None:
    """So its own help works without its extra."""
    # `data` lists what it imports, which are modules that read recordings.
    modules = sorted({verb.module for verb in VERBS} - {"nabij.cli.data"})
    script = f"import sys, {', '.join(modules)}\n{PRINT_HEAVY}"
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "[]\n"


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_the_table_says_of_a_verb_what_its_own_help_says(verb: Verb) -> None:
    command = cli_app.load(verb)
    assert command.name == verb.name
    assert inspect.cleandoc(command.help).split("\n\n")[0].replace("\n", " ") == verb.help


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("nabij prov", "provision"),
        ("nabij config s", "set"),
        ("nabij provision --st", "--state"),
    ],
)
def test_a_shell_completes_verbs_and_their_options(typed: str, completed: str) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", "from nabij.cli.app import app; app(prog_name='nabij')"],
        env={**os.environ, "_NABIJ_COMPLETE": "complete_bash", **words},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [completed]


def test_version_names_the_version_and_the_commit_of_this_checkout() -> None:
    said = nabij("--version")
    assert said.returncode == 0
    here = version.this_version()
    assert said.stdout == here.sentence + "\n"
    assert said.stdout.startswith(f"nabij {here.version}, commit ")


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.check_output(command, text=True).strip()


def test_the_version_of_a_working_copy_is_asked_of_git(tmp_path: Path) -> None:
    source = tmp_path / "firmware" / "badge" / "version.py"
    source.parent.mkdir(parents=True)
    source.write_text('VERSION = "1.2.3"\n')
    # Sources that were unpacked somewhere have no commit, not one of a repository around them.
    assert version.version_of(tmp_path).sentence == "nabij 1.2.3, commit unknown"
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x", "--date", "2026-01-02T03:04:05Z")
    commit = git(tmp_path, "rev-parse", "--short=12", "HEAD")
    made = version.version_of(tmp_path)
    assert (made.name, made.changed) == (f"1.2.3+{commit}", False)
    assert made.committed_utc_s == int(git(tmp_path, "show", "-s", "--format=%ct", "HEAD"))
    source.write_text('VERSION = "1.2.3"\n# changed\n')
    assert version.version_of(tmp_path).name == f"1.2.3+{commit}.changed"


def test_completion_is_set_up_by_the_program_and_by_no_verb() -> None:
    assert "--install-completion" in nabij("--help").stdout
    assert "completion" not in nabij("revoke", "--help").stdout


def test_json_says_which_nabij_it_comes_from(tmp_path: Path) -> None:
    for words in (
        ("enrol", "badge-7", "--state", tmp_path, "--json"),
        ("data", "list", tmp_path, "--json"),
    ):
        answer = nabij(*words)
        assert json.loads(answer.stdout)["nabij"] == version.this_version().name, words


def test_no_verb_writes_json_past_the_version() -> None:
    """The facts of a virtual badge are that badge's, line by line."""
    written = [
        file.name
        for file in sorted(Path(cli.__file__).parent.glob("*.py"))
        if "json.dumps(" in file.read_text(encoding="utf-8")
    ]
    assert written == ["output.py", "sim.py"]


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("nats.aio.client", "This verb needs nats: run pip install 'nabij[receiver]'."),
        ("numba", "This verb needs numba: run pip install 'nabij[qa]'."),
        ("pytest", "This verb needs pytest, which developers have: run make setup in a clone."),
        ("cbor2", "This verb needs cbor2: run pip install --force-reinstall 'nabij'."),
    ],
)
def test_a_module_that_is_not_installed_is_one_sentence(module: str, words: str) -> None:
    assert extras.lacking(ModuleNotFoundError(name=module)).sentence == words


def test_a_verb_that_needs_more_names_all_of_it() -> None:
    told = extras.lacking(ModuleNotFoundError(name="numba"), "tune").sentence
    assert told == "This verb needs numba: run pip install 'nabij[tune]'."
    # What comes with a plain install is missing from a broken one.
    told = extras.lacking(ModuleNotFoundError(name="numpy"), "tune").sentence
    assert told == "This verb needs numpy: run pip install --force-reinstall 'nabij'."


def test_a_module_of_ours_that_is_missing_is_a_fault_and_told_as_one() -> None:
    fault = ModuleNotFoundError(name="nabij.cli.nothing")
    with pytest.raises(ModuleNotFoundError) as raised:
        extras.lacking(fault)
    assert raised.value is fault

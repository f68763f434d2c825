"""Transcripts in docs/: read, compared by their words, and true for what needs no badge."""

from __future__ import annotations

import re
import shlex
import string
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from nabij.cli.app import app
from nabij.documents.transcripts import SINGLE, Names, Step, normalised, replaced, steps
from tests import transcripts
from tests.host.data.tables import KINDS, walk
from tests.places import DOCS, REPO

PAGE = """# Page

```
$ nabij one
It took 1.5 s.
$ nabij two --x
```

```sh
nabij three
```

```text
$ nabij four
Done.
```
"""


def test_the_commands_of_a_page_and_their_answers() -> None:
    assert steps(PAGE) == [
        Step("nabij one", "It took 1.5 s.\n"),
        Step("nabij two --x", ""),
        Step("nabij four", "Done.\n"),
    ]


def test_an_answer_is_replaced_and_nothing_else() -> None:
    page = replaced(PAGE, "nabij one", "It took 2 s.\nTwice.\n")
    assert page == PAGE.replace("It took 1.5 s.\n", "It took 2 s.\nTwice.\n")
    assert steps(replaced(PAGE, "nabij two --x", "Well."))[1] == Step("nabij two --x", "Well.\n")
    with pytest.raises(ValueError, match="once"):
        replaced(PAGE, "nabij five", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("wrote 94 files in 30.1 s", "wrote 134 files in 2.0 s"),
        ("Chip: 34:85:70:ab:cd:ef, 8 MB", "Chip: 00:11:22:33:44:55, 16 MB"),
        ("/dev/pts/0  6e6162696a01  a", "chip/badge-port   0d1e2f3a4b5c a"),
        ("at 2026-11-22 17:27:27 +0000", "at 2027-01-02 01:02:03 +0100"),
    ],
)
def test_what_differs_from_run_to_run_is_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Badge nb-0007 is provisioned.", "Badge nb-0007 is revoked."),
        ("armed can_send=True", "armed can_send=False"),
        ("button ok released", "button fail released"),
    ],
)
def test_words_make_a_difference(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.lists(st.text(string.ascii_letters, min_size=1)))
def test_words_are_left_as_they_are(words: list[str]) -> None:
    assert normalised("  ".join(words)).split() == words


RUN = (
    Step("nabij one", "It calls localhost:8883 on MicroPython 1.29.0.\nbuild=7 build=8\n"),
    Step("nabij two", "Incident 2, A. (badge nb-0007): taken, port 8883, build 8.\n"),
)


def named(run: Iterable[Step]) -> list[str]:
    names = Names()
    return [normalised(names.put(step.output)) for step in run]


def test_another_run_of_the_same_words_has_the_same_names() -> None:
    other = [
        Step("nabij one", "It calls localhost:30012 on MicroPython 1.30.0.\nbuild=91 build=90\n"),
        Step("nabij two", "Incident 1, A. (badge nb-0008): taken, port 30012, build 90.\n"),
    ]
    assert named(RUN) == named(other)
    assert [normalised(one.output) for one in RUN] == [normalised(one.output) for one in other]


@pytest.mark.parametrize(
    ("here", "there"), [("port 8883", "port 30012"), ("build 8", "build 7"), ("nb-0007", "x")]
)
def test_a_mix_of_two_runs_has_other_names(here: str, there: str) -> None:
    mixed = [RUN[0], Step("nabij two", RUN[1].output.replace(here, there))]
    assert named(RUN) != named(mixed)


def test_each_page_is_of_one_run() -> None:
    """One port, one incident, one chip: a second one comes from another run."""
    for path in DOCS.rglob("*.md"):
        names = Names()
        for step in steps(path.read_text(encoding="utf-8")):
            names.put(f"{step.command}\n{step.output}")
        several = {kind: names.of[kind] for kind in SINGLE if len(names.of[kind]) > 1}
        assert not several, f"{path.name} mixes runs: make transcripts"


def test_no_page_tells_of_an_option_that_its_command_lacks() -> None:
    for path in DOCS.rglob("*.md"):
        for step in steps(path.read_text(encoding="utf-8")):
            chosen = re.findall(r"you chose \w+ with (--[\w-]+)", step.output)
            assert all(option in step.command for option in chosen), (path.name, step)


def test_the_walk_of_settings_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("badge.toml").write_text('profile = "pna11"\nkeepalive_s = 30\n')
    command = "nabij config check badge.toml"
    done = CliRunner().invoke(app, shlex.split(command)[1:])
    assert done.exit_code == 0
    transcripts.check("engineer.md", command, done.stdout)


def test_the_version_is_told_as_the_page_of_installing_says() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    # Of a copy that somebody works on.
    transcripts.check(
        "install.md", "nabij --version", done.stdout, but=r"(?:, commit|, with| \w+ of).*$"
    )


def test_what_an_import_takes_for_what_is_printed_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    KINDS["Excel in Dutch"].write(tmp_path / "walk.csv", walk(), 100)
    command = "nabij data import csv walk.csv --dry-run"
    done = CliRunner().invoke(app, shlex.split(command)[1:])
    assert done.exit_code == 0, done.output
    transcripts.check("data.md", command, done.stdout)


# Each page that shows what commands print, and the test that compares it.
WALKED = "host/usb/test_end_to_end.py"
COMPARED = {
    "data.md": "host/documents/test_transcripts.py",
    "engineer.md": WALKED,
    "engineer/devices.md": WALKED,
    "engineer/doctor.md": WALKED,
    "engineer/flash.md": "host/usb/test_flash.py",
    "engineer/provision.md": WALKED,
    "engineer/update.md": WALKED,
    "install.md": "host/documents/test_transcripts.py",
    "receiver.md": "host/cli/test_incident.py",
}


def test_no_page_shows_what_no_test_compares() -> None:
    shown = {
        path.relative_to(DOCS).as_posix()
        for path in DOCS.rglob("*.md")
        if any(one.output for one in steps(path.read_text(encoding="utf-8")))
    }
    assert shown == set(COMPARED)
    for page, test in COMPARED.items():
        assert page in (REPO / "tests" / test).read_text(encoding="utf-8"), page

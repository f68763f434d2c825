"""Compares what commands print with the transcripts in docs/, or writes these anew.

`NABIJ_WRITE_DOCS=1` with a test that checks transcripts writes what it saw into the page
(`make transcripts`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from nabij.documents.transcripts import Names, normalised, replaced, steps
from tests.places import DOCS

WRITE = os.environ.get("NABIJ_WRITE_DOCS") == "1"


def page(name: str) -> str:
    """The text of docs/`name`."""
    return (DOCS / name).read_text(encoding="utf-8")


def commands(name: str) -> list[str]:
    """What is typed on docs/`name`, in order."""
    return [one.command for one in steps(page(name))]


def check(name: str, command: str, output: str, but: str = "") -> None:
    """`output` is what docs/`name` says that `command` prints.

    But for what the pattern `but` finds in both, once they are normalised.
    """
    text = page(name)
    output = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
    if WRITE:
        (DOCS / name).write_text(replaced(text, command, output), encoding="utf-8")
        return
    (told,) = [one.output for one in steps(text) if one.command == command]
    told, output = (_bare(one, but) for one in (told, output))
    assert output == told, f"docs/{name}: make transcripts, for `{command}` prints\n{output}"


def check_one_run(name: str, run: Mapping[str, tuple[str, str]]) -> None:
    """What docs/`name` has of these commands is of one run, as what they printed is.

    `run` has of each command its output and what `check` took out of it: what a run calls by one
    name, as a port or an incident, has one name on the page too.
    """
    if WRITE:
        return
    on_page, in_run = Names(), Names()
    for step in steps(page(name)):
        if step.command in run:
            output, but = run[step.command]
            told = [one.put(step.command) for one in (on_page, in_run)]
            told[0] += f"\n{_bare(on_page.put(step.output), but)}"
            told[1] += f"\n{_bare(in_run.put(output), but)}"
            assert told[0] == told[1], f"docs/{name} mixes runs: make transcripts\n{told[1]}"


def _bare(output: str, but: str) -> str:
    text = f"{normalised(output)}\n"
    return re.sub(but, "", text, flags=re.MULTILINE) if but else text

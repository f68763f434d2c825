"""Compares what commands print with the transcripts in docs/, or writes these anew.

`NABIJ_WRITE_DOCS=1` with a test that checks transcripts writes what it saw into the page
(`make transcripts`).
"""

from __future__ import annotations

import os
import re

from nabij.documents.transcripts import normalised, replaced, steps
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
    told, output = (f"{normalised(one)}\n" for one in (told, output))
    if but:
        told, output = (re.sub(but, "", one, flags=re.MULTILINE) for one in (told, output))
    assert output == told, f"docs/{name}: make transcripts, for `{command}` prints\n{output}"

"""The passphrase of a backup: from a file, for a script, or asked of a person."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nabij.cli.options import option
from nabij.errors import EXIT_USAGE, UsageError
from nabij.paths import read_file

PassphraseFile = Annotated[
    Path | None,
    option("--passphrase-file", dir_okay=False),
]
_MOST_BYTES = 4096


def asked(file: Path | None, *, again: bool) -> str:
    """The passphrase; UsageError when there is nobody to ask."""
    if file is not None:
        remedy = "name a file with the passphrase in its first line"
        data = read_file(file, "the passphrase", remedy, EXIT_USAGE, most=_MOST_BYTES)
        return data.decode("utf-8", "replace").split("\n")[0].rstrip("\r")
    if not sys.stdin.isatty():
        raise UsageError("There is nobody to ask for the passphrase: give --passphrase-file.")
    words: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=again, err=True)
    return words

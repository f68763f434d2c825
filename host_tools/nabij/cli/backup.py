"""`nabij backup`: all that a receiver needs to go on elsewhere, in one encrypted file."""

from pathlib import Path
from typing import Annotated

import typer

from nabij.cli.options import Json, ReceiverState, option
from nabij.cli.output import print_json, tell
from nabij.cli.passphrase import PassphraseFile, asked

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij backup -o nabij.backup --passphrase-file passphrase")
def backup(
    *,
    output: Annotated[
        Path, option("--output", "-o", more="the backup, which only the passphrase opens")
    ],
    state: ReceiverState,
    passphrase_file: PassphraseFile = None,
    force: Annotated[bool, option("--force", more="the file of an earlier backup")] = False,
    as_json: Json = False,
) -> None:
    """Write records, authority, keys and settings of a receiver to one encrypted file.

    A running receiver copies its own records and goes on taking alarms meanwhile.
    """
    from nabij.centre.upkeep.backup import back_up, check_place

    check_place(state, output, force=force)
    made = back_up(state, output, asked(passphrase_file, again=True), force=force)
    if as_json:
        print_json({"file": str(output), "files": made.files, "bytes": made.bytes})
    else:
        typer.echo(f"{output}: {made.files} files, {made.bytes / 1e6:.1f} MB.")
    if made.records:
        tell(f"THE RECORDS ARE NOT IN IT: they are in {made.records}; back that up with pg_dump.")

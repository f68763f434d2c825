"""`nabij restore`: a receiver from its backup, on this machine or another."""

from pathlib import Path
from typing import Annotated

import typer

from nabij.cli.options import State
from nabij.cli.output import tell
from nabij.cli.passphrase import PassphraseFile, asked

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij restore nabij.backup --passphrase-file passphrase")
def restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `nabij backup` wrote.", dir_okay=False)
    ],
    *,
    state: State,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make the state folder of a backup, checked; it must be empty or not there.

    Stop the receiver that the backup is of first: two with the same authority take one badge's
    alarms in turn, and neither knows all.
    """
    from nabij.centre.upkeep import backup as backups

    backups.check_source(file, state)
    place = backups.restore(file, state, asked(passphrase_file, again=False))
    typer.echo(f"{state} is restored from {file}.")
    if not place.is_file:
        tell(f"Its records are in {place.name}: see that they are there before you start it.")

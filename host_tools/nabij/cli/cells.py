"""`nabij cells`: where the cells of mobile networks are, from a table that is imported."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from nabij.cli.options import Json, ReceiverState
from nabij.cli.output import print_json, tell, waiting
from nabij.errors import NabijError, UsageError

IMPORT_EXAMPLE: Final = (
    "Example: nabij cells import 204.csv.gz --network 204-08 --state ./receiver"
)
FIND_EXAMPLE: Final = "Example: nabij cells find 204-08 4101 77 --state ./receiver"
# An alarm goes before all of this.
_NICE: Final = 10

app = typer.Typer(
    no_args_is_help=True,
    help="Where the cells of mobile networks are: import a table of OpenCelliD, look into it.",
    epilog=IMPORT_EXAMPLE,
)


@app.command("import", epilog=IMPORT_EXAMPLE)
def import_command(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", dir_okay=False, help="CSV of OpenCelliD, or its gzip."),
    ],
    *,
    state: ReceiverState,
    network: Annotated[
        list[str] | None,
        typer.Option("--network", metavar="MCC-MNC", help="Keep these only: 204-08, or 204."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Have these cells instead of those that there are, while a receiver runs. All or none.

    Only LTE, of which LTE-M is a part. The data is OpenCelliD's, under CC BY-SA 4.0.
    """
    from nabij.centre import asking
    from nabij.centre.cells import circles, importing, table_file

    wanted = table_file.networks_of(network or [])
    table_file.check_there(files)
    paths = asking.paths_of(state)
    os.nice(_NICE)
    with waiting("reading cells"):
        done = importing.import_files(paths, files, wanted)
    if as_json:
        print_json({**done.source._asdict(), "left_out": done.left_out})
        return
    if done.left_out:
        tell(done.left_out)
    typer.echo(
        f"Kept: {done.source.cells:,} cells of {done.source.networks}. {circles.ATTRIBUTION}."
    )


@app.command(epilog="Example: nabij cells show --state ./receiver")
def show(*, state: ReceiverState, as_json: Json = False) -> None:
    """Say which cells there are, from which file, and how old they are."""
    from nabij.centre import asking
    from nabij.centre.cells import circles
    from nabij.centre.database import cell_table
    from nabij.centre.database.cell_table import NoCellsError
    from nabij.centre.incidents.words import local_time

    try:
        found = asking.read(asking.paths_of(state), cell_table.source)
    except NoCellsError as error:
        raise NabijError(str(error)) from error
    if as_json:
        print_json({"cells": None if found is None else found._asdict()})
        return
    if found is None:
        typer.echo("There is no table of cells: `nabij cells import` brings one in.")
        return
    newest = f", the newest seen {local_time(found.newest_s * 1000)}" if found.newest_s else ""
    typer.echo(
        f"{found.cells:,} cells of {found.networks}, from {found.files}, imported "
        f"{local_time(found.imported_ms)}{newest}. {circles.ATTRIBUTION}."
    )


@app.command(epilog=FIND_EXAMPLE)
def find(
    network: Annotated[str, typer.Argument(metavar="MCC-MNC", help="As 204-08.")],
    tac: Annotated[int, typer.Argument(metavar="TAC", min=0, max=65_535, help="Tracking area.")],
    ci: Annotated[int, typer.Argument(metavar="CI", min=0, max=(1 << 28) - 1, help="Cell.")],
    *,
    state: ReceiverState,
    as_json: Json = False,
) -> None:
    """Say within which circle a badge is that has this cell; exit code 1 when nobody knows."""
    from nabij.centre import asking
    from nabij.centre.cells import circles, table_file
    from nabij.centre.database.cell_table import Key

    [(mcc, mnc)] = table_file.networks_of([network]).wanted
    if mnc is None:
        raise UsageError("Give the operator too, as 204-08.")
    key = Key(mcc, mnc, tac, ci)
    found = asking.read(asking.paths_of(state), lambda one: circles.of(one, [key]))
    if found.trouble:
        raise NabijError(found.trouble)
    circle = found.circles.get(key)
    if as_json:
        print_json({"cell": circles.name(key), "circle": circle and circle.__dict__})
    elif circle is None:
        typer.echo(f"Cell {circles.name(key)} is not in the table.")
    else:
        typer.echo(
            f"Cell {circles.name(key)}: within {circle.radius_m:,} m of "
            f"{circle.lat_e7 / 1e7:.5f}, {circle.lon_e7 / 1e7:.5f}. {circles.ATTRIBUTION}."
        )
    if circle is None:
        raise typer.Exit(1)

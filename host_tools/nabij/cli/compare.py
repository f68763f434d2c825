"""`nabij compare`: two configurations on the same recordings."""

from typing import Annotated

import typer
from rich.console import Console

from nabij.cli.options import Bundles, Json, Placement, Subjects
from nabij.cli.output import print_json
from nabij.errors import EXIT_FAILURE
from nabij.terminal import output_console

app = typer.Typer()


@app.command(epilog="Example: nabij compare old.toml new.toml fallalld --placement neck")
def compare(
    a: Annotated[str, typer.Argument(metavar="A.toml", help="A configuration file or name.")],
    b: Annotated[str, typer.Argument(metavar="B.toml", help="The one to compare it with.")],
    bundles: Bundles,
    placement: Placement = None,
    subjects: Subjects = None,
    *,
    as_json: Json = False,
) -> None:
    """Say on which recordings two configurations differ, and whether chance explains it."""
    from nabij.replay import compare as comparing
    from nabij.replay import run, settings

    both = settings.load(a), settings.load(b)
    with run.progress_bars(Console(stderr=True)) as progress:
        loaded = run.load(bundles, progress, placement=placement, subjects=subjects)
        first, second = (run.replay(loaded, one, "numba", progress) for one in both)
    done = comparing.compare(first, second)
    if as_json:
        print_json(comparing.to_json(done))
    else:
        comparing.show(done, output_console())
    if loaded.refused:
        raise typer.Exit(EXIT_FAILURE)

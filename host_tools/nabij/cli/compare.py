"""`nabij compare`: two configurations on the same recordings."""

from typing import Annotated

import typer
from rich.console import Console

from nabij.cli.options import Bundles, JsonFile, Placement, Subjects
from nabij.cli.output import write_json
from nabij.errors import EXIT_FAILURE

app = typer.Typer()


@app.command(epilog="Example: nabij compare old.toml new.toml fallalld --placement neck")
def compare(
    a: Annotated[str, typer.Argument(metavar="A.toml", help="A configuration file or name.")],
    b: Annotated[str, typer.Argument(metavar="B.toml", help="The one to compare it with.")],
    bundles: Bundles,
    placement: Placement = None,
    subjects: Subjects = None,
    json_file: JsonFile = None,
) -> None:
    """Say on which recordings two configurations differ, and whether chance explains it."""
    from nabij.replay import compare as comparing
    from nabij.replay import run, settings, text

    both = settings.load(a), settings.load(b)
    with run.progress_bars(Console(stderr=True)) as progress:
        loaded = run.load(bundles, progress, placement=placement, subjects=subjects)
        first, second = (run.replay(loaded, one, "numba", progress) for one in both)
    done = comparing.compare(first, second)
    if json_file is not None:
        write_json(json_file, comparing.to_json(done))
    comparing.show(done, text.wide_console())
    if loaded.refused:
        raise typer.Exit(EXIT_FAILURE)

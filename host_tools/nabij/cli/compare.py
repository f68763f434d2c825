"""`nabij compare`: two configurations on the same recordings."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nabij.cli import completion
from nabij.cli.completion import one_of
from nabij.cli.options import Bundles, Json, Placement, Report, Subjects
from nabij.cli.output import made, print_json, tell
from nabij.errors import EXIT_FAILURE, UsageError
from nabij.paths import STANDARD_OUTPUT, check_output, write_output
from nabij.terminal import output_console

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij compare old.toml new.toml fallalld --placement neck")
def compare(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A.toml",
            help="A configuration file or name.",
            autocompletion=one_of(completion.configs),
        ),
    ],
    b: Annotated[
        str,
        typer.Argument(
            metavar="B.toml",
            help="The one to compare it with.",
            autocompletion=one_of(completion.configs),
        ),
    ],
    bundles: Bundles,
    placement: Placement = None,
    subjects: Subjects = None,
    *,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Say on which recordings two configurations differ, and whether chance explains it."""
    from nabij.replay import compare as comparing
    from nabij.replay import html, run, settings

    page_only = str(report) == STANDARD_OUTPUT
    if page_only and as_json:
        raise UsageError("--report - and --json both go to standard output: name a file for one.")
    check_output(report)

    both = settings.load(a), settings.load(b)
    with run.progress_bars(Console(emoji=False, stderr=True)) as progress:
        loaded = run.load(bundles, progress, placement=placement, subjects=subjects)
        first, second = (run.replay(loaded, one, "numba", progress) for one in both)
    done = comparing.compare(first, second)
    if report is not None:
        options = {"--placement": placement, "--subjects": subjects}
        about = made(f"compare {Path(a).name} {Path(b).name}", bundles, options)
        write_output(report, html.compare_page(done, about).encode())
    if as_json:
        print_json(comparing.to_json(done))
    elif not page_only:
        comparing.show(done, output_console())
    if report is not None and not page_only:
        tell(f"Report: {report}")
    if loaded.refused:
        raise typer.Exit(EXIT_FAILURE)

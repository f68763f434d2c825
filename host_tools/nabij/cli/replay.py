"""`nabij replay`: recordings through the badge's own detector."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nabij.cli import completion
from nabij.cli.completion import one_of
from nabij.cli.options import Bundles, Config, Json, Placement, Report, Subjects
from nabij.cli.output import made, print_json, tell
from nabij.errors import EXIT_FAILURE, UsageError
from nabij.paths import STANDARD_OUTPUT, check_output, write_output
from nabij.terminal import output_console

app = typer.Typer(add_completion=False)

Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        help="numba: on this machine. viper: under MicroPython. "
        "firmware: each recording through a whole virtual badge (about 5 a second). "
        "badge: worn since a minute of the person's walking; alarms of all causes.",
        autocompletion=one_of(completion.engines),
    ),
]
Then = Annotated[
    str | None,
    typer.Option(
        "--then",
        help="With --engine badge: the wearer goes on with his own walk (walk), "
        "also who fell and was to stay down (up).",
        autocompletion=one_of(completion.then),
    ),
]


@app.command(epilog="Example: nabij replay fallalld sisfall --config neck --report report.html")
def replay(
    *,
    bundles: Bundles,
    config: Config = None,
    engine: Engine = "numba",
    then: Then = None,
    placement: Placement = None,
    subjects: Subjects = None,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Put recordings through the badge's own detector and say how it did.

    Prints sensitivity, specificity (95 % Wilson), false alarms, latency, and each wrong recording.
    """
    from nabij.replay import html, run, settings, text

    run.check(engine, then)
    page_only = str(report) == STANDARD_OUTPUT
    if page_only and as_json:
        raise UsageError("--report - and --json both go to standard output: name a file for one.")
    check_output(report)
    chosen = settings.load(config)
    try:
        with run.progress_bars(Console(emoji=False, stderr=True)) as progress:
            loaded = run.load(bundles, progress, placement=placement, subjects=subjects)
            done = run.replay(loaded, chosen, engine, progress, then)
    except run.NothingUsableError as nothing:
        if as_json:
            print_json(text.document(chosen, (), nothing.errors))
        raise
    if report is not None:
        options = {
            "--config": config and Path(config).name,
            "--engine": None if engine == "numba" else engine,
            "--then": then,
            "--placement": placement,
            "--subjects": subjects,
        }
        write_output(report, html.page(done, made("replay", bundles, options)).encode())
    if as_json:
        print_json(text.to_json(done))
    elif not page_only:
        text.show(done, output_console())
    if report is not None and not page_only:
        tell(f"Report: {report}")
    if loaded.refused:
        raise typer.Exit(EXIT_FAILURE)

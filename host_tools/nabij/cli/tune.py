"""The verb `nabij tune`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nabij.cli.output import write_json
from nabij.paths import write_file

if TYPE_CHECKING:
    from nabij.tune.tuning import Choices

app = typer.Typer()


@app.command(epilog="Example: nabij tune fallalld imufd -o neck.toml --trials 1000 --workers 2")
def tune(
    *,
    bundles: Annotated[
        list[Path],
        typer.Argument(metavar="BUNDLE...", help="Trace bundles: folders with index.csv."),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="The configuration to write.", dir_okay=False),
    ],
    position: Annotated[
        str, typer.Option("--position", help="Where the badge is worn: neck or belt.")
    ] = "neck",
    trials: Annotated[
        int, typer.Option("--trials", min=1, help="Trials in all, in batches of 20.")
    ] = 1000,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Processes on this machine.")
    ] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", help="Use the workers of this Dask scheduler: tls://HOST:PORT."
        ),
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(
            "--study",
            help="Journal of the trials; given again, it goes on (default: beside the output).",
            dir_okay=False,
        ),
    ] = None,
    most_per_hour: Annotated[
        float | None,
        typer.Option(
            "--max-false-per-hour",
            min=0.0,
            help="Pick the highest sensitivity with so few false alarms (default: the knee).",
        ),
    ] = None,
    copies: Annotated[
        int,
        typer.Option(
            "--copies", min=0, max=8, help="Also learn from copies turned and with noise."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same result.")] = 1,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write the front for a script.", dir_okay=False),
    ] = None,
) -> None:
    """Fit the detector's table to recordings and write it as a configuration.

    Searches for high sensitivity and few false alarms on people held out; Ctrl-C stops it, the
    same command goes on.
    """
    from nabij.replay.run import progress_bars
    from nabij.replay.text import wide_console
    from nabij.tune import report, tuning

    journal = study or output.with_name(f"{output.name}.study")
    choices = tuning.Choices(position, trials, seed, copies, workers, scheduler, most_per_hour)
    with progress_bars(Console(stderr=True)) as progress:
        tuned = tuning.tune(bundles, journal, choices, progress)
    write_file(output, report.to_toml(tuned, _command(bundles, choices)).encode())
    if json_file is not None:
        write_json(json_file, report.to_json(tuned))
    report.show(tuned, wide_console())
    told = Console(stderr=True, soft_wrap=True)
    told.print(f"Written: {output} (the study: {journal})", markup=False, highlight=False)


def _command(bundles: list[Path], choices: "Choices") -> str:
    """Return the command without paths of this machine, and without what changes no result."""
    words = ["nabij", "tune", *(one.resolve().name for one in bundles)]
    words += ["--position", choices.position, "--trials", str(choices.trials)]
    words += ["--copies", str(choices.copies)] if choices.copies else []
    if choices.most_per_hour is not None:
        words += ["--max-false-per-hour", f"{choices.most_per_hour:g}"]
    return shlex.join([*words, "--seed", str(choices.seed)])

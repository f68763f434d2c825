"""The verb `nabij tune`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nabij.cli import completion
from nabij.cli.completion import one_of
from nabij.cli.options import Json, Seed, Subjects, option
from nabij.cli.output import print_json, tell
from nabij.errors import UsageError
from nabij.paths import STANDARD_OUTPUT, check_output, write_output
from nabij.terminal import output_console

if TYPE_CHECKING:
    from nabij.tune.tuning import Choices

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij tune fallalld imufd -o neck.toml --trials 1000 --workers 2")
def tune(
    *,
    bundles: Annotated[
        list[Path],
        typer.Argument(metavar="BUNDLE...", help="Trace bundles: folders with index.csv."),
    ],
    output: Annotated[
        Path,
        option("--output", "-o", more="the configuration"),
    ],
    position: Annotated[
        str,
        typer.Option(
            "--position",
            help="Where the badge is worn: neck or belt.",
            autocompletion=one_of(completion.positions),
        ),
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
            max=3600.0,
            help="Pick the highest sensitivity with so few false alarms (default: the knee).",
        ),
    ] = None,
    copies: Annotated[
        int,
        typer.Option(
            "--copies", min=0, max=8, help="Also learn from copies turned and with noise."
        ),
    ] = 0,
    soft: Annotated[
        int,
        typer.Option("--soft", min=0, max=8, help="Also learn from copies of falls made softer."),
    ] = 0,
    seed: Seed = 1,
    subjects: Subjects = None,
    exclude: Annotated[
        str | None,
        typer.Option("--exclude", help="Not these people: names or patterns, as SA01,SE*."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit the detector's table to recordings and write it as a configuration.

    Searches for high sensitivity and few false alarms on people held out; Ctrl-C stops it, the
    same command goes on.
    """
    from nabij.replay.run import progress_bars
    from nabij.tune import report, tuning
    from nabij.tune.recordings import Copies

    printed = str(output) == STANDARD_OUTPUT
    if printed and (as_json or study is None):
        raise UsageError("-o - prints the configuration: add --study FILE, and no --json.")
    check_output(output)
    check_output(study)
    if study is not None and study.exists() and not study.is_file():
        raise UsageError(f"{study} is no file: choose another one for the study.")
    journal = study or output.with_name(f"{output.name}.study")
    choices = tuning.Choices(
        position=position,
        trials=trials,
        seed=seed,
        copies=Copies(noisy=copies, soft=soft),
        workers=workers,
        scheduler=scheduler,
        most_per_hour=most_per_hour,
        subjects=subjects,
        exclude=exclude,
    )
    with progress_bars(Console(emoji=False, stderr=True)) as progress:
        tuned = tuning.tune(bundles, journal, choices, progress)
    write_output(output, report.to_toml(tuned, _command(bundles, choices)).encode())
    if as_json:
        print_json(report.to_json(tuned))
    elif not printed:
        report.show(tuned, output_console())
    tell(f"Written: {output} (the study: {journal})")


def _command(bundles: list[Path], choices: "Choices") -> str:
    """Return the command without paths of this machine, and without what changes no result."""
    words = ["nabij", "tune", *(one.resolve().name for one in bundles)]
    words += ["--position", choices.position, "--trials", str(choices.trials)]
    words += ["--copies", str(choices.copies.noisy)] if choices.copies.noisy else []
    words += ["--soft", str(choices.copies.soft)] if choices.copies.soft else []
    if choices.most_per_hour is not None:
        words += ["--max-false-per-hour", f"{choices.most_per_hour:g}"]
    words += ["--subjects", choices.subjects] if choices.subjects else []
    words += ["--exclude", choices.exclude] if choices.exclude else []
    return shlex.join([*words, "--seed", str(choices.seed)])

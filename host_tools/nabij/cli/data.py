"""`nabij data`: bring published recordings into bundles, and look at what is in a bundle."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from nabij.cli import data_import
from nabij.cli.data_import import tell_some
from nabij.cli.options import Json, OnePlacement, Seed, option
from nabij.cli.output import print_json
from nabij.data import plot as data_plot
from nabij.data import stream_bundle
from nabij.data.bundle_files import TraceError
from nabij.data.bundles import Bundle, Trial, load_bundle, samples_104
from nabij.errors import EXIT_FAILURE, EXIT_USAGE, UsageError
from nabij.paths import STANDARD_OUTPUT, check_output

app = typer.Typer(
    no_args_is_help=True,
    help="Recordings of motion: import published data sets, list and show bundles.",
)
Bundles = Annotated[list[Path], typer.Argument(help="Folders with an index.csv.")]


app.command("import", epilog="Example: nabij data import sisfall SisFall_dataset -o sisfall")(
    data_import.import_set
)


@app.command("stream", epilog="Example: nabij data stream fallalld imufd -o day --hours 24")
def stream(
    *,
    paths: Bundles,
    output: Annotated[Path, option("--output", "-o", more="the folder of the new bundle")],
    hours: Annotated[
        float, option("--hours", more="all streams together", min=0.05, max=1000)
    ] = 24.0,
    minutes: Annotated[
        float, typer.Option("--minutes", min=3, max=240, help="Length of each stream.")
    ] = 60.0,
    placement: OnePlacement = None,
    seed: Seed = 1,
    force: Annotated[bool, option("--force", more="a bundle")] = False,
    as_json: Json = False,
) -> None:
    """Join recordings of daily life of many people into long streams, for false alarms in 24 h.

    One goes over into the next where the posture is the same; seams.csv says where.
    """
    made = stream_bundle.make(
        paths, stream_bundle.Wanted(output, hours, minutes, placement, seed, force)
    )
    tell_some(made.problems)
    if as_json:
        print_json({"bundle": str(output), **made.counts})
        return
    told = ", ".join(f"{name} {count}" for name, count in made.counts.items())
    typer.echo(f"{output}: {told}. It holds the recordings: their licences are its licence.")


@app.command("list", epilog="Example: nabij data list sisfall fallalld")
def list_bundles(paths: Bundles, as_json: Json = False) -> None:
    """Say what is in bundles: placements, subjects, falls, minutes, and what cannot be used."""
    groups: list[dict[str, Any]] = []
    problems: list[str] = []
    refused = 0
    for path in paths:
        try:
            bundle = load_bundle(path)
        except TraceError as error:
            problems.append(error.sentence)
            refused += 1
            continue
        problems += [problem.sentence for problem in bundle.problems]
        groups += _groups(bundle)
    if as_json:
        print_json({"groups": groups, "problems": problems})
    else:
        _show_groups(groups)
        tell_some(problems)
    if refused:
        # As of replay: it is a wrong choice when there is nothing else.
        raise typer.Exit(EXIT_FAILURE if refused < len(paths) else EXIT_USAGE)


def _show_groups(groups: Sequence[dict[str, Any]]) -> None:
    if not groups:
        return
    table = Table(box=None)
    for title in ("bundle", "placement", "Hz", "subjects", "falls", "others", "minutes"):
        table.add_column(title, justify="left" if title in {"bundle", "placement"} else "right")
    for group in groups:
        rates = "/".join(f"{rate:g}" for rate in group["rates_hz"][:4])
        numbers = (group[key] for key in ("subjects", "falls", "others", "minutes"))
        table.add_row(group["bundle"], group["placement"], rates, *(str(one) for one in numbers))
    Console(emoji=False, soft_wrap=True, markup=False).print(table)


@app.command("show", epilog="Example: nabij data show sisfall F01_SA05_R01 --plot fall.png")
def show(
    path: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder with an index.csv.")],
    trial_id: Annotated[str, typer.Argument(metavar="TRIAL", help="A trial_id of its index.")],
    placement: OnePlacement = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", help="Draw it into this PNG file, or - for standard output."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what is known of one recording, and draw its magnitude and axes on request."""
    picture_only = str(plot) == STANDARD_OUTPUT
    if picture_only and as_json:
        raise UsageError("--plot - and --json both go to standard output: name a file for one.")
    if picture_only and sys.stdout.isatty():
        raise UsageError("--plot - is a picture, not for a terminal: send it to a file, > a.png.")
    check_output(plot)
    bundle = load_bundle(path)
    trial = _find(bundle, trial_id, placement)
    if plot is not None:
        data_plot.draw(trial, plot)
    if picture_only:
        return
    facts: dict[str, Any] = {
        "bundle": trial.bundle,
        "trial_id": trial.trial_id,
        "subject": trial.subject,
        "activity": f"{trial.activity_code} {trial.activity}".strip(),
        "is_fall": trial.is_fall,
        "placement": trial.placement,
        "rate_hz": trial.rate_hz,
        "duration_s": round(trial.duration_s, 3),
        "samples": trial.length,
        "samples_at_104_hz": len(samples_104(trial)),
        **trial.extra,
        "problems": [one.sentence for one in bundle.problems if trial_id in one.trials],
    }
    if as_json:
        print_json(facts)
        return
    for name, fact in facts.items():
        if fact not in ("", []):
            typer.echo(f"{name:18} {fact}")
    if plot is not None:
        typer.echo(f"{'plot':18} {plot}")


def _groups(bundle: Bundle) -> list[dict[str, Any]]:
    found = []
    for placement in dict.fromkeys(row.placement for row in bundle.rows):
        rows = [row for row in bundle.rows if row.placement == placement]
        falls = sum(row.is_fall for row in rows)
        found.append(
            {
                "bundle": bundle.name,
                "placement": placement,
                "rates_hz": sorted({row.rate_hz for row in rows}),
                "subjects": len({row.subject for row in rows}),
                "falls": falls,
                "others": len(rows) - falls,
                "minutes": round(sum(row.duration_s for row in rows) / 60, 1),
            }
        )
    return found


def _find(bundle: Bundle, trial_id: str, placement: str | None) -> Trial:
    same = [row for row in bundle.rows if row.trial_id == trial_id]
    rows = [row for row in same if placement in {None, row.placement}]
    if len(rows) > 1:
        places = ", ".join(sorted(row.placement for row in rows))
        raise UsageError(f"{trial_id} was recorded at {places}: add --placement.")
    if not rows:
        about = [one.sentence for one in bundle.problems if trial_id in one.trials]
        if about:
            raise UsageError(about[0])
        where = f" at {placement}" if placement and same else ""
        near = [
            row.trial_id for row in bundle.rows if trial_id.casefold() in row.trial_id.casefold()
        ]
        hint = f"there are {', '.join(near[:3])}" if near else "`index.csv` lists what there is"
        raise UsageError(f"{bundle.name} has no trial '{trial_id}'{where}: {hint}.")
    return rows[0]

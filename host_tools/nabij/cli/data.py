"""`nabij data`: bring published recordings into bundles, and look at what is in a bundle."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table

from nabij.data import importing, stream_bundle
from nabij.data import plot as data_plot
from nabij.data.bundle_files import TraceError
from nabij.data.bundles import Bundle, Trial, load_bundle, samples_104
from nabij.errors import EXIT_FAILURE, UsageError

_BAR_AFTER_S: Final = 2.0
_PROBLEMS_SHOWN: Final = 20

app = typer.Typer(
    no_args_is_help=True,
    help="Recordings of motion: import published data sets, list and show bundles.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]
Bundles = Annotated[list[Path], typer.Argument(help="Folders with an index.csv.")]


@app.command("import", epilog="Example: nabij data import sisfall SisFall_dataset -o sisfall")
def import_set(
    *,
    name: Annotated[
        str, typer.Argument(metavar="SET", help=f"One of: {', '.join(importing.IMPORTERS)}.")
    ],
    path: Annotated[Path, typer.Argument(help="The set as published, unpacked.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the new bundle.")],
    rate: Annotated[
        float | None,
        typer.Option("--rate", min=10, max=2000, help="Resample to this rate in Hz."),
    ] = None,
    badge: Annotated[
        bool,
        typer.Option("--badge", help="As the badge measures: 104 Hz, +-16 g, steps of 0.488 mg."),
    ] = False,
    placement: Annotated[
        list[str] | None,
        typer.Option("--placement", help="Place of the body, or all; may be repeated."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing bundle.")] = False,
    columns: Annotated[
        str, typer.Option("--columns", help="csv only: the x, y and z columns, as ax,ay,az.")
    ] = "",
    units: Annotated[str, typer.Option("--units", help="csv only: g, mg or m/s2.")] = "",
    source_rate: Annotated[
        float | None,
        typer.Option("--source-rate", min=10, max=2000, help="csv only: rate in Hz."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Import a data set from its published layout into a trace bundle.

    Places on the torso are imported unless --placement names others. Original rates are kept
    unless --rate or --badge is given. A file that cannot be used is named and left out.
    """
    request = importing.Request(
        key=name,
        path=path,
        target=output,
        placements=tuple(placement or ()),
        conversion=importing.badge_conversion(badge=badge, rate_hz=rate),
        force=force,
        columns=tuple(filter(None, (one.strip() for one in columns.split(",")))),
        units=units,
        source_rate_hz=source_rate,
    )
    with _Bar() as bar:
        report = importing.run(request, bar)
    if as_json:
        summary = {"bundle": str(report.bundle), "set": name, "counts": report.counts}
        typer.echo(json.dumps({**summary, "problems": list(report.problems)}))
        return
    _tell(report.problems)
    counts = report.counts
    typer.echo(
        f"{report.bundle}: recordings {counts['recordings']}, falls {counts['falls']}, "
        f"subjects {counts['subjects']}, minutes {counts['minutes']}; "
        f"took {report.seconds:.1f} s. Cite: {importing.IMPORTERS[name].SOURCE.citation}."
    )


@app.command("stream", epilog="Example: nabij data stream fallalld imufd -o day --hours 24")
def stream(
    *,
    paths: Bundles,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the new bundle.")],
    hours: Annotated[
        float, typer.Option("--hours", min=0.05, max=1000, help="How long, all streams together.")
    ] = 24.0,
    minutes: Annotated[
        float, typer.Option("--minutes", min=3, max=240, help="Length of each stream.")
    ] = 60.0,
    placement: Annotated[
        str | None, typer.Option("--placement", help="Needed when there are several.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other streams.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing bundle.")] = False,
    as_json: Json = False,
) -> None:
    """Join recordings of daily life of many people into long streams, for false alarms in 24 h.

    One goes over into the next where the posture is the same; seams.csv says where.
    """
    made = stream_bundle.make(
        paths, stream_bundle.Wanted(output, hours, minutes, placement, seed, force)
    )
    _tell(made.problems)
    if as_json:
        typer.echo(json.dumps({"bundle": str(output), **made.counts}))
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
        typer.echo(json.dumps({"groups": groups, "problems": problems}))
    else:
        _show_groups(groups)
        _tell(problems)
    if refused:
        raise typer.Exit(EXIT_FAILURE)


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
    Console(soft_wrap=True, markup=False).print(table)


@app.command("show", epilog="Example: nabij data show sisfall F01_SA05_R01 --plot fall.png")
def show(
    path: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder with an index.csv.")],
    trial_id: Annotated[str, typer.Argument(metavar="TRIAL", help="A trial_id of its index.")],
    placement: Annotated[
        str | None, typer.Option("--placement", help="Needed when there are several.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw it into this PNG file.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what is known of one recording, and draw its magnitude and axes on request."""
    bundle = load_bundle(path)
    trial = _find(bundle, trial_id, placement)
    if plot is not None:
        data_plot.draw(trial, plot)
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
        typer.echo(json.dumps(facts))
        return
    for name, fact in facts.items():
        if fact not in ("", []):
            typer.echo(f"{name:18} {fact}")
    if plot is not None:
        typer.echo(f"{'plot':18} {plot}")


class _Bar:
    """A progress bar on a terminal's stderr, once the work has lasted two seconds."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._console = Console(stderr=True)
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, done: int, of: int) -> None:
        if not self._console.is_terminal:
            return
        if self._progress is None:
            if time.monotonic() - self._started < _BAR_AFTER_S:
                return
            parts = (TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), Remaining())
            self._progress = Progress(*parts, console=self._console, transient=True)
            self._progress.start()
            self._task = self._progress.add_task("", total=of)
        if self._task is not None:
            self._progress.update(self._task, completed=done)


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


def _tell(problems: Sequence[str]) -> None:
    console = Console(stderr=True, soft_wrap=True)
    for sentence in problems[:_PROBLEMS_SHOWN]:
        console.print(sentence, markup=False, highlight=False)
    if len(problems) > _PROBLEMS_SHOWN:
        more = len(problems) - _PROBLEMS_SHOWN
        console.print(f"... and {more} more: --json lists them all.", highlight=False)

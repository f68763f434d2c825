"""`nabij data import`: published sets and recordings of one's own become bundles."""

import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.progress import TimeRemainingColumn as Remaining

from nabij.cli import completion
from nabij.cli.completion import one_of
from nabij.cli.options import Json, option
from nabij.cli.output import print_json
from nabij.cli.taken import taken_lines
from nabij.data import importing
from nabij.data.common import MG_A_STATED_UNIT, NOTHING_TOLD, Told
from nabij.data.own import importer as own
from nabij.data.own.labels import LABELS
from nabij.data.own.time_numbers import SECONDS_A_TICK
from nabij.errors import UsageError
from nabij.paths import require_parent, write_file

_BAR_AFTER_S: Final = 2.0
_PROBLEMS_SHOWN: Final = 20
_SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blank": " "}
_OWN: Final = "Recordings of your own (csv)"


def import_set(
    *,
    name: Annotated[
        str,
        typer.Argument(
            metavar="SET",
            help=f"One of: {', '.join(importing.IMPORTERS)}.",
            autocompletion=one_of(completion.sets),
        ),
    ],
    path: Annotated[
        Path, typer.Argument(help="The set as published, unpacked; or your file or folder.")
    ],
    output: Annotated[
        Path | None, option("--output", "-o", more="the folder of the new bundle")
    ] = None,
    resample: Annotated[
        float | None,
        typer.Option("--resample", min=10, max=2000, help="Bring it to this rate in Hz."),
    ] = None,
    as_badge: Annotated[
        bool,
        typer.Option(
            "--as-badge", help="As the badge measures: 104 Hz, +-16 g, steps of 0.488 mg."
        ),
    ] = False,
    placement: Annotated[
        list[str] | None,
        option(
            "--placement",
            more="or all; may be repeated",
            autocompletion=one_of(completion.placements),
        ),
    ] = None,
    force: Annotated[bool, option("--force", more="a bundle")] = False,
    dry_run: Annotated[bool, option("--dry-run", more="what it would take")] = False,
    columns: Annotated[
        str,
        typer.Option(
            "--columns",
            help="The x, y and z columns, by name or number: ax,ay,az.",
            rich_help_panel=_OWN,
        ),
    ] = "",
    units: Annotated[
        str,
        typer.Option(
            "--units",
            help=f"{', '.join(MG_A_STATED_UNIT)}.",
            rich_help_panel=_OWN,
            autocompletion=one_of(completion.units),
        ),
    ] = "",
    scale: Annotated[
        float | None,
        typer.Option(
            "--scale", help="Milli-g of 1 in the file (raw counts).", rich_help_panel=_OWN
        ),
    ] = None,
    offset: Annotated[
        str,
        typer.Option(
            "--offset",
            help="0 g in the file: one number, or X,Y,Z (unsigned counts, volts).",
            rich_help_panel=_OWN,
        ),
    ] = "",
    time_column: Annotated[
        str,
        typer.Option(
            "--time", help="The column of time, or none.", metavar="COLUMN", rich_help_panel=_OWN
        ),
    ] = "",
    time_unit: Annotated[
        str,
        typer.Option(
            "--time-unit",
            help=f"Of its numbers: {', '.join(SECONDS_A_TICK)}.",
            rich_help_panel=_OWN,
            autocompletion=one_of(completion.time_units),
        ),
    ] = "",
    source_rate: Annotated[
        float | None,
        option("--source-rate", min=10, max=2000, rich_help_panel=_OWN),
    ] = None,
    decimal: Annotated[
        str, typer.Option("--decimal", help="Decimal sign: . or ,", rich_help_panel=_OWN)
    ] = "",
    separator: Annotated[
        str,
        typer.Option(
            "--separator",
            help="comma, semicolon, tab, bar or blank.",
            rich_help_panel=_OWN,
            autocompletion=one_of(lambda: _SEPARATORS),
        ),
    ] = "",
    encoding: Annotated[
        str, typer.Option("--encoding", help="Such as utf-8 or cp1252.", rich_help_panel=_OWN)
    ] = "",
    sheet: Annotated[
        str, typer.Option("--sheet", help="Of a workbook or JSON.", rich_help_panel=_OWN)
    ] = "",
    skip_bad: Annotated[
        int,
        typer.Option(
            "--skip-bad",
            min=0,
            metavar="N",
            help="Leave out up to N lines that hold no sample.",
            rich_help_panel=_OWN,
        ),
    ] = 0,
    labels_template: Annotated[
        bool,
        typer.Option(
            "--labels-template",
            help="Only write a labels.csv to fill in (to -o, if given).",
            rich_help_panel=_OWN,
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Import recordings into a trace bundle: a published data set, or files of your own (csv).

    Places on the torso are imported unless --placement names others. Original rates are kept
    unless --resample or --as-badge is given. A file that cannot be used is named and left out.
    What is guessed from files of your own is printed, and can be told by an option instead.
    """
    importing.importer(name)
    told = Told(
        columns=tuple(filter(None, (one.strip() for one in columns.split(",")))),
        units=units,
        scale=scale,
        offset=_offset(offset),
        time=time_column,
        time_unit=time_unit,
        rate_hz=source_rate,
        decimal=decimal,
        separator=_separator(separator),
        encoding=encoding,
        sheet=sheet,
        skip_bad=skip_bad,
    )
    if labels_template:
        others = (placement, resample, as_badge, force, dry_run, as_json)
        if told != NOTHING_TOLD or any(others):
            raise UsageError("--labels-template only writes labels.csv: of others it takes -o.")
        _write_template(name, path, output)
        return
    if output is None and not dry_run:
        raise UsageError("Give -o FOLDER for the new bundle, or --dry-run to look only.")
    if scale is not None and not 0 < scale < math.inf:
        raise UsageError("--scale is the milli-g of 1 in the file: give a number above 0.")
    request = importing.Request(
        key=name,
        path=path,
        target=None if dry_run else output,
        placements=tuple(placement or ()),
        conversion=importing.badge_conversion(badge=as_badge, rate_hz=resample),
        force=force,
        told=told,
    )
    with _Bar() as bar:
        report = importing.run(request, bar)
    if as_json:
        _print_json(name, report)
        return
    for line in taken_lines(report.taken):
        typer.echo(line)
    tell_some(report.problems, report.refusals)
    if report.left_out:
        typer.echo(f"Files left out: {report.left_out}.", err=True)
    counts = report.counts
    where = f"{report.bundle}:" if report.bundle else "Nothing written; it would be"
    typer.echo(
        f"{where} recordings {counts['recordings']}, falls {counts['falls']}, "
        f"subjects {counts['subjects']}, minutes {counts['minutes']}; "
        f"took {report.seconds:.1f} s. Cite: {importing.IMPORTERS[name].SOURCE.citation}."
    )


def tell_some(problems: Sequence[str], refusals: int = 0) -> None:
    """Print all refusals and the first sentences behind them, and how many more there are."""
    console = Console(emoji=False, stderr=True, soft_wrap=True)
    shown = refusals + _PROBLEMS_SHOWN
    for sentence in problems[:shown]:
        console.print(sentence, markup=False, highlight=False)
    if len(problems) > shown:
        more = len(problems) - shown
        console.print(f"... and {more} more: --json lists them all.", highlight=False)


def _print_json(name: str, report: importing.Report) -> None:
    taken: list[dict[str, Any]] = [
        {
            "file": file,
            "time": one.time,
            "axes": one.axes,
            "unit": one.unit,
            "text": one.form,
            "first": [list(row) for row in one.first],
        }
        for file, one in report.taken
    ]
    summary = {
        "bundle": str(report.bundle) if report.bundle else None,
        "set": name,
        "counts": report.counts,
        "taken": taken,
        "problems": list(report.problems),
        "left_out": report.left_out,
    }
    print_json(summary)


def _offset(text: str) -> tuple[float, ...]:
    try:
        values = tuple(float(one) for one in text.split(",") if text)
    except ValueError:
        values = (math.nan,)
    if not all(map(math.isfinite, values)):
        raise UsageError(f"--offset is one number or three, such as 512,505,518, not '{text}'.")
    return values


def _separator(word: str) -> str:
    if not word or word in _SEPARATORS.values():
        return word
    if word not in _SEPARATORS:
        raise UsageError(f"There is no separator '{word}': choose from {', '.join(_SEPARATORS)}.")
    return _SEPARATORS[word]


def _write_template(name: str, path: Path, output: Path | None) -> None:
    """Write a labels.csv beside the recordings, or where -o says; never over one."""
    if name != own.SOURCE.key:
        raise UsageError(f"--labels-template is for csv: {name} has labels of its own.")
    text = importing.labels_template(path)
    if output == Path("-"):
        sys.stdout.write(text)
        return
    target = output or (path.parent if path.is_file() else path) / LABELS
    if target.is_dir():
        target /= LABELS
    if target.exists():
        raise UsageError(f"{target} exists already: fill it in, or name another with -o.")
    require_parent(target)
    write_file(target, text.encode())
    typer.echo(f"{target}: fill it in, then import.")


class _Bar:
    """A progress bar on a terminal's stderr, once the work has lasted two seconds."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._console = Console(emoji=False, stderr=True)
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

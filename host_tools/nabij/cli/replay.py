"""The verbs `nabij replay` and `nabij compare`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from nabij.errors import EXIT_FAILURE, UsageError
from nabij.paths import write_file

Bundles = Annotated[
    list[Path], typer.Argument(metavar="BUNDLE...", help="Trace bundles: folders with index.csv.")
]
Placement = Annotated[
    str | None,
    typer.Option("--placement", help="Only recordings made there, as neck, waist or chest."),
]
Subjects = Annotated[
    str | None,
    typer.Option("--subjects", help="Only these people: names or patterns, as SA01,SE*."),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        help="numba: on this machine. viper: under MicroPython. "
        "firmware: each recording through a whole virtual badge (about 5 a second).",
    ),
]
JsonFile = Annotated[
    Path | None, typer.Option("--json", help="Write the figures for a script.", dir_okay=False)
]


def register(app: typer.Typer) -> None:
    """Add the verbs to the command."""
    app.command(
        epilog="Example: nabij replay fallalld sisfall --config neck --report report.html"
    )(replay)
    app.command(epilog="Example: nabij compare old.toml new.toml fallalld --placement neck")(
        compare
    )


def replay(
    bundles: Bundles,
    config: Annotated[
        str | None,
        typer.Option(
            "--config", help="A configuration file, or neck or belt (default: built in)."
        ),
    ] = None,
    engine: Engine = "numba",
    placement: Placement = None,
    subjects: Subjects = None,
    json_file: JsonFile = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Write a report to look at, one HTML file.", dir_okay=False),
    ] = None,
) -> None:
    """Put recordings through the badge's own detector and say how it did.

    Prints sensitivity, specificity (95 % Wilson), false alarms, latency, and each wrong recording.
    """
    # Imported late: numba takes a second, which no other verb should wait for.
    from nabij.replay import html, run, settings, text  # noqa: PLC0415

    _check_engine(engine, run.ENGINES)
    chosen = settings.load(config)
    try:
        with run.progress_bars(Console(stderr=True)) as progress:
            loaded = run.load(bundles, progress, placement=placement, subjects=subjects)
            done = run.replay(loaded, chosen, engine, progress)
    except run.NothingUsableError as nothing:
        if json_file is not None:
            _write_json(json_file, text.document(chosen, (), nothing.errors))
        raise
    if json_file is not None:
        _write_json(json_file, text.to_json(done))
    if report is not None:
        command = _command(placement=placement, subjects=subjects)
        write_file(report, html.page(done, command).encode())
    text.show(done, text.wide_console())
    if report is not None:
        Console(stderr=True, soft_wrap=True).print(f"Report: {report}", markup=False)
    if loaded.refused:
        raise typer.Exit(EXIT_FAILURE)


def compare(
    a: Annotated[str, typer.Argument(metavar="A.toml", help="A configuration file or name.")],
    b: Annotated[str, typer.Argument(metavar="B.toml", help="The one to compare it with.")],
    bundles: Bundles,
    placement: Placement = None,
    subjects: Subjects = None,
    json_file: JsonFile = None,
) -> None:
    """Say on which recordings two configurations differ, and whether chance explains it."""
    from nabij.replay import compare as comparing  # noqa: PLC0415
    from nabij.replay import run, settings, text  # noqa: PLC0415

    both = settings.load(a), settings.load(b)
    with run.progress_bars(Console(stderr=True)) as progress:
        loaded = run.load(bundles, progress, placement=placement, subjects=subjects)
        first, second = (run.replay(loaded, one, "numba", progress) for one in both)
    done = comparing.compare(first, second)
    if json_file is not None:
        _write_json(json_file, comparing.to_json(done))
    comparing.show(done, text.wide_console())
    if loaded.refused:
        raise typer.Exit(EXIT_FAILURE)


def _check_engine(engine: str, known: tuple[str, ...]) -> None:
    if engine not in known:
        raise UsageError(f"Engine {engine} is unknown: choose one of {', '.join(known)}.")


def _command(**options: str | None) -> str:
    chosen = [f"--{name} {value}" for name, value in options.items() if value is not None]
    return f"Only {' '.join(chosen)}." if chosen else ""


def _write_json(path: Path, content: dict[str, Any]) -> None:
    write_file(path, json.dumps(content, indent=2, allow_nan=False).encode() + b"\n")

"""`nabij trace`: each requirement, the tests that show it, their result, and what is not met."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nabij import places
from nabij.cli.options import Json
from nabij.cli.output import print_json
from nabij.documents.requirements.model import Row, gaps, load, rows
from nabij.errors import EXIT_FAILURE, UsageError
from nabij.paths import check_output, write_output

_STYLES: Final = {
    "shown": "green",
    "shown in part": "green",
    "not met": "dim",
    "not run": "yellow",
}


app = typer.Typer(add_completion=False)


@app.command("trace", epilog="Example: nabij trace --run")
def trace_command(
    *,
    run: Annotated[bool, typer.Option("--run", help="Run the tests that carry an id.")] = False,
    junit: Annotated[
        list[Path] | None,
        typer.Option("--junit", help="JUnit report of a run (pytest --junitxml); repeatable."),
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", help="Make the page docs/requirements.md anew.")
    ] = None,
    root: Annotated[
        Path, typer.Option("--root", help="Clone of the repository.", file_okay=False)
    ] = places.ROOT,
    as_json: Json = False,
) -> None:
    """List the requirements R01 to R30 with the tests that carry their id.

    Exit code 1 when a requirement that is claimed to be met has no test, or its tests failed.
    """
    from nabij.documents.requirements import page, runs

    check_output(write)
    for one in junit or []:
        if not one.is_file():
            raise UsageError(f"There is no report {one}: give one that pytest wrote (--junitxml).")
    # What is named is checked before tests are collected for long.
    requirements = load(root / "docs" / "requirements.toml")
    marked = runs.collect(root)
    # An unknown id is told before anything runs for minutes.
    rows(requirements, marked, {})
    reports = list(junit or [])
    if run:
        reports.append(root / "build" / "requirements.xml")
        runs.run(root, reports[-1], quiet=as_json)
    found = rows(requirements, marked, runs.results(reports, marked))
    if write is not None:
        write_output(write, page.page(found).encode())
    missing = gaps(found, ran=bool(reports))
    if as_json:
        print_json({"requirements": [_plain(row) for row in found], "gaps": missing})
    else:
        _print(found, missing)
    if missing:
        raise typer.Exit(EXIT_FAILURE)


def _plain(row: Row) -> dict[str, object]:
    tests = [asdict(test) for test in row.tests]
    return {**asdict(row.requirement), "verdict": row.verdict, "tests": tests}


def _print(found: list[Row], missing: list[str]) -> None:
    console = Console(emoji=False)
    table = Table(show_lines=True)
    for column in ("id", "requirement", "tests", "result"):
        table.add_column(column, overflow="fold")
    for row in found:
        requirement = row.requirement
        what = f"{escape(requirement.text)} [dim]({escape(requirement.limit)})[/]"
        if requirement.why:
            what += f"\n[dim]Open: {escape(requirement.why)}[/]"
        tests = "\n".join(
            f"{test.place.removeprefix('tests/')}"
            f"{f' x{test.cases}' if test.cases > 1 else ''} [dim]{test.result}[/]"
            for test in row.tests
        )
        verdict = f"[{_STYLES.get(row.verdict, 'bold red')}]{row.verdict}[/]"
        table.add_row(requirement.id, what, tests, verdict)
    console.print(table)
    if missing:
        console.print(f"Claimed and not shown: {', '.join(missing)}.")
    else:
        console.print("Everything that is claimed is shown.")

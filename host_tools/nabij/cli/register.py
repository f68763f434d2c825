"""`nabij register`: who works alone, where, when, at what risk and with which measures."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from nabij.cli.options import Json, ReceiverState, option
from nabij.cli.output import counted, print_json
from nabij.errors import EXIT_FAILURE, EXIT_USAGE, UsageError

IMPORT_EXAMPLE: Final = "Example: nabij register import shifts rooster.csv --state ./receiver"
RIE_EXAMPLE: Final = (
    "Example: nabij register rie --from 2026-01-01 --until 2026-06-30 --folder rie "
    "--state ./receiver"
)
_DAY_MS: Final = 86_400_000

app = typer.Typer(
    no_args_is_help=True,
    help="The employer's register: sheets in and out, what is missing, the risk assessment.",
    epilog=IMPORT_EXAMPLE,
)
Sheet = Annotated[
    str, typer.Argument(metavar="SHEET", help="workers, tasks, permits, shifts, measures or tags.")
]
Lang = Annotated[str, option("--lang")]


@app.command("import", epilog=IMPORT_EXAMPLE)
def import_command(
    sheet: Sheet,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="A CSV file.")],
    *,
    state: ReceiverState,
    by: Annotated[str, option("--by", more="for the audit")] = "",
    as_json: Json = False,
) -> None:
    """Keep the rows of a CSV file, all or none. Shifts that the law forbids are refused."""
    from nabij.centre.asking import MOST_BYTES
    from nabij.centre.workforce import desk
    from nabij.paths import read_file

    _check(sheet)
    content = read_file(file, "the sheet", "give a file", EXIT_USAGE, most=MOST_BYTES)
    count = desk.keep(state, sheet, content, by)
    if as_json:
        print_json({"sheet": sheet, "rows": count})
    else:
        typer.echo(f"Kept: {counted(count, 'row')} of {sheet}.")


@app.command(epilog="Example: nabij register export permits --state ./receiver > permits.csv")
def export(sheet: Sheet, *, state: ReceiverState, lang: Lang = "nl") -> None:
    """Print a sheet as CSV, which `import` takes."""
    from nabij.centre.workforce import desk, rows, sheets

    _check(sheet)
    found = desk.read(state, lambda one: rows.read(one, sheet))
    typer.echo(sheets.write(sheet, found, _language(lang)), nl=False)


@app.command(epilog="Example: nabij register check --days 28 --state ./receiver")
def check(
    *,
    state: ReceiverState,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="So far ahead.")] = 28,
    as_json: Json = False,
) -> None:
    """Say what is missing for the shifts that are planned; exit code 1 when anything is."""
    from nabij.centre.workforce import desk, findings

    now_ms = round(dt.datetime.now(dt.UTC).timestamp() * 1000)
    # A shift of this morning is still worked.
    begin_ms, end_ms = now_ms - _DAY_MS, now_ms + days * _DAY_MS
    found = desk.read(state, lambda one: findings.of(one, begin_ms, end_ms))
    if as_json:
        print_json({"findings": [{**one.__dict__, "first": f"{one.first}"} for one in found]})
    else:
        for one in found:
            mark = "NOT ALLOWED: " if one.refused else "soon: " if one.soon else ""
            when = f"{counted(one.shifts, 'shift')} from {one.first:%Y-%m-%d}"
            typer.echo(f"{mark}{one.sentence} ({when}).")
        if not found:
            typer.echo("Nothing is missing for the shifts that are planned.")
    if any(not one.soon for one in found):
        raise typer.Exit(EXIT_FAILURE)


@app.command(epilog=RIE_EXAMPLE)
def rie(
    *,
    state: ReceiverState,
    begin: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day.")],
    until: Annotated[str, option("--until", metavar="DAY")],
    folder: Annotated[Path, option("--folder")],
    names: Annotated[bool, typer.Option("--names", help="With an annex of names.")] = False,
    lang: Lang = "nl",
) -> None:
    """Write what the risk assessment asks of lone work: tables, JSON, and a page to print."""
    from nabij.centre.workforce import desk
    from nabij.centre.workforce import rie as assessment
    from nabij.centre.workforce.report import write_all

    language = _language(lang)
    from_ms, until_ms = _midnight_ms(begin), _midnight_ms(until) + _DAY_MS
    if from_ms >= until_ms:
        raise UsageError("--until is before --from: give the days the other way round.")
    document = desk.read(state, lambda one: assessment.build(one, from_ms, until_ms))
    annex: list[dict[str, Any]] | None = None
    if names:
        annex = desk.read(state, lambda one: assessment.names(one, from_ms, until_ms))
    for file in write_all(folder, document, language, annex):
        typer.echo(file)


def _check(sheet: str) -> None:
    from nabij.centre.workforce.sheets import SHEETS

    if sheet not in SHEETS:
        raise UsageError(f"There is no sheet '{sheet}': name one of {', '.join(SHEETS)}.")


def _language(text: str) -> Any:
    from nabij.centre.workforce.sheets import Language

    if text not in list(Language):
        raise UsageError(f"'{text}' is no language of headings: give nl or en.")
    return Language(text)


def _midnight_ms(text: str) -> int:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is no day: write it as 2026-12-24.") from error
    return round(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000)

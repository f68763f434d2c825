"""`nabij plan`: who is called when nobody takes an alarm; check, import, export and show that."""

import datetime as dt
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from nabij.cli.options import Json, ReceiverState, option
from nabij.cli.output import counted, print_json, tell
from nabij.errors import EXIT_FAILURE, EXIT_USAGE, UsageError

IMPORT_EXAMPLE: Final = "Example: nabij plan import plans.toml --state ./receiver"

app = typer.Typer(
    no_args_is_help=True,
    help="Who is called when nobody takes an alarm: check, import, export, show.",
    epilog=IMPORT_EXAMPLE,
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="Plans as TOML.", dir_okay=False)]


@app.command(epilog="Example: nabij plan check --state ./receiver")
def check(*, state: ReceiverState, as_json: Json = False) -> None:
    """Say what is wrong with the plans that are kept; exit code 1 when anything is."""
    from nabij.centre.escalation import desk

    found = desk.read(state, desk.findings)
    if as_json:
        print_json({"findings": found})
    for sentence in [] if as_json else found or ["Nothing is wrong with the plans."]:
        typer.echo(sentence)
    if found:
        raise typer.Exit(EXIT_FAILURE)


@app.command("import", epilog=IMPORT_EXAMPLE)
def import_command(
    file: File,
    *,
    state: ReceiverState,
    accept: Annotated[
        bool, typer.Option("--accept", help="Keep them although something is wrong with them.")
    ] = False,
    by: Annotated[str, option("--by", more="for the audit")] = "",
) -> None:
    """Keep the plans of a file in place of all others, unless something is wrong with them."""
    from nabij.centre.escalation import desk, plan_file, plan_rows
    from nabij.paths import read_file

    text = read_file(file, "the plans", "give a file", EXIT_USAGE).decode(errors="replace")
    book = plan_file.read(text, desk.read(state, plan_rows.read))
    found = desk.read(state, lambda one: desk.findings(one, book))
    for sentence in found:
        tell(sentence)
    if found and not accept:
        tell("Nothing was changed: mend this, or keep the plans all the same with --accept.")
        raise typer.Exit(EXIT_FAILURE)
    kept = desk.keep_plans(state, text, by)
    plans = counted(len(kept.plans), "plan")
    typer.echo(f"Kept: {plans}, {counted(len(kept.people), 'person', 'people')}.")


@app.command(epilog="Example: nabij plan export --state ./receiver > plans.toml")
def export(
    *,
    state: ReceiverState,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="With the addresses of channels, which are secrets.")
    ] = False,
) -> None:
    """Print the plans as TOML; addresses are written as "kept", which `import` leaves alone."""
    from nabij.centre.escalation import desk, plan_file, plan_rows

    book = desk.read(state, plan_rows.read)
    text = plan_file.write(book, lambda one: one.url) if secrets else plan_file.write(book)
    typer.echo(text, nl=False)


@app.command(epilog="Example: nabij plan show --state ./receiver")
def show(
    at: Annotated[
        str, typer.Option("--at", help="For an alarm of that time, as 2026-12-24T23:00+01:00.")
    ] = "",
    *,
    state: ReceiverState,
) -> None:
    """Show who would be called for an alarm of now, or of another time, and why not the others."""
    from nabij.centre.escalation import desk, plan_rows
    from nabij.centre.escalation.schedule import schedule

    at_ms = _at(at)
    book = desk.read(state, plan_rows.read)
    if not book.plans:
        typer.echo("There is no plan: nobody is called.")
    for plan in book.plans.values():
        typer.echo(f"{plan.name}, for {', '.join(plan.badges) or 'no badge'}:")
        for one in schedule(book, plan, at_ms):
            name = one.person.name if one.person is not None else one.step.whom
            how = one.skipped or " then ".join(channel.name for channel in one.channels)
            instead = f" (for {one.instead_of})" if one.instead_of else ""
            typer.echo(f"  after {one.step.after_s} s  {name}{instead}: {how}")
        typer.echo(f"  then the last again each {plan.repeat_min} min until somebody has it")


def _at(text: str) -> int:
    if not text:
        return time.time_ns() // 1_000_000
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is no time: write it as 2026-12-24T23:00+01:00.") from error
    # Without an offset it is the time of this machine.
    return int(moment.astimezone().timestamp() * 1000)

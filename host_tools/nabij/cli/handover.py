"""`nabij handover`: which alarm centres hear of incidents, and whether they do."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from nabij.cli.options import Json, ReceiverState, option
from nabij.cli.output import counted, print_json, tell
from nabij.errors import EXIT_FAILURE, EXIT_USAGE, NabijError
from nabij.terminal import output_console, print_table

if TYPE_CHECKING:
    from nabij.centre.handover.arcs import Arc
    from nabij.centre.handover.rows import Row

IMPORT_EXAMPLE: Final = "Example: nabij handover import arcs.toml --state ./receiver"
TEST_EXAMPLE: Final = "Example: nabij handover test north --state ./receiver"
_TEST_S: Final = 60.0
_LOOK_S: Final = 0.2
_SHOWN: Final = 20

app = typer.Typer(
    no_args_is_help=True,
    help="Professional alarm centres (SIA DC-09): import, export, show, test.",
    epilog=IMPORT_EXAMPLE,
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="Centres as TOML.", dir_okay=False)]


@app.command("import", epilog=IMPORT_EXAMPLE)
def import_command(
    file: File,
    *,
    state: ReceiverState,
    by: Annotated[str, option("--by", more="for the audit")] = "",
    as_json: Json = False,
) -> None:
    """Keep the alarm centres of a file in place of all others; say what is odd about them."""
    from nabij.centre.handover import desk
    from nabij.paths import read_file

    text = read_file(file, "the centres", "give a file", EXIT_USAGE).decode(errors="replace")
    kept = desk.keep(state, text, by)
    found = desk.read(state, lambda one: desk.findings(one, kept))
    if as_json:
        print_json({"arcs": [arc.name for arc in kept], "findings": found})
        return
    for sentence in found:
        tell(sentence)
    badges = sum(len(arc.badges) for arc in kept)
    centres = counted(len(kept), "alarm centre")
    typer.echo(f"Kept: {centres}, told of {counted(badges, 'badge')}.")


@app.command(epilog="Example: nabij handover export --state ./receiver > arcs.toml")
def export(*, state: ReceiverState) -> None:
    """Print the centres as TOML; a key is written as "kept", which `import` leaves alone."""
    from nabij.centre.handover import arcs, desk, rows

    typer.echo(arcs.write(desk.read(state, rows.read_arcs)), nl=False)


@app.command(epilog="Example: nabij handover show --state ./receiver")
def show(*, state: ReceiverState, as_json: Json = False) -> None:
    """Show the centres and what was sent to them last; exit code 1 when anything waits."""
    from nabij.centre.handover import desk, rows

    kept = desk.read(state, rows.read_arcs)
    waiting = desk.read(state, rows.waiting)
    newest = desk.read(state, lambda one: rows.newest(one, _SHOWN))
    if as_json:
        print_json(
            {
                "arcs": [_arc_json(arc, waiting.get(arc.name, 0)) for arc in kept],
                "newest": [_row_json(row) for row in newest],
            }
        )
    else:
        _show(kept, waiting, newest)
    if waiting:
        raise typer.Exit(EXIT_FAILURE)


@app.command("test", epilog=TEST_EXAMPLE)
def send_test(
    name: Annotated[str, typer.Argument(metavar="ARC", help="A name of `nabij handover show`.")],
    *,
    state: ReceiverState,
    by: Annotated[str, option("--by", more="for the centre's log")] = "",
    as_json: Json = False,
) -> None:
    """Send a test to an alarm centre and wait until it has acknowledged it."""
    from nabij.centre.handover import desk, rows
    from nabij.centre.recurring import tried

    row_id = desk.begin_test(state, name, by)

    def done() -> "Row | None":
        found = desk.read(state, lambda one: rows.row(one, row_id))
        return None if found is None or found.state is rows.State.WAITING else found

    found = tried(done, _TEST_S, _LOOK_S)
    if found is None:
        last = desk.read(state, lambda one: rows.row(one, row_id))
        why = last.said if last is not None and last.said else "it was not sent yet"
        raise NabijError(
            f"Alarm centre {name} has not acknowledged the test within {_TEST_S:.0f} s ({why}): "
            "it is sent again by itself."
        )
    if as_json:
        print_json(_row_json(found))
    if found.state is not rows.State.ACKNOWLEDGED:
        raise NabijError(f"Alarm centre {name} refuses the test: {found.said}.")
    if not as_json:
        took_s = ((found.done_ms or 0) - found.queued_ms) / 1000
        typer.echo(f"Acknowledged by {name} ({found.answered_by}) after {took_s:.1f} s.")


def _show(kept: "list[Arc]", waiting: dict[str, int], newest: "list[Row]") -> None:
    if not kept:
        typer.echo("There is no alarm centre: nobody outside is told.")
    for arc in kept:
        where = ", then ".join(f"{host}:{port}" for host, port in arc.addresses)
        sealed = "encrypted" if arc.key else "NOT encrypted"
        typer.echo(
            f"{arc.name}: {where}, {arc.protocol}, {sealed}, {counted(len(arc.badges), 'badge')}."
        )
    for name, count in waiting.items():
        typer.echo(f"{counted(count, 'MESSAGE WAITS', 'MESSAGES WAIT')} for {name}.")
    if newest:
        table = Table("at", "arc", "account", "no.", "event", "incident", "state")
        for row in newest:
            at = time.strftime("%m-%d %H:%M:%S", time.localtime(row.queued_ms / 1000))
            event = f"{row.message.event} {row.message.what}"
            incident = str(row.message.incident_id or "")
            seq = f"{row.seq:04d}"
            account = row.message.account
            table.add_row(at, row.arc, account, seq, event, incident, str(row.state))
        print_table(output_console(), table)


def _arc_json(arc: "Arc", waiting: int) -> dict[str, object]:
    from nabij.centre.handover import arcs

    return {"name": arc.name, "waiting": waiting, **arcs.to_table(arc)}


def _row_json(row: "Row") -> dict[str, object]:
    return {
        "arc": row.arc,
        "account": row.message.account,
        "seq": row.seq,
        "event": row.message.event,
        "what": str(row.message.what),
        "incident": row.message.incident_id,
        "state": str(row.state),
        "tries": row.tries,
        "queued_ms": row.queued_ms,
        "done_ms": row.done_ms,
        "answered_by": row.answered_by,
        "said": row.said,
    }

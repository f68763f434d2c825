"""`nabij demo`: the whole chain in half a minute, or to play with."""

from typing import Annotated, Final

import typer
from rich.console import Console

from nabij.cli.board_of import definition_of
from nabij.cli.options import Board
from nabij.errors import UsageError
from nabij.usb.build import DEFAULT_BOARD

_PAGE_PORT: Final = 8470
_CONSOLE_PORT: Final = 8443

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij demo")
def demo(
    *,
    board: Board = DEFAULT_BOARD,
    stay: Annotated[
        bool,
        typer.Option(
            "--stay", help="Start receiver, console and a badge to hold, and stay until Ctrl-C."
        ),
    ] = False,
    page_port: Annotated[
        int | None,
        typer.Option("--page-port", min=1, max=65535, help="With --stay: of the badge's page."),
    ] = None,
    console_port: Annotated[
        int | None,
        typer.Option("--console-port", min=1, max=65535, help="With --stay: of the console."),
    ] = None,
) -> None:
    """Show the whole chain in half a minute: a fall and a squeeze become two incidents.

    A board that tells no falls (--board) is shown with the squeeze alone.
    With --stay nothing is played: one page is the badge, another the console, until Ctrl-C.
    """
    if not stay and (page_port or console_port):
        raise UsageError("--page-port and --console-port are for --stay: give that too.")
    definition_of(board)
    if stay and board != DEFAULT_BOARD:
        raise UsageError("--stay is for the reference board: leave --board out.")
    # The receiver is a process of its own, which could say too late what is not installed.
    from nabij.centre.link import link  # noqa: F401

    console = Console(emoji=False, soft_wrap=True)
    if not stay:
        from nabij.virtual import demo as demonstration

        demonstration.run(console, board)
        return
    from nabij.virtual import stay as held

    try:
        held.run(console, page_port or _PAGE_PORT, console_port or _CONSOLE_PORT)
    except KeyboardInterrupt:
        typer.echo("Stopped.")

"""`nabij revoke`: a badge's access ends."""

from typing import Annotated

import typer

from nabij.cli.options import Json, ReceiverState
from nabij.cli.output import print_json

app = typer.Typer(add_completion=False)


@app.command("revoke", epilog="Example: nabij revoke nb-0007 --state ./receiver")
def revoke_command(
    badge: Annotated[str, typer.Argument(help="Id of the badge.")],
    state: ReceiverState,
    *,
    as_json: Json = False,
) -> None:
    """End a badge's access: the receiver refuses its certificate and messages from now on.

    For a badge that is lost or retired. What it has reported stays in the receiver.
    """
    from nabij.centre.register.revoke import revoke

    revoke(state, badge)
    if as_json:
        print_json({"badge": badge, "revoked": True})
    else:
        typer.echo(
            f"Badge {badge} is revoked: it cannot raise an alarm any more. "
            "To use it again: nabij provision --force."
        )

"""`nabij status`: how the receiver on a state folder is, for people and for monitoring."""

import typer

from nabij.cli.options import Json, ReceiverState
from nabij.cli.output import print_json
from nabij.errors import NabijError

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij status --state ./receiver --json")
def status(*, state: ReceiverState, as_json: Json = False) -> None:
    """Say whether alarms arrive now, and how receiver, badges and disk are.

    Exit code for monitoring: 0 all is well, 1 somebody should look, 2 no alarm can arrive or no
    receiver answers.
    """
    from nabij.centre.database.place import place_of
    from nabij.centre.health.endpoint import ask
    from nabij.centre.health.status import CRITICAL, from_fields
    from nabij.paths import StatePaths

    paths = StatePaths(state)
    if not place_of(paths).exists():
        raise NabijError(f"There is no receiver in {state}: give its --state folder.", CRITICAL)
    try:
        found = from_fields(ask(paths.status))
    except (OSError, ValueError, KeyError) as error:
        raise NabijError(
            f"No receiver answers in {state} ({error}): no alarm arrives here; start "
            "`nabij serve`.",
            CRITICAL,
        ) from error
    if as_json:
        print_json(found.fields())
    else:
        for line in found.lines():
            typer.echo(line)
    raise typer.Exit(found.level)

"""`nabij drill`: one plan from end to end, to see who answers how fast."""

import time
from functools import partial
from typing import Annotated, Final

import typer

from nabij.cli.options import ReceiverState, option
from nabij.errors import EXIT_FAILURE

app = typer.Typer(add_completion=False)
_LOOK_S: Final = 0.5


@app.command(epilog="Example: nabij drill yard --state ./receiver")
def drill(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="Name of the plan.")],
    *,
    state: ReceiverState,
    wait_min: Annotated[
        int, typer.Option("--wait-min", min=1, max=480, help="How long to wait for an answer.")
    ] = 30,
    by: Annotated[str, option("--by", more="for the audit")] = "",
) -> None:
    """Call people by a plan, flagged DRILL, until somebody takes it; say who was how fast.

    Exit code 1 when nobody took it. The receiver has to run.
    """
    from nabij.centre.escalation import desk, words
    from nabij.centre.escalation.outbox import TAKE

    drill_id = desk.begin_drill(state, plan, by)
    typer.echo(f"DRILL of plan {plan} began. Ctrl-C stops looking; the drill goes on.")
    end_s = time.monotonic() + wait_min * 60
    shown: set[str] = set()
    is_taken = False
    while not is_taken and time.monotonic() < end_s:
        rows, said, is_ended = desk.read(state, partial(desk.drill, drill_id))
        lines = [*map(words.sent, rows), *(words.answered(*one) for one in said)]
        for line in lines:
            if line and line not in shown:
                typer.echo(line)
        shown.update(lines)
        is_taken = any(what == TAKE for _, what, _ in said)
        if is_ended:
            break
        time.sleep(_LOOK_S)
    typer.echo("Somebody took it." if is_taken else "NOBODY TOOK IT.")
    if not is_taken:
        raise typer.Exit(EXIT_FAILURE)

"""`nabij pull`: the motion that a badge kept of its alarms."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from nabij.cli.options import Address, Json, KeyState, option
from nabij.cli.output import print_json
from nabij.paths import require_parent

app = typer.Typer(add_completion=False)


@app.command("pull", epilog="Example: nabij pull --state ./receiver -o ./field-motion")
def pull_command(
    address: Address = None,
    *,
    state: KeyState,
    output: Annotated[
        Path | None,
        option("--output", "-o", more="the bundle; ./<badge>-motion if left out"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring the stored motion of alarms home as a trace bundle that `nabij replay` takes.

    What the bundle has already is not fetched again; nothing is removed from the badge.
    """
    from nabij.usb.device import open_device
    from nabij.usb.keys import authorise
    from nabij.usb.motion import pull

    if output is not None:
        require_parent(output)
    with open_device(address) as device:
        authorise(device, state)
        bundle = output or Path(f"{device.info['badge']}-motion")
        console = Console(emoji=False, stderr=True)
        with Progress(
            console=console, disable=as_json or not console.is_terminal, transient=True
        ) as bars:
            tasks: dict[str, Any] = {}

            def tell(name: str, done: int, total: int) -> None:
                if name not in tasks:
                    tasks[name] = bars.add_task(name, total=total)
                bars.update(tasks[name], completed=done)

            pulled = pull(device, bundle, tell)
    if as_json:
        print_json({"bundle": str(bundle) if bundle.exists() else None, **asdict(pulled)})
    else:
        for problem in pulled.problems:
            typer.echo(problem, err=True)
        known = f", {len(pulled.known)} were there already" if pulled.known else ""
        plural = "" if len(pulled.saved) == 1 else "s"
        where = f" in {bundle}{known}" if bundle.exists() else f"; {bundle} was not made"
        typer.echo(f"{len(pulled.saved)} new motion window{plural}{where}.")
    if pulled.problems:
        raise typer.Exit(1)

"""`nabij gateway`: carries alarms from badges nearby to the receiver."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nabij.gateway.gateway import Gateway

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: nabij gateway ./gw_hall")
def gateway(
    folder: Annotated[
        Path,
        typer.Argument(help="Folder that `nabij enrol NAME --gateway` wrote."),
    ],
) -> None:
    """Carry alarms that badges nearby call out by Bluetooth to the receiver; receipts back.

    It holds no badge's key: it can neither read nor make what it carries. Ctrl-C ends it. A badge
    calls until it has its receipt, whichever gateway brings that.
    """
    from nabij.gateway import identity
    from nabij.gateway.gateway import Gateway

    who = identity.load(folder)
    one = Gateway(who, typer.echo)
    typer.echo(f"Gateway {who.name} listens for badges. Ctrl-C ends it.")
    asyncio.run(_run(one))
    counts = one.counts
    typer.echo(
        f"Heard {counts['heard']} calls, made {counts['visits']} visits, carried "
        f"{counts['carried']}, answered {counts['answered']}, refused {counts['refused']}."
    )


async def _run(one: "Gateway") -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await one.run(stop)

"""`nabij cluster`: brokers on several machines that are as one."""

import queue
import signal
from pathlib import Path
from typing import Annotated

import typer

from nabij.cli.options import Json, State, option
from nabij.cli.output import print_json, tell

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Brokers on several machines that are as one: make their folders, run one.",
)


@app.command(
    epilog="Example: nabij cluster init ./cluster --state ./receiver --node a=10.0.0.1 "
    "--node b=10.0.0.2 --node c=10.0.0.3 --database $URL"
)
def init(
    folder: Annotated[Path, typer.Argument(help="New folder for what is made.", file_okay=False)],
    *,
    state: State,
    node: Annotated[
        list[str],
        typer.Option(
            "--node",
            metavar="NAME=HOST",
            help="A broker and where it is found; @8883,4222,6222 behind it gives other ports.",
        ),
    ],
    database: Annotated[
        str, option("--database", more="all share it", envvar="NABIJ_DATABASE", metavar="URL")
    ],
    host: Annotated[
        list[str] | None,
        typer.Option("--name", help="A name under which badges find any of the nodes."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a folder for each broker and one for receivers, to copy to their machines.

    The badges' authority stays in the --state folder, where badges are enrolled.
    """
    from nabij.centre import cluster

    nodes = [cluster.parse_node(one) for one in node]
    nats = cluster.init(folder, state, nodes, hosts=host or (), database=database)
    if as_json:
        print_json({"folder": str(folder), "nodes": [one.name for one in nodes], "nats": nats})
        return
    for one in nodes:
        typer.echo(
            f"Copy {folder / one.name} to {one.host}, and there: nabij cluster run {one.name}"
        )
    receiver = folder / cluster.RECEIVER
    typer.echo(f"Copy {receiver} to each machine of a receiver, and there:")
    typer.echo(f"  nabij serve --state {cluster.RECEIVER} --nats {nats}")
    typer.echo("These folders hold secrets: keep them safe, and remove what was copied.")


@app.command(epilog="Example: nabij cluster run ./a")
def run(
    folder: Annotated[
        Path, typer.Argument(help="Folder of the node, as init made it.", file_okay=False)
    ],
    *,
    listen: Annotated[str, option("--listen")] = "0.0.0.0",  # noqa: S104 - that is what a broker of badges is for
) -> None:
    """Run one of the brokers, and keep its list of badges up to date; until Ctrl-C or SIGTERM.

    SIGHUP has the broker read its certificates and its list again.
    """
    from nabij.centre.node import LOOK_S, Node

    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, lambda number, _frame: signals.put(number))
    with Node(folder, tell, listen) as node:
        typer.echo(
            f"Ready: broker {node.peer.name} takes badges on port {node.peer.port}. Ctrl-C stops."
        )
        while (number := _signal(signals, LOOK_S)) in {None, signal.SIGHUP}:
            if number is not None:
                node.broker.reload()
                tell("Read again: the certificates, and who is let in.")
            node.tick()
    typer.echo("Stopped.")


def _signal(signals: "queue.SimpleQueue[int]", within_s: float) -> int | None:
    try:
        return signals.get(timeout=within_s)
    except queue.Empty:
        return None

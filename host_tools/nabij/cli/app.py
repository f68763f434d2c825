"""The `nabij` command: one verb a function, errors as one sentence and an exit code."""

import contextlib
import json
import queue
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from nabij.cli import (
    config,
    data,
    devices,
    doctor,
    energy,
    flash,
    provision,
    replay,
    trace,
    tune,
    update,
)
from nabij.cli import (
    incident as cli_incident,
)
from nabij.cli.sim import sim
from nabij.errors import NabijError

RECEIVER_EXTRA = {"paho", "sqlalchemy"}


class Verbs(TyperGroup):
    """The verbs; a NabijError from any of them becomes its sentence and exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb that was typed."""
        try:
            with _needs_receiver():
                return super().invoke(ctx)
        except NabijError as error:
            _tell(error.sentence, style="red")
            raise typer.Exit(error.exit_code) from error


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Nabij: lone-worker badges, their simulator, and the receiver of their alarms.",
    epilog="Example: nabij serve --state ./receiver",
)

State = Annotated[
    Path,
    typer.Option("--state", help="Folder of the receiver; made on first use.", file_okay=False),
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of MQTT over TLS.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]


@app.callback()
def _verbs() -> None:
    """Make `nabij` a command of verbs even when only one is installed."""


@app.command(epilog="Example: nabij serve --state ./receiver --host alarm.example.org")
def serve(
    state: State,
    port: Port = 8883,
    host: Annotated[
        str | None,
        typer.Option("--host", help="Name under which badges reach this machine."),
    ] = None,
    listen: Annotated[
        str, typer.Option("--listen", help="Address to listen on; 0.0.0.0 for all.")
    ] = "127.0.0.1",
    keep_days: Annotated[
        int,
        typer.Option(
            "--keep-days",
            min=35,
            help="Days to keep repeated transmissions and what came to nothing; incidents stay.",
        ),
    ] = 90,
    quiet_min: Annotated[
        int,
        typer.Option(
            "--quiet-min",
            help="Minutes that a badge on shift may be away: 1 to 28; more where coverage is bad.",
        ),
    ] = 15,
    as_json: Json = False,
) -> None:
    """Receive alarms: start the broker, keep each alarm once, send the receipt, print it.

    Runs until Ctrl-C or SIGTERM. With --json each incident, and each change after it, is one
    object on a line of its own.
    """
    with _needs_receiver():
        from nabij.centre.incidents.notices import Change  # noqa: PLC0415 - an extra
        from nabij.centre.service import Receiver  # noqa: PLC0415

    # Printing may block (a paused terminal) and must then not hold up the taking of alarms.
    lines: queue.SimpleQueue[tuple[str, bool] | None] = queue.SimpleQueue()

    def stop(_number: int, _frame: object) -> None:
        lines.put(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    receiver = Receiver(
        state,
        port=port,
        host=host,
        listen=listen,
        keep_days=keep_days,
        quiet_min=quiet_min,
        say=lambda text: lines.put((text, False)),
    )
    receiver.on_incident.append(
        lambda incident: lines.put((incident.to_json() if as_json else incident.sentence(), True))
    )

    def show(change: Change) -> None:
        if as_json:
            lines.put((change.to_json(), True))
        elif not change.routine:
            lines.put((change.sentence(), True))

    receiver.on_change.append(show)
    with receiver:
        badges = len(receiver.store.badge_ids())
        enrolled = f"{badges} badge{'' if badges == 1 else 's'} enrolled"
        ready = f"Ready: receiving on {listen} port {port}, {enrolled}. Ctrl-C stops."
        _line(ready, for_output=not as_json)
        while (line := lines.get()) is not None:
            _line(line[0], for_output=line[1])
    while not lines.empty():
        if (line := lines.get()) is not None:
            _line(line[0], for_output=line[1])
    _line("Stopped.", for_output=not as_json)


@app.command(epilog="Example: nabij enrol badge-0007 --state ./receiver --wearer 'A. de Vries'")
def enrol(
    badge: Annotated[str, typer.Argument(help="Id: 1 to 32 letters, digits and dashes.")],
    state: State,
    host: Annotated[
        str, typer.Option("--host", help="Name or address where the badge finds the receiver.")
    ] = "localhost",
    port: Port = 8883,
    apn: Annotated[
        str, typer.Option("--apn", help="Access point of the SIM; empty for the network's own.")
    ] = "",
    wearer: Annotated[
        str, typer.Option("--wearer", help="Who wears it, as the operator should read it.")
    ] = "",
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Enrol again: new key and certificate, the old ones are refused."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a badge known to the receiver and write the folder it is provisioned with."""
    with _needs_receiver():
        from nabij.centre.register import enrol as enrolment  # noqa: PLC0415 - an extra

    folder = enrolment.enrol(
        state, badge, host=host, port=port, apn=apn, wearer=wearer, force=force
    )
    if as_json:
        typer.echo(json.dumps({"badge": badge, "folder": str(folder), "host": host, "port": port}))
    else:
        typer.echo(
            f"Badge {badge} is enrolled. Put {folder} on the badge, then keep it safe or "
            "remove it: it holds the badge's secrets."
        )


app.command(epilog="Example: nabij sim --usb ./badge-port")(sim)


@app.command(epilog="Example: nabij demo")
def demo() -> None:
    """Show the whole chain in half a minute: a fall and a squeeze become two incidents."""
    with _needs_receiver():
        from nabij.virtual import demo as demonstration  # noqa: PLC0415 - an extra

    demonstration.run(Console(soft_wrap=True))


app.command("devices", epilog=devices.DEVICES_EXAMPLE)(devices.devices_command)
app.command("log", epilog=devices.LOG_EXAMPLE)(devices.log_command)
app.command("pull", epilog=devices.PULL_EXAMPLE)(devices.pull_command)
app.command("update", epilog=update.EXAMPLE)(update.update_command)
app.command("doctor", epilog=doctor.EXAMPLE)(doctor.doctor_command)
app.command("flash", epilog=flash.EXAMPLE)(flash.flash_command)
app.add_typer(config.app, name="config")
app.add_typer(data.app, name="data")
app.add_typer(cli_incident.app, name="incident")
replay.register(app)
tune.register(app)
app.command("energy", epilog=energy.EXAMPLE)(energy.energy_command)
app.command("trace", epilog=trace.EXAMPLE)(trace.trace_command)
app.command("provision", epilog=provision.PROVISION_EXAMPLE)(provision.provision_command)
app.command("revoke", epilog=provision.REVOKE_EXAMPLE)(provision.revoke_command)


@contextlib.contextmanager
def _needs_receiver() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in RECEIVER_EXTRA:
            raise
        raise NabijError(
            f"This verb needs {error.name}: run pip install 'nabij[receiver]'."
        ) from error


def _line(text: str, *, for_output: bool) -> None:
    if for_output:
        typer.echo(text)
    else:
        _tell(text)


def _tell(text: str, style: str | None = None) -> None:
    console = Console(stderr=True, soft_wrap=True)
    console.print(text, style=style, markup=False, highlight=False)


if __name__ == "__main__":
    app()

"""`nabij devices`, `nabij log`, `nabij pull`: which badges there are, what they remember."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from nabij.errors import NabijError, UsageError
from nabij.event_lines import parse_event
from nabij.usb.device import Device, open_device
from nabij.usb.errors import DeviceError
from nabij.usb.keys import service_key
from nabij.usb.ports import PortInfo, find_port, list_badge_ports

DEVICES_EXAMPLE: Final = "Example: nabij devices --json"
LOG_EXAMPLE: Final = "Example: nabij log id:7cdfa1e2b3c4"
PULL_EXAMPLE: Final = "Example: nabij pull --state ./receiver -o ./field-motion"
NOT_MEASURED: Final = "not measured"

Port = Annotated[
    str | None,
    typer.Argument(
        help="Port, id:<serial>, socket:// or rfc2217:// address; the only badge if left out."
    ),
]
AlsoPort = Annotated[str | None, typer.Option("--port", help="The same as PORT.", hidden=True)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]


@dataclass(frozen=True)
class Found:
    """A port, and the badge on it or the sentence that says why it could not be asked."""

    port: str
    serial: str | None
    badge: str | None = None
    board: str | None = None
    firmware: str | None = None
    slot: str | None = None
    provisioned: bool | None = None
    open_alarms: int | None = None
    battery_mv: int | None = None
    last_error: str | None = None
    trouble: str | None = None


def devices_command(
    port: Port = None, *, also_port: AlsoPort = None, as_json: Json = False
) -> None:
    """List the badges on USB: number, name, board, firmware, slot, battery, last error.

    Badges keep watch while they are asked. NABIJ_PORTS names ports that the system does not list,
    such as rfc2217://host:4000, with commas between them.
    """
    address = port or also_port
    ports = list_badge_ports() if address is None else [PortInfo(find_port(address))]
    errors = Console(stderr=True)
    quiet = as_json or not errors.is_terminal
    with contextlib.nullcontext() if quiet else errors.status("Asking the badges"):
        found = [ask(one) for one in ports]
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2))
        return
    if not found:
        raise DeviceError(
            "No badge is plugged in: connect one with a cable that carries data, "
            "or name its port (nabij devices PORT)."
        )
    table = Table(box=None, pad_edge=False)
    for heading in (
        "port",
        "serial",
        "badge",
        "board",
        "firmware",
        "slot",
        "battery",
        "last error",
    ):
        # What is copied into another command stays in one piece on a narrow terminal.
        table.add_column(heading, overflow="fold", no_wrap=heading in ("port", "serial", "badge"))
    for one in found:
        if one.trouble is None:
            table.add_row(*_cells(one))
    console = Console(soft_wrap=False, width=None if Console().is_terminal else 140)
    if table.row_count:
        console.print(table)
    for one in found:
        if one.trouble is not None:
            typer.echo(one.trouble, err=True)
    if all(one.trouble is not None for one in found):
        raise typer.Exit(1)


def log_command(port: Port = None, *, also_port: AlsoPort = None, as_json: Json = False) -> None:
    """Print the badge's event journal: starts and their causes, alarms, suppressed ones, faults.

    Times are seconds of the badge's clock since it was powered or started. With --json each event
    is one object on a line.
    """
    from nabij.usb.motion import read_events  # noqa: PLC0415 - brings NumPy

    with open_device(port or also_port) as device:
        events = read_events(device)
    boot_shown = None
    for number, boot, text in events:
        event = parse_event(f"# {text}")
        if as_json:
            typer.echo(json.dumps(_as_record(number, boot, text)))
            continue
        if boot != boot_shown:
            typer.echo(f"boot {boot}")
            boot_shown = boot
        if event is None:
            typer.echo(f"  {text}")
            continue
        fields = {**event.fields}
        for known in ("boot", "number"):
            if fields.get(known) == str(boot):
                del fields[known]
        details = " ".join(f"{name}={value}" for name, value in fields.items())
        typer.echo(f"  {event.ticks_ms / 1000:11.3f} s  {event.what:18} {details}".rstrip())
    if not events and not as_json:
        typer.echo("The badge remembers nothing yet.")


def pull_command(
    port: Port = None,
    *,
    also_port: AlsoPort = None,
    state: Annotated[
        Path | None,
        typer.Option("--state", help="Folder of the receiver that enrolled the badge."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Trace bundle; ./<badge>-motion if left out."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring the stored motion of alarms home as a trace bundle that `nabij replay` takes.

    What the bundle has already is not fetched again; nothing is removed from the badge.
    """
    from nabij.usb.motion import pull  # noqa: PLC0415 - brings NumPy

    with open_device(port or also_port) as device:
        authorise(device, state)
        bundle = out or Path(f"{device.info['badge']}-motion")
        console = Console(stderr=True)
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
        typer.echo(json.dumps({"bundle": str(bundle), **asdict(pulled)}))
    else:
        for problem in pulled.problems:
            typer.echo(problem, err=True)
        known = f", {len(pulled.known)} were there already" if pulled.known else ""
        plural = "" if len(pulled.saved) == 1 else "s"
        typer.echo(f"{len(pulled.saved)} new motion window{plural} in {bundle}{known}.")
    if pulled.problems:
        raise typer.Exit(1)


def authorise(device: Device, state: Path | None) -> None:
    """Show the badge that we are its receiver's engineer; a sentence when we cannot."""
    if not device.info.get("provisioned"):
        raise DeviceError(
            f"The badge on {device.port} is not provisioned: run `nabij provision` first."
        )
    if state is None:
        raise UsageError(
            f"Badge {device.info.get('badge')} asks for authorisation: give --state, the folder "
            "of the receiver that enrolled it."
        )
    device.authorise(service_key(state, str(device.info.get("badge"))))


def ask(port: PortInfo) -> Found:
    """The badge on a port, or why it cannot be asked."""
    try:
        with open_device(port.port) as device:
            info = device.info
            status = device.request("status")
    except NabijError as error:
        return Found(port.port, port.serial, trouble=error.sentence)
    return Found(
        port=port.port,
        serial=str(info["serial"]),
        badge=info["badge"],
        board=str(info["board"]),
        firmware=str(info["firmware"]),
        slot=info["slot"],
        provisioned=bool(info["provisioned"]),
        open_alarms=int(status["open_alarms"]),
        battery_mv=status["battery_mv"],
        last_error=_error_text(status["last_error"]),
    )


def _cells(found: Found) -> list[str]:
    return [
        found.port,
        found.serial or "",
        found.badge or "not provisioned",
        found.board or "",
        found.firmware or "",
        found.slot or "none",
        NOT_MEASURED if found.battery_mv is None else f"{found.battery_mv / 1000:.2f} V",
        found.last_error or "none",
    ]


def _error_text(error: list[Any] | None) -> str | None:
    if error is None:
        return None
    at_ms, what, code = error
    return f"{what} ({code}) at {at_ms / 1000:.1f} s"


def _as_record(number: int, boot: int, text: str) -> dict[str, Any]:
    event = parse_event(f"# {text}")
    if event is None:
        return {"number": number, "boot": boot, "text": text}
    return {
        "number": number,
        "boot": boot,
        "ticks_ms": event.ticks_ms,
        "what": event.what,
        "fields": event.fields,
    }

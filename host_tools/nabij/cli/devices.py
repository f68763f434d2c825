"""`nabij devices`: which badges there are."""

import contextlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from nabij.cli.options import Address, Json, KeyState
from nabij.cli.output import print_json, tell
from nabij.errors import NabijError
from nabij.terminal import output_console, print_table

if TYPE_CHECKING:
    from nabij.usb.ports import PortInfo

NOT_MEASURED: Final = "not measured"
# A badge with silent alarms says to nobody what an alarm could move.
LOCKED: Final = "with --state"

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Found:
    """A port, and the badge on it or the sentence that says why it could not be asked.

    `older`: than the firmware of this copy; None when it runs no build. `locked`: it says how
    it is to who has its service key, and `open_alarms`, `battery_mv` and `last_error` are None.
    """

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
    older: bool | None = None
    locked: bool = False
    trouble: str | None = None


@app.command("devices", epilog="Example: nabij devices --json")
def devices_command(address: Address = None, *, state: KeyState, as_json: Json = False) -> None:
    """List the badges on USB: number, name, board, firmware, slot, battery, last error.

    Badges keep watch while they are asked. NABIJ_PORTS names ports that the system does not list,
    such as rfc2217://host:4000, with commas between them. Battery and last error of a badge with
    silent alarms want its service key (--state).
    """
    from nabij.usb.device import port_of
    from nabij.usb.ports import PortInfo, check_port, list_badge_ports

    ports = list_badge_ports() if address is None else [PortInfo(port_of(address))]
    if address is not None:
        check_port(ports[0].port)
    errors = Console(emoji=False, stderr=True)
    quiet = as_json or not errors.is_terminal
    with contextlib.nullcontext() if quiet else errors.status("Asking the badges"):
        found = [ask(one, state) for one in ports]
    if as_json:
        print_json({"badges": [asdict(one) for one in found]})
        return
    if not found:
        raise NabijError(
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
    if table.row_count:
        print_table(output_console(), table)
    for one in found:
        if one.trouble is not None:
            tell(one.trouble)
        if one.older:
            tell(f"The firmware on {one.port} is older than this copy: `nabij update` brings it.")
    if all(one.trouble is not None for one in found):
        raise typer.Exit(1)


def ask(port: "PortInfo", state: Path | None = None) -> Found:
    """The badge on a port, or why it cannot be asked."""
    from nabij.usb.device import open_device
    from nabij.usb.keys import show_key

    try:
        with open_device(port.port) as device:
            show_key(device, state)
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
        open_alarms=status.get("open_alarms"),
        battery_mv=status.get("battery_mv"),
        last_error=_error_text(status.get("last_error")),
        locked=bool(status.get("locked")),
        older=_is_older(info.get("build")),
    )


def _is_older(build: int | None) -> bool | None:
    from nabij.usb.build import build_of, unbuilt_of

    # Firmware before there were build numbers, and sources that a virtual badge runs as they are.
    if build is None or build == unbuilt_of():
        return None
    return build < build_of()


def _battery(found: Found) -> str:
    if found.battery_mv is not None:
        return f"{found.battery_mv / 1000:.2f} V"
    return LOCKED if found.locked else NOT_MEASURED


def _cells(found: Found) -> list[str]:
    return [
        found.port,
        found.serial or "",
        found.badge or "not provisioned",
        found.board or "",
        found.firmware or "",
        found.slot or "none",
        _battery(found),
        LOCKED if found.locked else found.last_error or "none",
    ]


def _error_text(error: list[Any] | None) -> str | None:
    if error is None:
        return None
    at_ms, what, code = error
    return f"{what} ({code}) at {at_ms / 1000:.1f} s"

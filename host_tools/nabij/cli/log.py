"""`nabij log`: what a badge remembers of its starts, alarms and faults."""

from typing import Any

import typer

from nabij.cli.options import Address, Json, KeyState
from nabij.cli.output import print_json
from nabij.event_lines import parse_event

app = typer.Typer(add_completion=False)


@app.command("log", epilog="Example: nabij log id:7cdfa1e2b3c4 --state ./receiver")
def log_command(address: Address = None, *, state: KeyState, as_json: Json = False) -> None:
    """Print the badge's event journal: starts and their causes, alarms, suppressed ones, faults.

    Times are seconds of the badge's clock since it was powered or started. With --json each event
    is one object on a line. A badge with silent alarms wants its service key (--state).
    """
    from nabij.usb.device import open_device
    from nabij.usb.keys import show_key
    from nabij.usb.motion import read_events

    with open_device(address) as device:
        show_key(device, state)
        events = read_events(device)
    boot_shown = None
    for number, boot, text in events:
        event = parse_event(f"# {text}")
        if as_json:
            print_json(_as_record(number, boot, text))
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


def _as_record(number: int, boot: int, text: str) -> dict[str, Any]:
    event = parse_event(f"# {text}")
    if event is None:
        return {"number": number, "boot": boot, "text": text}
    return {
        "number": number,
        "boot": boot,
        "ticks_ms": event.ticks_ms,
        "what": event.what,
        "fields": event.values,
    }

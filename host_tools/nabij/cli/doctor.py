"""`nabij doctor`: how every part of a badge is, and what to do about what is not well."""

import contextlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from nabij.cli.options import Address, Json, KeyState
from nabij.cli.output import print_json

if TYPE_CHECKING:
    from nabij.usb.doctor import Finding

_PART_WIDTH: Final = 14

app = typer.Typer(add_completion=False)


@app.command("doctor", epilog="Example: nabij doctor /dev/ttyACM0 --state ./receiver")
def doctor_command(
    address: Address = None,
    *,
    wait_s: Annotated[
        float,
        typer.Option(
            "--wait", min=0, max=3600, help="Seconds to give modem, network and receiver."
        ),
    ] = 90.0,
    sms: Annotated[
        bool,
        typer.Option("--sms", help="Send a test by SMS too, which may cost; with --state."),
    ] = False,
    state: KeyState,
    as_json: Json = False,
) -> None:
    """Have a badge test its parts, with a verdict for each; exit code 1 when one fails.

    The badge stays armed. Lay it still: its fall detection pauses for half a second, and the motor
    pulses. `look` wants a person's judgement, `none` has nothing to test yet. A badge with silent
    alarms wants its service key (--state).
    """
    from nabij.usb.device import open_device
    from nabij.usb.doctor import examine, failure
    from nabij.usb.keys import authorise, show_key

    console = Console(emoji=False, soft_wrap=True, highlight=False)
    errors = Console(emoji=False, stderr=True, soft_wrap=True)
    # What is printed goes above the status only when both are the same terminal.
    quiet = as_json or not (errors.is_terminal and console.is_terminal)
    findings = []
    with (
        open_device(address) as device,
        contextlib.nullcontext() if quiet else console.status("Testing") as status,
    ):
        if sms:
            authorise(device, state)
        else:
            show_key(device, state)
        for finding in examine(
            device,
            wait_s,
            lambda part: status.update(f"Testing: {part}") if status else None,
            sms=sms,
        ):
            findings.append(finding)
            if not as_json:
                _show(console, finding)
        badge, address = device.info.get("badge"), device.port
    error = failure(findings)
    if as_json:
        parts = [asdict(finding) for finding in findings]
        answer = {"badge": badge, "port": address, "ok": error is None, "parts": parts}
        print_json(answer)
    if error is not None:
        raise error


def _show(console: Console, finding: "Finding") -> None:
    from nabij.usb.doctor import FAIL, LOOK, NONE, OK

    styles = {OK: "green", FAIL: "bold red", LOOK: "yellow", NONE: "dim"}
    # Line by line, because the network may take a minute and what is known is wanted now.
    # Each in one piece, because the status is drawn anew behind everything that is printed.
    verdict = (f"{finding.verdict:<4}", styles[finding.verdict])
    console.print(Text.assemble(f"{finding.part:<{_PART_WIDTH}} ", verdict, f"  {finding.found}"))
    if finding.todo:
        console.print(f"{'':<{_PART_WIDTH + 7}}-> {finding.todo}", markup=False)

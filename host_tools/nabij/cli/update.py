"""`nabij update`: a new application onto a badge that stays armed, with a way back."""

import contextlib
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from nabij.cli.options import Address, Json, NeededKeyState, option
from nabij.cli.output import print_json

if TYPE_CHECKING:
    from nabij.acts.update import Package, SlotStatus
    from nabij.usb.device import Device

_ALREADY: Final = "The badge runs this application already: nothing was sent."

app = typer.Typer(add_completion=False)


@app.command("update", epilog="Example: nabij update /dev/ttyACM0 --state ./receiver --slot-test")
def update_command(
    address: Address = None,
    *,
    state: NeededKeyState,
    slot_test: Annotated[
        bool,
        typer.Option(
            "--slot-test", help="Wait until the new slot has proven itself or fallen back."
        ),
    ] = False,
    build: Annotated[
        int | None,
        option("--build", min=1),
    ] = None,
    as_json: Json = False,
) -> None:
    """Send the application of this Nabij into the slot that does not run, and start it.

    The badge stays armed until it restarts, and refuses while an alarm is open. The new slot is on
    trial until it has run for a minute and reached the receiver; else the badge falls back to the
    old one by itself. After a pulled cable the same command goes on where it stopped. To a badge
    that runs the very same application nothing is sent.
    """
    from nabij.usb import update
    from nabij.usb.device import open_device
    from nabij.usb.errors import DeviceError

    console = Console(emoji=False, stderr=True, soft_wrap=True)
    quiet = as_json or not console.is_terminal
    device = open_device(address)
    try:
        before = update.slots_of(device)
        new = _package(before.mpy, build)
        runs = before.running if before.running == before.next else None
        same = runs is not None and before.holds[runs] == new.fingerprint
        if same:
            slot, after = str(runs), before
        else:
            slot = _send(device, state, new, console, quiet=quiet)
            if not as_json:
                typer.echo(f"Sent build {new.build} ({new.version}) to slot {slot}; restarting.")
            waiting = (
                contextlib.nullcontext() if quiet else console.status("Waiting for the badge")
            )
            with waiting:
                device = update.restart(device)
            after = update.slots_of(device)
        if slot_test:
            with Progress(console=console, disable=quiet, transient=True) as bar:
                task = bar.add_task("Trial", total=None)
                after = update.wait_for_proof(
                    device, slot, progress=lambda at, of: bar.update(task, completed=at, total=of)
                )
    finally:
        device.close()
    if as_json:
        print_json({"slot": slot, "build": new.build, "sent": not same, **asdict(after)})
    if after.running != slot:
        raise DeviceError(
            f"Slot {slot} did not work: the badge is back on slot {after.running} "
            f"({after.versions.get(after.running or '', 'the old firmware')}); read why with "
            "`nabij log`, correct it, and send it again."
        )
    if not as_json:
        typer.echo(f"{_ALREADY} {_end(after, slot)}" if same else _end(after, slot))


def _package(mpy: int, build: int | None) -> "Package":
    from nabij.usb import update
    from nabij.usb.build import arch_of, build_app

    with tempfile.TemporaryDirectory(prefix="nabij-update-") as folder:
        return update.package(build_app(Path(folder), arch=arch_of(mpy), build=build))


def _send(device: "Device", state: Path, new: "Package", console: Console, *, quiet: bool) -> str:
    from nabij.usb import keys, update
    from nabij.usb.errors import DeviceError

    badge = str(device.info.get("badge"))
    if not device.info.get("provisioned"):
        raise DeviceError(
            f"The badge on {device.port} is not provisioned: run `nabij provision` first, or "
            "`nabij flash --app-only` to change its application."
        )
    device.authorise(keys.service_key(state, badge))
    with Progress(console=console, disable=quiet, transient=True) as bar:
        task = bar.add_task("Update", total=new.total_bytes)
        return update.send(
            device,
            new,
            keys.hmac_key(state, badge),
            lambda done, total: bar.update(task, completed=done, total=total),
        )


def _end(after: "SlotStatus", slot: str) -> str:
    if after.states[slot] == "good":
        return f"Slot {slot} has proven itself."
    return (
        f"Slot {slot} runs on trial until it has run for a minute and reached the "
        "receiver; `nabij doctor` tells when."
    )

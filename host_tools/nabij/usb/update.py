"""A new application into the slot of a badge that does not run, while the badge stays armed."""

import time
from pathlib import Path
from typing import Final

from nabij.acts import update as acts
from nabij.acts.update import Package, Progress, SlotStatus
from nabij.usb.build import App
from nabij.usb.device import Device, open_device
from nabij.usb.errors import BadgeRefusal, DeviceError, NoAnswerError

# A build that hangs is ended by its watchdog at each of its three starts on trial.
_RESTART_S: Final = 150.0
_RETRY_S: Final = 0.5
# A minute of steady running, and time for a modem that registers slowly (tasks/usb/updater.py).
PROVEN_S: Final = 300.0

# What a person can do about each refusal of the badge.
REMEDIES: Final = {
    "update.alarm": "an alarm is open; close it at the receiver and run the same command again",
    "update.unprovisioned": "it has no key to check an update with; run `nabij provision` first",
    "manifest.mac": "the update is signed with another key; give --state of the receiver that "
    "provisioned this badge",
    "slots.older": "it has run a newer build, and older ones may hold faults that were mended; "
    "`nabij flash --app-only` puts one on by force",
    "slots.same": "it runs this application already; there is nothing to do",
    "slots.trial": "an update is on trial; let the badge run with its link up for a minute, or "
    "restart it until it falls back",
    "update.space": "its flash is too full ({why}); bring stored motion home with `nabij pull`, "
    "then flash it anew with --erase and provision it again",
    "update.mpy": "its MicroPython does not load this build; run `nabij flash`",
    "usb.verb": "its firmware has no updates yet; run `nabij flash`",
}


class UpdateRefused(DeviceError):  # noqa: N818 - the badge works; it declines
    """The badge takes no such update now; `code` is the badge's."""

    def __init__(self, port: str, refusal: BadgeRefusal) -> None:
        remedy = REMEDIES.get(refusal.code, f"{{why}} ({refusal.code}); try again")
        text = remedy.format(why=refusal.why)
        super().__init__(f"The badge on {port} does not take the update: {text}.")
        self.code = refusal.code


def package(app: App, folder: Path | None = None) -> Package:
    """What `build_app` made, without main.py, which no update changes."""
    root = folder or app.folder
    files = {name: (root / name).read_bytes() for name in app.modules()}
    return Package(app.version, app.build, app.mpy, files)


def slots_of(device: Device) -> SlotStatus:
    """How the slots of a badge are; UpdateRefused when its firmware knows none."""
    try:
        return device.carry(acts.slots())
    except BadgeRefusal as refusal:
        raise UpdateRefused(device.port, refusal) from refusal


def send(device: Device, update: Package, key: bytes, progress: Progress | None = None) -> str:
    """Fill the free slot and have the next start run it; returns the slot's name.

    `device` is authorised. What an earlier attempt sent is kept. UpdateRefused or DeviceError.
    """
    try:
        return device.carry(acts.send(update, key, progress))
    except BadgeRefusal as refusal:
        raise UpdateRefused(device.port, refusal) from refusal
    except acts.NotKeptError as error:
        raise DeviceError(
            f"The badge on {device.port} did not keep {error.path} as it was sent, "
            f"{acts.SENT_TIMES} times: run `nabij doctor`, and replace the board if its flash "
            "fails."
        ) from error


def restart(device: Device) -> Device:
    """Have the badge start anew; returns it once it has, whatever slot that is, or DeviceError."""
    if device.request("status").get("open_alarms"):
        raise DeviceError(
            f"An alarm was opened on the badge on {device.port}, so it is not restarted: the new "
            "application runs from its next start on."
        )
    device.request("reset")
    device.close()
    return reopened(device.port, but_not=device.info.get("boot"))


def reopened(port: str, timeout_s: float = _RESTART_S, but_not: object = None) -> Device:
    """The badge on `port` once it answers; DeviceError when it does not in time.

    `but_not` is the boot number of a start that is about to end.
    """
    deadline_s = time.monotonic() + timeout_s
    while True:
        try:
            device = open_device(port)
        except DeviceError as error:
            trouble = f"The badge on {port} does not come back: {error.sentence}"
        else:
            if but_not is None or device.info.get("boot") != but_not:
                return device
            device.close()
            trouble = (
                f"The badge on {port} has not restarted, as it does while its button is held or "
                "an alarm is open: the new application runs from its next start on."
            )
        if time.monotonic() > deadline_s:
            raise DeviceError(trouble)
        time.sleep(_RETRY_S)


def wait_for_proof(
    device: Device, slot: str, timeout_s: float = PROVEN_S, progress: Progress | None = None
) -> SlotStatus:
    """Wait until `slot` has proven itself; returns how the slots are then, or have become.

    A badge that restarts meanwhile is found again. DeviceError when neither comes in time.
    """
    began_s = time.monotonic()
    while (waited_s := time.monotonic() - began_s) < timeout_s:
        try:
            found = slots_of(device)
        except (NoAnswerError, DeviceError):
            device.close()
            device = reopened(device.port, timeout_s - waited_s)
            continue
        if found.running != slot or found.states[slot] == "good":
            device.close()
            return found
        if progress is not None:
            progress(int(waited_s), int(timeout_s))
        time.sleep(_RETRY_S)
    device.close()
    raise DeviceError(
        f"Slot {slot} runs but has not proven itself in {timeout_s:g} s: give the badge coverage "
        "and look again with `nabij doctor`; it falls back if it never reaches the receiver."
    )

"""The keys of a badge, from the state folder of the receiver that provisioned it."""

import json
from pathlib import Path

from badge.core.codec import usb_protocol as protocol
from nabij.centre import beside
from nabij.centre.database.plain import stored_key
from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths, read_file
from nabij.usb.device import Device
from nabij.usb.errors import DeviceError


def service_key(state: Path, badge: str) -> bytes:
    """The 32-byte key that `Device.authorise` takes; NabijError for a badge it does not know.

    It opens the console's service verbs.
    """
    return bytes(protocol.service_key(hmac_key(state, badge)))


def show_key(device: Device, state: Path | None) -> None:
    """Show the badge its service key, when a receiver's folder is given and it has one."""
    if state is not None and device.info.get("provisioned"):
        device.authorise(service_key(state, str(device.info.get("badge"))))


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
    show_key(device, state)


def hmac_key(state: Path, badge: str) -> bytes:
    """The badge's own 32-byte key, which signs its updates.

    Looked for in the badge's provisioning folder, then in the receiver's database, which may be in
    use.
    """
    paths = StatePaths(state)
    if not state.is_dir():
        raise UsageError(f"There is no folder {state}: give --state of the receiver.")
    key = _from_folder(paths, badge) or _from_database(paths, badge)
    if key is None:
        raise UsageError(
            f"The receiver in {state} does not know badge {badge}: "
            "give --state of the receiver that provisioned it."
        )
    return key


def _from_folder(paths: StatePaths, badge: str) -> bytes | None:
    try:
        file = paths.badges / badge / "identity.json"
        identity = json.loads(read_file(file, "the identity", "enrol the badge again"))
        return bytes.fromhex(str(identity["hmac_key"]))
    except (NabijError, ValueError, KeyError, TypeError):
        return None


def _from_database(paths: StatePaths, badge: str) -> bytes | None:
    if paths.database_url.exists():
        return beside.key_of(paths, badge)
    if not paths.database.exists():
        return None
    return stored_key(paths.database, badge)

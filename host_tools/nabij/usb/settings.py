"""A badge's settings over USB: read, and changed so that a bad change undoes itself."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from badge.core.codec.usb_protocol import LINE_MAX
from nabij.acts import settings as acts
from nabij.acts.settings import OnBadge
from nabij.errors import NabijError
from nabij.usb.device import Device, DeviceError, open_device
from nabij.usb.reconnect import RESTART_S, visits

# What a request has besides the settings: braces, number, verb, the names of its fields.
_PART_BYTES: Final = LINE_MAX - 120


def read_settings(device: Device) -> OnBadge:
    """Read the settings that run on the badge."""
    return device.carry(acts.read())


def apply_settings(
    address: str | None,
    settings: Mapping[str, Any],
    key: Callable[[Device], bytes],
    say: Callable[[str], None],
) -> None:
    """Put settings in force: send, let the badge restart and try them, confirm when it is well.

    `key(device)` gives the badge's service key. NabijError says why the badge went back to the
    settings it had.
    """
    with open_device(address) as device:
        device.authorise(key(device))
        limit_s = device.carry(acts.stage(settings, _PART_BYTES)) / 1000
    say("The badge has checked the settings and restarts to try them.")
    said = ""
    for device in visits(address, RESTART_S + limit_s):
        try:
            device.authorise(key(device))
            now = read_settings(device)
            if now.trial is None:
                # It has restarted since it saw the key.
                continue
            if now.trial == "none":
                raise _went_back(now.reverted)
            if now.trial == "running" and not now.why_not:
                device.carry(acts.confirm())
                return
        except DeviceError:
            # It is restarting, or was not well a moment after it said so.
            continue
        if now.trial == "running" and now.why_not != said:
            said = now.why_not
            say(f"On trial, not confirmed yet: {acts.WAITING.get(said, said)}.")


def _went_back(why: str | None) -> NabijError:
    reason = acts.WHY_BACK.get(why or "", why or "the reason is in its log")
    return NabijError(
        f"The badge went back to the settings it had: {reason}. See `nabij log`, then try others."
    )

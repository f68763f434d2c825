"""A badge's settings over USB: read, and changed so that a bad change undoes itself."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from badge.core.codec.usb_protocol import LINE_MAX
from nabij.errors import NabijError
from nabij.usb.device import Device, DeviceError, open_device
from nabij.usb.reconnect import RESTART_S, visits

# What a request has besides the settings: braces, number, verb, the names of its fields.
_PART_BYTES: Final = LINE_MAX - 120

_WHY_BACK: Final = {
    "crash": "a part of the firmware failed with them",
    "link": "its link did not come back with them",
    "unconfirmed": "they were not confirmed in time",
    "restart": "it started again before they were confirmed",
    "asked": "that was asked for",
    "flash": "it could not write its flash",
}


@dataclass(frozen=True)
class OnBadge:
    """The settings that a badge runs with.

    A badge with silent alarms says of a trial only to who has shown the service key.
    """

    profile: str
    settings: dict[str, Any]
    # Those of them that it was sent.
    given: dict[str, Any]
    # "none", "staged" or "running".
    trial: str
    # Why settings on trial cannot be confirmed yet, "" when they can.
    why_not: str
    left_ms: int
    # Why the badge dropped the last trial; None when it did not.
    reverted: str | None


def read_settings(device: Device) -> OnBadge:
    """Read the settings that run on the badge."""
    settings: dict[str, Any] = {}
    given: list[str] = []
    start: int | None = 0
    while start is not None:
        page = device.request("config.get", start=start)
        settings.update(page["settings"])
        given += page["given"]
        start = page["next"]
    return OnBadge(
        profile=page["profile"],
        settings=settings,
        given={"profile": page["profile"], **{name: settings[name] for name in given}},
        trial=page.get("trial", "none"),
        why_not=page.get("why_not", ""),
        left_ms=page.get("left_ms", 0),
        reverted=page.get("reverted"),
    )


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
        answer = _stage(device, settings)
    limit_s = answer["confirm_within_ms"] / 1000
    say("The badge has checked the settings and restarts to try them.")
    said = ""
    for device in visits(address, RESTART_S + limit_s):
        try:
            device.authorise(key(device))
            now = read_settings(device)
            if now.trial == "none":
                raise _went_back(now.reverted)
            if now.trial == "running" and not now.why_not:
                device.request("config.commit")
                return
        except DeviceError:
            # It is restarting, or was not well a moment after it said so.
            continue
        if now.trial == "running" and now.why_not != said:
            said = now.why_not
            say(f"On trial, not confirmed yet: {_WAITING.get(said, said)}.")


_WAITING: Final = {
    "settling": "the badge settles",
    "link": "waiting for its link",
    "crash": "a part of the firmware failed",
}


def _stage(device: Device, settings: Mapping[str, Any]) -> dict[str, Any]:
    parts = list(_parts(settings))
    for number, part in enumerate(parts):
        more = number + 1 < len(parts)
        answer = device.request("config.stage", settings=part, part=number, more=more)
    return answer


def _parts(settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    part: dict[str, Any] = {}
    for name, value in settings.items():
        if len(json.dumps({**part, name: value})) > _PART_BYTES:
            yield part
            part = {}
        part[name] = value
    yield part


def _went_back(why: str | None) -> NabijError:
    reason = _WHY_BACK.get(why or "", why or "the reason is in its log")
    return NabijError(
        f"The badge went back to the settings it had: {reason}. See `nabij log`, then try others."
    )

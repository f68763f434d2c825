"""Provisioning: gives a badge its identity and makes the receiver know it.

The badge's private key is made here, because MicroPython has nothing to make it with. It goes from
this process to the badge and is written to no disk, unless the provisioning folder is asked for.
What has to survive a failure in the middle (the record for the receiver, with the HMAC key) waits
in the state folder until the badge has shown which identity it has.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from badge.core.codec import usb_protocol as protocol
from nabij.centre.register import enrol
from nabij.centre.store import BadgeRecord
from nabij.errors import NabijError, UsageError
from nabij.paths import PRIVATE, StatePaths, read_file, write_file
from nabij.usb.device import BadgeRefusal, Device, DeviceError, open_device
from nabij.usb.keys import service_key
from nabij.usb.reconnect import wait_until

_COMMIT_TIMEOUT_S: Final = 15.0


@dataclass(frozen=True)
class Provisioned:
    """What was done; `before` is the id that the badge had, `finished_only` that just the end
    of an interrupted provisioning was made up for."""

    badge: str
    serial: str
    port: str
    before: str | None
    finished_only: bool
    folder: Path | None


@dataclass(frozen=True)
class _Pending:
    """An identity that a badge may or may not have been given."""

    record: BadgeRecord
    certificate: str
    serial: str


def provision(
    address: str | None,
    state: Path,
    badge: str,
    *,
    host: str = "localhost",
    port: int = enrol.DEFAULT_PORT,
    apn: str = "",
    wearer: str = "",
    settings: dict[str, Any] | None = None,
    force: bool = False,
    keep: bool = False,
    old_state: Path | None = None,
    say: Callable[[str], None] = lambda _text: None,
) -> Provisioned:
    """Give the badge at `address` the identity `badge` of the receiver in `state`.

    With `force` also a badge that has an identity, whose service key comes from `old_state` (the
    same folder by default), or an id that is enrolled. After a failure at any point the same call
    goes on: the badge has its old identity or the new one, and this finds out which.
    """
    # What is mistyped is told before a badge is asked.
    enrol.check_names(badge, host, port, apn)
    paths = StatePaths(state)
    with open_device(address) as device:
        told = device.request("provision.state")
        pending = _read_pending(paths, badge)
        if pending is not None and pending.certificate == told["certificate"]:
            _finish(state, badge, pending)
            return _done(device, badge, told["badge"], finished_only=True)
        if told["badge"] is not None:
            _unseal(device, told, state, old_state, force=force)
        if pending is not None:
            _refuse_other_badge(pending, device, force=force)
        with enrol.first_use(paths):
            prepared = enrol.prepare(
                state,
                badge,
                host=host,
                port=port,
                apn=apn,
                wearer=wearer,
                settings=settings,
                force=force,
            )
            serial = str(device.info.get("serial", ""))
            pending = _Pending(prepared.record, prepared.certificate, serial)
            device.request("provision.begin", force=force)
            say("Sending the identity to the badge.")
            if device.request("status").get("open_alarms"):
                say("It has an open alarm, which it raises at the receiver once it can.")
            _send(device, prepared.files)
            _write_pending(paths, pending)
        _commit(device, prepared.files)
        say("The badge restarts with it.")
    try:
        wait_until(address, lambda found: _has(found, pending.certificate))
    except DeviceError as error:
        raise DeviceError(
            "The badge did not show its new identity after its restart: when it answers again "
            f"(`nabij devices`), run the same command once more. Last heard: {error.sentence}"
        ) from error
    _finish(state, badge, pending)
    folder = enrol.write_folder(paths, badge, prepared.files) if keep else None
    if not keep:
        # Of an earlier `nabij enrol`: nothing in it is valid any more.
        shutil.rmtree(paths.badges / badge, ignore_errors=True)
    return _done(device, badge, told["badge"], folder=folder)


def _done(
    device: Device,
    badge: str,
    before: str | None,
    *,
    finished_only: bool = False,
    folder: Path | None = None,
) -> Provisioned:
    serial = str(device.info.get("serial", ""))
    before = None if before == badge else before
    return Provisioned(badge, serial, device.port, before, finished_only, folder)


def _unseal(
    device: Device, told: dict[str, Any], state: Path, old_state: Path | None, *, force: bool
) -> None:
    if not force:
        raise UsageError(
            f"The badge on {device.port} is {told['badge']} already: give --force to replace "
            "its identity; whoever has the old one is then refused."
        )
    before = old_state or state
    pending = _read_pending(StatePaths(before), told["badge"])
    if pending is not None and pending.certificate == told["certificate"]:
        device.authorise(protocol.service_key(pending.record.hmac_key))
        return
    try:
        device.authorise(service_key(before, told["badge"]))
    except NabijError as error:
        # A connection that broke is no question of whose badge it is.
        lost = isinstance(error, DeviceError) and not isinstance(error.__cause__, BadgeRefusal)
        if old_state is not None or lost:
            raise
        raise UsageError(
            f"The badge on {device.port} is {told['badge']} of another receiver than the one in "
            f"{state}: give --old-state, the state folder of the receiver that provisioned it."
        ) from error


def _send(device: Device, files: dict[str, bytes]) -> None:
    size = protocol.CHUNK_BYTES
    for name, data in files.items():
        for at in range(0, len(data), size):
            chunk = protocol.to_text(data[at : at + size])
            device.request("provision.put", name=name, at=at, data=chunk)


def _commit(device: Device, files: dict[str, bytes]) -> None:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    device.request(
        "provision.commit",
        sha256=digests,
        utc_s=int(time.time()),
        timeout_s=_COMMIT_TIMEOUT_S,
    )


def _has(device: Device, certificate: str) -> bool:
    return bool(device.request("provision.state")["certificate"] == certificate)


def _finish(state: Path, badge: str, pending: _Pending) -> None:
    enrol.record(state, pending.record)
    _pending_file(StatePaths(state), badge).unlink(missing_ok=True)


def _refuse_other_badge(pending: _Pending, device: Device, *, force: bool) -> None:
    # Its HMAC key is nowhere else: forgotten, that badge could only be erased.
    if pending.serial != device.info.get("serial") and not force:
        raise NabijError(
            f"Provisioning {pending.record.badge} broke off on the badge with serial number "
            f"{pending.serial}: connect that one and run this again, or give --force."
        )


def _pending_file(paths: StatePaths, badge: str) -> Path:
    return paths.provisioning / f"{badge}.json"


def _write_pending(paths: StatePaths, pending: _Pending) -> None:
    values = {
        "certificate": pending.certificate,
        "serial": pending.serial,
        "record": enrol.record_to_dict(pending.record),
    }
    file = _pending_file(paths, pending.record.badge)
    write_file(file, json.dumps(values).encode(), PRIVATE)


def _read_pending(paths: StatePaths, badge: str) -> _Pending | None:
    file = _pending_file(paths, badge)
    if not file.exists():
        return None
    try:
        values = json.loads(read_file(file, "the record", "remove it"))
        record = enrol.record_from_dict(values["record"])
        return _Pending(record, str(values["certificate"]), str(values["serial"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NabijError(f"{file} is damaged: remove it and provision with --force.") from error

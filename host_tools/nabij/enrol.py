"""Make a badge known to a receiver, and the folder that makes the badge know itself."""

import base64
import json
import re
import secrets
import time
from pathlib import Path
from typing import Any, Final

from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths, make_folder, read_file, write_file
from nabij.pki import PRIVATE, Authority, Issued, check_host
from nabij.receive.lock import FolderLock, LockedError
from nabij.receive.store import BadgeRecord, Store, read_badge_ids

DEFAULT_PORT: Final = 8883
KEY_SIZE: Final = 32

_BADGE_ID: Final = re.compile(r"[A-Za-z0-9-]{1,32}")


def enrol(
    state: Path,
    badge: str,
    *,
    host: str = "localhost",
    port: int = DEFAULT_PORT,
    apn: str = "",
    wearer: str = "",
    force: bool = False,
) -> Path:
    """Enrol the badge and return its provisioning folder, which the badge copies at first boot.

    The folder has identity.json, ca.der, badge.der, badge.key.der and config.json; it holds
    secrets. `host`:`port` is where the badge reaches the receiver. A running receiver takes the
    badge in within a second. NabijError when the badge is enrolled already and `force` is not set;
    with `force` it gets a new key and certificate and the old ones are refused from then on.
    """
    check_badge_id(badge)
    check_host(host)
    if not 1 <= port <= 65535:
        raise UsageError(f"Port {port} is not between 1 and 65535: give the receiver's MQTT port.")
    paths = StatePaths(state)
    make_folder(paths.root)
    try:
        turn = FolderLock(paths.enrolments / "lock")
    except LockedError as error:
        raise NabijError("Another enrolment is going on: try again when it is done.") from error
    store = None
    try:
        store = _store_unless_served(paths)
        known = store.badge_ids() if store is not None else read_badge_ids(paths)
        if not force:
            _refuse_if_enrolled(paths, badge, known)
        authority = Authority.open_or_create(paths.pki)
        authority.ensure_server([host])
        issued = authority.issue_badge(badge)
        key = secrets.token_bytes(KEY_SIZE)
        folder = _write_provisioning(paths, authority, issued, key, badge, host, port, apn)
        now_ms = time.time_ns() // 1_000_000
        _write_record(paths, BadgeRecord(badge, key, issued.subject, wearer, now_ms))
        if store is not None:
            take_in(paths, store)
    finally:
        if store is not None:
            store.close()
        turn.release()
    return folder


def check_badge_id(badge: str) -> None:
    """UsageError unless the id can be a topic level, a certificate name and a file name."""
    if not _BADGE_ID.fullmatch(badge):
        raise UsageError(
            f"'{badge}' cannot be a badge id: use 1 to 32 letters, digits and dashes."
        )


def take_in(paths: StatePaths, store: Store) -> list[str]:
    """Move the waiting enrolments into the database; the ids of the badges taken in.

    NabijError about a file that is no enrolment; it is set aside as *.bad, so that is said once.
    """
    taken = []
    for file in sorted(paths.enrolments.glob("*.json")):
        try:
            record = _read_record(file)
        except NabijError:
            file.replace(file.with_suffix(".bad"))
            raise
        store.enrol(record)
        file.unlink()
        taken.append(record.badge)
    return taken


def _store_unless_served(paths: StatePaths) -> Store | None:
    try:
        return Store(paths)
    except LockedError:
        return None


def _refuse_if_enrolled(paths: StatePaths, badge: str, known: list[str]) -> None:
    # Ids that differ in case only would share a folder on some disks, and confuse people on all.
    same = [other for other in known if other.lower() == badge.lower()]
    if same or _record_file(paths, badge).exists():
        raise NabijError(
            f"Badge {same[0] if same else badge} is enrolled already: choose another id, or give "
            "--force to make a new key and certificate; whoever has the old ones is then refused."
        )


def _write_provisioning(
    paths: StatePaths,
    authority: Authority,
    issued: Issued,
    key: bytes,
    badge: str,
    host: str,
    port: int,
    apn: str,
) -> Path:
    identity = {"badge": badge, "hmac_key": key.hex(), "host": host, "port": port, "apn": apn}
    folder = paths.badges / badge
    make_folder(folder)
    write_file(folder / "ca.der", authority.ca.certificate_der)
    write_file(folder / "badge.der", issued.certificate_der)
    write_file(folder / "badge.key.der", issued.key_der, PRIVATE)
    write_file(folder / "config.json", b"{}\n")
    write_file(folder / "identity.json", json.dumps(identity, indent=2).encode(), PRIVATE)
    return folder


def _record_file(paths: StatePaths, badge: str) -> Path:
    return paths.enrolments / f"{badge}.json"


def _write_record(paths: StatePaths, record: BadgeRecord) -> None:
    values: dict[str, Any] = {
        "badge": record.badge,
        "hmac_key": base64.b64encode(record.hmac_key).decode(),
        "subject": record.subject,
        "wearer": record.wearer,
        "enrolled_ms": record.enrolled_ms,
    }
    write_file(_record_file(paths, record.badge), json.dumps(values).encode(), PRIVATE)


def _read_record(file: Path) -> BadgeRecord:
    data = read_file(file, "the enrolment", "enrol the badge again with --force")
    try:
        values = json.loads(data)
        return BadgeRecord(
            badge=str(values["badge"]),
            hmac_key=base64.b64decode(values["hmac_key"], validate=True),
            subject=str(values["subject"]),
            wearer=str(values["wearer"]),
            enrolled_ms=int(values["enrolled_ms"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise NabijError(
            f"{file} is not an enrolment: enrol that badge again with --force."
        ) from error

"""Make a badge known to a receiver, and the folder that makes the badge know itself."""

import base64
import contextlib
import hashlib
import json
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from badge.core import addresses
from nabij.carried import PREFIX
from nabij.centre import beside
from nabij.centre.database.lock import FolderLock, LockedError
from nabij.centre.database.postgresql import Use
from nabij.centre.register.pki import Authority, check_host
from nabij.centre.store import BadgeRecord, Store
from nabij.errors import NabijError, UsageError
from nabij.paths import (
    PRIVATE,
    StatePaths,
    gone_after_a_failure,
    make_folder,
    read_file,
    write_file,
)

DEFAULT_PORT: Final = 8883
KEY_SIZE: Final = 32
SECRETS: Final = ("badge.key.der", "identity.json")

_LONGEST: Final = 32
_BADGE_ID: Final = re.compile(r"[A-Za-z0-9-]{1,32}")
# 3GPP TS 23.003, section 9.1, and the underscores that some operators use; the badge puts it
# between quotes in a command to its modem.
_APN: Final = re.compile(r"[A-Za-z0-9._-]{0,100}")


@dataclass(frozen=True)
class Prepared:
    """A new identity that nobody has yet: the files for the badge, the record for the receiver."""

    files: dict[str, bytes]
    record: BadgeRecord

    @property
    def certificate(self) -> str:
        """SHA-256 of the badge's certificate, by which the badge says which identity it has."""
        return hashlib.sha256(self.files["badge.der"]).hexdigest()


@dataclass(frozen=True)
class _Wanted:
    """The identity that is asked for: who, where the receiver is, by which APN, worn by whom."""

    badge: str
    host: str
    port: int
    apn: str
    wearer: str
    settings: dict[str, Any]


def enrol(
    state: Path,
    badge: str,
    *,
    host: str = "localhost",
    port: int = DEFAULT_PORT,
    apn: str = "",
    wearer: str = "",
    settings: dict[str, Any] | None = None,
    force: bool = False,
    gateway: bool = False,
) -> Path:
    """Enrol the badge and return its provisioning folder, which the badge copies at first boot.

    The folder has identity.json, ca.der, badge.der, badge.key.der and config.json; it holds
    secrets. `host`:`port` is where the badge reaches the receiver, `settings` its configuration.
    With `gateway` it is one of those, under its own name (nabij/carried.py).
    A running receiver takes the badge in within a second. UsageError when the badge is enrolled
    already and `force` is not set; with `force` it gets a new key and certificate and the old ones
    are refused from then on.
    """
    check_names(badge, host, port, apn)
    if gateway:
        badge = gateway_name(badge)
    paths = StatePaths(state)
    with first_use(paths), enrolment_turn(paths), _store_unless_served(paths) as store:
        identity = _Wanted(badge, host, port, apn, wearer, settings or {})
        prepared = _prepare(paths, store, identity, force=force)
        folder = write_folder(paths, badge, prepared.files)
        _record(paths, store, prepared.record)
    return folder


def prepare(
    state: Path,
    badge: str,
    *,
    host: str = "localhost",
    port: int = DEFAULT_PORT,
    apn: str = "",
    wearer: str = "",
    settings: dict[str, Any] | None = None,
    force: bool = False,
) -> Prepared:
    """Make a new identity without writing any of it: the receiver knows it after `record`.

    `settings` is the badge's configuration. Errors as for `enrol`.
    """
    check_names(badge, host, port, apn)
    paths = StatePaths(state)
    with first_use(paths), enrolment_turn(paths), _store_unless_served(paths) as store:
        identity = _Wanted(badge, host, port, apn, wearer, settings or {})
        return _prepare(paths, store, identity, force=force)


def record(state: Path, badge_record: BadgeRecord) -> None:
    """Make the receiver accept this identity of the badge, in place of an earlier one."""
    paths = StatePaths(state)
    with enrolment_turn(paths), _store_unless_served(paths) as store:
        _record(paths, store, badge_record)


def enrol_many(state: Path, badges: Sequence[str]) -> list[Prepared]:
    """Enrol new badges that meet the receiver on this machine; their identities, kept by nobody.

    A running receiver takes all of them in at once. UsageError when one is enrolled already.
    """
    for badge in badges:
        check_badge_id(badge)
    paths = StatePaths(state)
    with first_use(paths), enrolment_turn(paths), _store_unless_served(paths) as store:
        known = store.badge_ids() if store is not None else beside.badge_ids(paths)
        same = {one.lower() for one in badges} & {one.lower() for one in known}
        if same:
            raise UsageError(
                f"{len(same)} of these badges are enrolled already, {min(same)} among them: "
                "choose other ids."
            )
        authority = Authority.open_or_create(paths.pki)
        authority.ensure_server(["localhost"])
        found = [
            _issued(authority, _Wanted(badge, "localhost", DEFAULT_PORT, "", "", {}))
            for badge in badges
        ]
        if store is not None:
            with store.batch():
                for one in found:
                    store.enrol(one.record)
        else:
            for one in found:
                _record(paths, None, one.record)
    return found


@contextlib.contextmanager
def first_use(paths: StatePaths) -> Iterator[None]:
    """A state folder that the block made is removed again when it fails, unless others use it."""
    with gone_after_a_failure(paths.root, unless=lambda: FolderLock.is_held(paths.lock)):
        yield


@contextlib.contextmanager
def enrolment_turn(paths: StatePaths) -> Iterator[None]:
    """Be the only one who changes what is enrolled; NabijError when another process does."""
    make_folder(paths.root)
    try:
        turn = FolderLock(paths.enrolments / "lock")
    except LockedError as error:
        raise NabijError("Another enrolment is going on: try again when it is done.") from error
    try:
        yield
    finally:
        turn.release()


def write_folder(paths: StatePaths, badge: str, files: dict[str, bytes]) -> Path:
    """Write the files of a badge into its provisioning folder, secrets for their owner only."""
    folder = paths.badges / badge
    make_folder(folder)
    for name, data in files.items():
        write_file(folder / name, data, PRIVATE if name in SECRETS else 0o644)
    return folder


def check_badge_id(badge: str) -> None:
    """UsageError unless the id can be a topic level, a certificate name and a file name."""
    if not _BADGE_ID.fullmatch(badge):
        raise UsageError(
            f"'{badge}' cannot be a badge id: use 1 to 32 letters, digits and dashes."
        )


def gateway_name(name: str) -> str:
    """The id of a gateway, which no badge can have; UsageError for a name that is too long."""
    if len(PREFIX) + len(name) > _LONGEST:
        raise UsageError(
            f"'{name}' is too long for a gateway: use at most {_LONGEST - len(PREFIX)} characters."
        )
    return PREFIX + name


def take_in(paths: StatePaths, store: Store) -> list[str]:
    """Move the waiting enrolments into the database; the ids of the badges taken in.

    NabijError about a file that is no enrolment; it is set aside as *.bad, so that is said once.
    """
    waiting: dict[Path, BadgeRecord] = {}
    for file in sorted(paths.enrolments.glob("*.json")):
        try:
            waiting[file] = _read_record(file)
        except NabijError:
            # Those before it come first: they must not wait for what is said of this one.
            if waiting:
                break
            file.replace(file.with_suffix(".bad"))
            raise
    with store.batch():
        for one in waiting.values():
            store.enrol(one)
    for file in waiting:
        file.unlink()
    return [one.badge for one in waiting.values()]


def check_names(badge: str, host: str, port: int, apn: str) -> None:
    """UsageError about what cannot be in an identity."""
    check_badge_id(badge)
    check_host(host)
    if not _APN.fullmatch(apn):
        raise UsageError(
            f"'{apn[:40]}' cannot be an access point: copy it from the SIM's papers (at most 100 "
            "letters, digits, dots and dashes), or leave --apn out for the network's own."
        )
    if not 1 <= port <= 65535:
        raise UsageError(f"Port {port} is not between 1 and 65535: give the receiver's MQTT port.")


def with_addresses(settings: dict[str, Any], more: Sequence[str]) -> dict[str, Any]:
    """The settings with `more` addresses of the receiver; UsageError when one is none."""
    if not more:
        return settings
    text = " ".join(more)
    hosts_in(text)
    return {**settings, "more_addresses": text}


def hosts_in(text: str) -> list[str]:
    """The hosts of a text of addresses; UsageError when one is none."""
    try:
        return [check_host(host) for host, _port in addresses.parse(text)]
    except ValueError as error:
        raise UsageError(f"--also-at: {error}") from error


def _prepare(paths: StatePaths, store: Store | None, wanted: _Wanted, *, force: bool) -> Prepared:
    if not force:
        known = store.badge_ids() if store is not None else beside.badge_ids(paths)
        _refuse_if_enrolled(paths, wanted.badge, known)
    authority = Authority.open_or_create(paths.pki)
    more = hosts_in(str(wanted.settings.get("more_addresses", "")))
    authority.ensure_server([wanted.host, *more])
    return _issued(authority, wanted)


def _issued(authority: Authority, wanted: _Wanted) -> Prepared:
    issued = authority.issue_badge(wanted.badge)
    key = secrets.token_bytes(KEY_SIZE)
    identity = {
        "badge": wanted.badge,
        "hmac_key": key.hex(),
        "host": wanted.host,
        "port": wanted.port,
        "apn": wanted.apn,
    }
    files = {
        "ca.der": authority.ca.certificate_der,
        "badge.der": issued.certificate_der,
        "badge.key.der": issued.key_der,
        "config.json": json.dumps(wanted.settings).encode() + b"\n",
        "identity.json": json.dumps(identity, indent=2).encode(),
    }
    now_ms = time.time_ns() // 1_000_000
    return Prepared(files, BadgeRecord(wanted.badge, key, issued.subject, wanted.wearer, now_ms))


def _record(paths: StatePaths, store: Store | None, badge_record: BadgeRecord) -> None:
    # A revocation that still waits is of the identity that this one replaces.
    paths.revocation(badge_record.badge).unlink(missing_ok=True)
    data = json.dumps(record_to_dict(badge_record)).encode()
    write_file(_record_file(paths, badge_record.badge), data, PRIVATE)
    if store is not None:
        take_in(paths, store)


@contextlib.contextmanager
def _store_unless_served(paths: StatePaths) -> Iterator[Store | None]:
    try:
        store = Store(paths, use=Use.PASSING)
    except LockedError:
        yield None
        return
    try:
        yield store
    finally:
        store.close()


def _refuse_if_enrolled(paths: StatePaths, badge: str, known: list[str]) -> None:
    # Ids that differ in case only would share a folder on some disks, and confuse people on all.
    same = [other for other in known if other.lower() == badge.lower()]
    if same or _record_file(paths, badge).exists():
        raise UsageError(
            f"Badge {same[0] if same else badge} is enrolled already: choose another id, or give "
            "--force to make a new key and certificate; whoever has the old ones is then refused."
        )


def _record_file(paths: StatePaths, badge: str) -> Path:
    return paths.enrolments / f"{badge}.json"


def record_to_dict(badge_record: BadgeRecord) -> dict[str, Any]:
    """A badge's record as JSON can hold it."""
    return {
        "badge": badge_record.badge,
        "hmac_key": base64.b64encode(badge_record.hmac_key).decode(),
        "subject": badge_record.subject,
        "wearer": badge_record.wearer,
        "enrolled_ms": badge_record.enrolled_ms,
    }


def record_from_dict(values: Any) -> BadgeRecord:
    """The record back; ValueError, KeyError or TypeError when it is none."""
    return BadgeRecord(
        badge=str(values["badge"]),
        hmac_key=base64.b64decode(values["hmac_key"], validate=True),
        subject=str(values["subject"]),
        wearer=str(values["wearer"]),
        enrolled_ms=int(values["enrolled_ms"]),
    )


def _read_record(file: Path) -> BadgeRecord:
    data = read_file(file, "the enrolment", "enrol the badge again with --force")
    try:
        return record_from_dict(json.loads(data))
    except (ValueError, KeyError, TypeError) as error:
        raise NabijError(
            f"{file} is not an enrolment: enrol that badge again with --force."
        ) from error

"""Certificates that are signed where a job begins, for receivers that have no authority."""

import base64
import json
from collections.abc import Collection, Mapping
from pathlib import Path

from nabij.centre import asking
from nabij.centre.database import admitted
from nabij.centre.register.pki import Authority
from nabij.errors import NabijError
from nabij.paths import StatePaths

_CERTIFICATE = "badge.der"


def sign(state: Path, badges: Collection[str]) -> bytes:
    """What a job carries: a new certificate for each of these that was enrolled in this folder.

    All of them when none is named, and nothing without the authority. Who is left out is signed
    for by the receiver at work, if that can; whose certificate lasts as long as a new one too.
    """
    paths = asking.paths_of(state)
    if not (paths.pki / "ca.key").exists():
        return b""
    authority = Authority.open(paths.pki)
    subjects = asking.read(paths, admitted.subjects)
    signed = {
        badge: base64.b64encode(new).decode()
        for badge in sorted(set(badges) or subjects)
        if (new := _signed(paths, authority, badge, subjects)) is not None
    }
    return json.dumps(signed).encode() if signed else b""


def signed_for(content: bytes, badge: str) -> bytes | None:
    """The certificate (DER) that a job carries for the badge; NabijError for what is no job's."""
    if not content:
        return None
    try:
        found = json.loads(content).get(badge)
        return None if found is None else base64.b64decode(found, validate=True)
    except (ValueError, AttributeError, TypeError) as error:
        raise NabijError("What the job carries cannot be read: begin another.") from error


def _signed(
    paths: StatePaths, authority: Authority, badge: str, subjects: Mapping[str, str]
) -> bytes | None:
    file = paths.badges / badge / _CERTIFICATE
    if badge not in subjects or not file.exists():
        return None
    try:
        return authority.renewed(file.read_bytes(), subjects[badge])
    except NabijError:
        # Of another enrolment: what the badge itself shows is judged where the job is worked off.
        return None

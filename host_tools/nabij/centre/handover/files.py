"""Signed files of incidents by command, beside a running receiver or without one."""

import time
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre import asking, languages
from nabij.centre.asking import Kind
from nabij.centre.console import incident_file, shared
from nabij.centre.database import kept_secrets
from nabij.centre.incidents import signed_file, traces
from nabij.errors import NabijError


def export(state: Path, incident_id: int, by: str, language: str) -> dict[str, bytes]:
    """The signed files of an incident by their names; that they were taken stands in the audit."""
    paths = asking.paths_of(state)
    # Said here rather than where the receiver runs.
    _document(state, incident_id)
    values = {"file": incident_id, "by": by, "at_ms": _now_ms()}
    asking.ask_for(REQUESTS, paths, values)
    words = languages.all_words()[language]
    seed = asking.read(paths, lambda one: kept_secrets.find(one, kept_secrets.INCIDENTS))
    if seed is None:
        raise NabijError("The receiver refused the file, and says why where it runs: ask again.")
    found = _document(state, incident_id)
    return incident_file.files(found, incident_file.renderer(), words, seed)


def public_pem(state: Path) -> str:
    """The key by which anybody checks these files, to be published; made now if there is none."""
    paths = asking.paths_of(state)
    seed = asking.read(paths, lambda one: kept_secrets.find(one, kept_secrets.INCIDENTS))
    if seed is None:
        asking.ask_for(REQUESTS, paths, {"key": True})
        seed = asking.read(paths, lambda one: kept_secrets.find(one, kept_secrets.INCIDENTS))
    if seed is None:
        raise NabijError("The receiver refused to make a key, and says why where it runs.")
    return signed_file.pem_of(seed)


def _document(state: Path, incident_id: int) -> dict[str, Any]:
    paths, now_ms = asking.paths_of(state), _now_ms()
    return asking.read(paths, lambda one: shared.document(one, incident_id, now_ms))


def _do(connection: sa.Connection, values: dict[str, Any]) -> None:
    if "key" in values:
        kept_secrets.get(connection, kept_secrets.INCIDENTS)
        return
    if "motion" in values:
        incident_id, by, at_ms = int(values["motion"]), str(values["by"]), int(values["at_ms"])
        traces.keep(connection, incident_id, at_ms, by, "wrote out the motion")
        return
    incident_id, by, at_ms = int(values["file"]), str(values["by"]), int(values["at_ms"])
    shared.taken(connection, incident_id, by, at_ms)


REQUESTS: Final = Kind(lambda paths: paths.file_requests, _do, "A file was refused.")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

"""What a person does about privacy, beside a running receiver or without one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.asking import Kind
from nabij.centre.database.place import place_of
from nabij.centre.people import audit
from nabij.centre.privacy import copy_of, dpia, erase, terms
from nabij.centre.privacy.subject import find
from nabij.centre.privacy.terms import Term
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.paths import StatePaths

COPIED: Final = "copied all that is held on a person"


def read_terms(state: Path) -> dict[str, Term]:
    """How long each kind is kept now."""
    return asking.read(asking.paths_of(state), terms.all_of)


def keep_term(state: Path, kind: str, days: int, reason: str, by: str) -> None:
    """Keep a kind so long from now on; UsageError for what cannot be."""
    paths = asking.paths_of(state)
    asking.read(paths, lambda one: terms.check(one, kind, days, reason))
    values = {"do": "term", "kind": kind, "days": days, "reason": reason, "by": by}
    asking.ask_for(REQUESTS, paths, values | {"at_ms": _now_ms()})


def copy_for(state: Path, who: str, by: str) -> dict[str, Any]:
    """All that is held on one person; that it was copied is in their access log."""
    paths = asking.paths_of(state)
    now_ms = _now_ms()

    def read(connection: sa.Connection) -> dict[str, Any]:
        return copy_of.build(connection, find(connection, who), now_ms)

    found = asking.read(paths, read)
    values = {"do": "copied", "person_id": found["number"], "by": by, "at_ms": now_ms}
    asking.ask_for(REQUESTS, paths, values)
    return found


def check_erase(state: Path, who: str) -> int:
    """The number of a person who can be erased; UsageError says why not."""

    def read(connection: sa.Connection) -> int:
        subject = find(connection, who)
        erase.check(connection, subject)
        return subject.person_id

    return asking.read(asking.paths_of(state), read)


def erase_now(state: Path, person_id: int, by: str) -> None:
    """Take a person out of the records; UsageError for one who is at work."""
    values = {"do": "erase", "person_id": person_id, "by": by, "at_ms": _now_ms()}
    asking.ask_for(REQUESTS, asking.paths_of(state), values)


def assess(state: Path) -> dict[str, Any]:
    """The DPIA of this receiver, as plain values."""
    paths = asking.paths_of(state)
    kept_in = place_of(paths).name
    return asking.read(paths, lambda one: dpia.build(one, _now_ms(), kept_in=kept_in))


def _do(connection: sa.Connection, values: dict[str, Any]) -> None:
    what, by, at_ms = values["do"], str(values["by"]), int(values["at_ms"])
    if what == "erase":
        erase.erase(connection, int(values["person_id"]), by=by, now_ms=at_ms)
    elif what == "copied":
        audit.add(connection, at_ms, by, COPIED, person_id=int(values["person_id"]))
    elif what == "term":
        kind, days = str(values["kind"]), int(values["days"])
        terms.keep(connection, kind, days, str(values["reason"]), by=by, now_ms=at_ms)
        audit.add(connection, at_ms, by, "changed a term", detail=f"{kind}: {days} days")
    else:
        raise ValueError(what)


REQUESTS: Final = Kind(
    lambda paths: paths.privacy_requests, _do, "A request about privacy was refused."
)


def requests_job(paths: StatePaths, store: Store, say: Callable[[str], None]) -> Job:
    """What has to recur at a receiver."""
    return asking.intake_job(
        REQUESTS, paths, store, say, name="nabij-privacy-requests", what="Requests about privacy"
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

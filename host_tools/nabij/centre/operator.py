"""What a person at the centre does with incidents, beside a running receiver or without one."""

import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa

from nabij.centre import beside
from nabij.centre.database import duties
from nabij.centre.database.lock import FolderLock, LockedError
from nabij.centre.database.place import place_of
from nabij.centre.database.postgresql import Use
from nabij.centre.incidents import handling
from nabij.centre.incidents.handling import Action, Dossier
from nabij.centre.recurring import tried
from nabij.centre.store import Store
from nabij.centre.watch.requests import hand_over, take_in_requests, waits
from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths

# A running receiver looks four times a second; one that waits for its disk may take longer.
WAIT_S: Final = 10.0
_LOOK_S: Final = 0.05

Result = TypeVar("Result")


@dataclass(frozen=True)
class Done:
    """The incident as it is now; `served` when a running receiver tells the badge of it."""

    dossier: Dossier
    served: bool


def open_incidents(
    state: Path, *, badge: str | None = None, last: int | None = None
) -> list[Dossier]:
    """The incidents that are not closed, in order of arrival; of one badge, or the newest."""
    return _read(_paths(state), partial(handling.dossiers, badge=badge, last=last))


def all_incidents(
    state: Path, *, badge: str | None = None, last: int | None = None
) -> list[Dossier]:
    """All incidents ever, in order of arrival; of one badge, or the newest of them."""
    found = partial(handling.dossiers, all_=True, badge=badge, last=last)
    return _read(_paths(state), found)


def incident(state: Path, incident_id: int) -> Dossier:
    """One incident, open or closed; UsageError when there is none of that id."""
    found = _read(_paths(state), lambda connection: handling.dossier(connection, incident_id))
    if found is None:
        raise UsageError(
            f"There is no incident {incident_id}: "
            "`nabij incident list --all` shows those that there are."
        )
    return found


def the_open_one(state: Path) -> int:
    """The id of the only open incident; NabijError when there is none, or more than one."""
    found = open_incidents(state)
    if not found:
        raise NabijError("No incident is open: `nabij incident list --all` shows the closed ones.")
    if len(found) > 1:
        ids = ", ".join(str(one.incident.id) for one in found)
        raise UsageError(f"{len(found)} incidents are open ({ids}): name the one you mean.")
    return found[0].incident.id


def take_action(
    state: Path, incident_id: int, to: int, *, by: str = "", note: str = "", wait_s: float = WAIT_S
) -> Done:
    """Move an incident on to a STATUS_*; on the disk when it returns.

    A running receiver does it; NabijError when that has not done so within `wait_s`, and then it
    keeps the request. UsageError without the name that closing needs, ActionRefusedError when the
    incident is as far already.
    """
    by, note = " ".join(by.split()), " ".join(note.split())
    handling.check_words(to, by, note)
    paths = _paths(state)
    at_ms = time.time_ns() // 1_000_000
    action = Action(f"{at_ms:015d}-{secrets.token_hex(8)}", incident_id, to, at_ms, by, note)
    handed = False

    def attempt() -> Done | None:
        nonlocal handed
        if handed and not waits(paths, action.request):
            return Done(_read(paths, partial(_outcome, action)), served=True)
        try:
            store = Store(paths, use=Use.PASSING)
        except LockedError:
            if not place_of(paths).is_file and not FolderLock.is_held(paths.lock):
                raise NabijError(
                    f"The receiver of {place_of(paths).name} runs on another machine and shares "
                    "that with nobody: use its state folder there, or its console."
                ) from None
            if not handed:
                beside.read(paths, partial(_check, action))
                hand_over(paths, action)
                handed = True
            return None
        try:
            dossier = _act_here(paths, store, action, handed=handed)
            # Receivers on other machines see it in the database that they share.
            return Done(dossier, served=store.read(_is_watched))
        finally:
            store.close()

    done = tried(attempt, wait_s, _LOOK_S)
    if done is None:
        raise NabijError(
            f"The receiver has not taken this in within {wait_s:g} s: it keeps it and does so "
            "later, at its next start at the latest; `nabij incident list` shows when it has."
        )
    return done


def _act_here(paths: StatePaths, store: Store, action: Action, *, handed: bool) -> Dossier:
    take_in_requests(paths, store, _nobody)
    if not handed:
        store.take_action(action)
    return store.read(partial(_outcome, action))


def _outcome(action: Action, connection: sa.Connection) -> Dossier:
    """The incident after the action; ActionRefusedError when another one came before it."""
    found = handling.dossier(connection, action.incident_id)
    if found is None or not handling.was_taken_in(connection, action.request):
        _check(action, connection)
        raise NabijError("The receiver refused this, and says why where it runs: ask again.")
    return found


def _check(action: Action, connection: sa.Connection) -> None:
    found = handling.dossier(connection, action.incident_id)
    handling.check(None if found is None else found.incident, action.incident_id, action.state)


def _is_watched(connection: sa.Connection) -> bool:
    return duties.is_done(connection, duties.WATCHING)


def _read(paths: StatePaths, work: Callable[[sa.Connection], Result]) -> Result:
    if not place_of(paths).is_file:
        # To open a server's as a store takes longer than all there is to read.
        with contextlib.suppress(beside.OtherReleaseError):
            return beside.read_these(paths, work)
    try:
        store = Store(paths, use=Use.PASSING)
    except LockedError:
        return beside.read(paths, work)
    try:
        return store.read(work)
    finally:
        store.close()


def _paths(state: Path) -> StatePaths:
    paths = StatePaths(state)
    if not place_of(paths).exists():
        raise UsageError(
            f"There is no receiver in {state}: give its --state folder; of one on another machine "
            f"that keeps its records on a server, copy {paths.database_url.name} there first."
        )
    return paths


def _nobody(_sentence: str) -> None:
    """What became of requests of others is not this person's business."""

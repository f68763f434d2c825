"""What a person at the centre does with incidents, beside a running receiver or without one."""

import secrets
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.database import duties
from nabij.centre.incidents import handling
from nabij.centre.incidents.handling import Action, Dossier
from nabij.centre.watch.requests import file_of, take_in_requests
from nabij.errors import NabijError, UsageError

# A running receiver looks four times a second; one that waits for its disk may take longer.
WAIT_S: Final = 10.0


@dataclass(frozen=True)
class Done:
    """The incident as it is now; `served` when a running receiver tells the badge of it."""

    dossier: Dossier
    served: bool


def open_incidents(
    state: Path, *, badge: str | None = None, last: int | None = None
) -> list[Dossier]:
    """The incidents that are not closed, in order of arrival; of one badge, or the newest."""
    return asking.read(asking.paths_of(state), partial(handling.dossiers, badge=badge, last=last))


def all_incidents(
    state: Path, *, badge: str | None = None, last: int | None = None
) -> list[Dossier]:
    """All incidents ever, in order of arrival; of one badge, or the newest of them."""
    found = partial(handling.dossiers, all_=True, badge=badge, last=last)
    return asking.read(asking.paths_of(state), found)


def incident(state: Path, incident_id: int) -> Dossier:
    """One incident, open or closed; UsageError when there is none of that id."""
    found = asking.read(
        asking.paths_of(state), lambda connection: handling.dossier(connection, incident_id)
    )
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
    paths = asking.paths_of(state)
    at_ms = time.time_ns() // 1_000_000
    action = Action(f"{at_ms:015d}-{secrets.token_hex(8)}", incident_id, to, at_ms, by, note)
    request = asking.Request(
        file_of(paths, action),
        action.to_json(),
        lambda store: store.take_action(action),
        # What became of requests of others is not this person's business.
        lambda store: take_in_requests(paths, store, lambda _sentence: None),
        partial(_check, action),
    )
    served = asking.ask(paths, request, wait_s)
    dossier = asking.read(paths, partial(_outcome, action))
    # Receivers on other machines see it in the database that they share.
    return Done(dossier, served or asking.read(paths, _is_watched))


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

"""Whose an incident is: taken, handed over, said again, given back, run out.

A claim stands beside the state that the badge is told: TAKEN is never taken back from a wearer,
but who took it may fall asleep. "Informed" is not a claim. Each function works inside the
transaction of its caller and leaves committing to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import claims, schema
from nabij.centre.database.claims import Claim
from nabij.centre.database.statements import lock_badges
from nabij.centre.incidents import handling, rows, traces
from nabij.centre.incidents.handling import CLAIM_MS, LONGEST_NAME, Action, ActionRefusedError
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.words import local_time
from nabij.errors import UsageError

# Nobody has an incident longer than this without saying so again.
MOST_MS: Final = 8 * 3_600_000


class ClaimedError(ActionRefusedError):
    """Somebody else has the incident."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(
            f"Incident {claim.incident_id} is taken: {claim.owner} has it until "
            f"{local_time(claim.until_ms)}; ask for a hand-over."
        )
        self.claim = claim


@dataclass(frozen=True)
class Wanted:
    """Somebody wants to have an incident for so long. `request` names it: it counts once.

    `over`: also when somebody else has it.
    """

    request: str
    incident_id: int
    owner: str
    at_ms: int
    for_ms: int = CLAIM_MS
    note: str = ""
    over: bool = False


def holder(connection: sa.Connection, incident_id: int, now_ms: int) -> Claim | None:
    """The claim that counts now."""
    found = claims.find(connection, incident_id)
    return found if found is not None and found.holds(now_ms) else None


def holders(connection: sa.Connection, now_ms: int) -> dict[int, Claim]:
    """All claims that count now, by incident."""
    return {one.incident_id: one for one in claims.all_of(connection) if one.holds(now_ms)}


def take(connection: sa.Connection, wanted: Wanted) -> tuple[int, ...]:
    """Give the incident to who wants it, and tell the wearer when they are the first.

    The ids of the news. ClaimedError when somebody else has it, ActionRefusedError when it is
    closed, UsageError for a name or a time that cannot be kept.
    """
    _check(wanted.owner, wanted.for_ms)
    incident = _locked(connection, wanted.incident_id)
    found = holder(connection, wanted.incident_id, wanted.at_ms)
    if found is not None and found.owner == wanted.owner:
        _prolong(connection, found, wanted.at_ms, wanted.for_ms)
        _keep(connection, wanted, "kept it longer")
        # News: it may have got worse meanwhile, and now somebody has seen to that.
        return (_tell(connection, wanted.incident_id, What.CLAIMED, wanted.at_ms),)
    if found is not None and not wanted.over:
        raise ClaimedError(found)
    mine = Claim(
        incident_id=wanted.incident_id,
        owner=wanted.owner,
        since_ms=wanted.at_ms,
        said_ms=wanted.at_ms,
        until_ms=wanted.at_ms + wanted.for_ms,
    )
    claims.put(connection, mine)
    if incident.state >= wire.STATUS_TAKEN:
        _keep(connection, wanted, "took it")
        return (_tell(connection, wanted.incident_id, What.CLAIMED, wanted.at_ms),)
    action = Action(
        request=wanted.request,
        incident_id=wanted.incident_id,
        state=wire.STATUS_TAKEN,
        at_ms=wanted.at_ms,
        by=wanted.owner,
        note=wanted.note,
    )
    news = handling.apply(connection, action)
    return () if news is None else (news,)


def hand_over(
    connection: sa.Connection, incident_id: int, by: str, to: str, now_ms: int
) -> tuple[int, ...]:
    """Who has the incident gives it to somebody else for CLAIM_MS; the ids of the news."""
    _check(to, CLAIM_MS)
    _locked(connection, incident_id)
    _own(connection, incident_id, by, now_ms)
    claims.put(connection, Claim(incident_id, to, now_ms, now_ms, now_ms + CLAIM_MS))
    traces.keep(connection, incident_id, now_ms, by, "handed it over", to)
    return (_tell(connection, incident_id, What.CLAIMED, now_ms),)


def extend(
    connection: sa.Connection, incident_id: int, by: str, now_ms: int, for_ms: int = CLAIM_MS
) -> Claim:
    """Who has the incident says so again; the claim as it is now."""
    _check(by, for_ms)
    _locked(connection, incident_id)
    found = _own(connection, incident_id, by, now_ms)
    _prolong(connection, found, now_ms, for_ms)
    return replace(found, said_ms=now_ms, until_ms=max(found.until_ms, now_ms + for_ms))


def give_back(
    connection: sa.Connection, incident_id: int, by: str, now_ms: int
) -> tuple[int, ...]:
    """Who has the incident cannot go on with it; the ids of the news."""
    _locked(connection, incident_id)
    _own(connection, incident_id, by, now_ms)
    claims.remove(connection, incident_id)
    traces.keep(connection, incident_id, now_ms, by, "gave it back")
    return (_tell(connection, incident_id, What.CLAIM_OVER, now_ms),)


def end_all_of(connection: sa.Connection, owner: str, now_ms: int) -> tuple[int, ...]:
    """Whoever has incidents is there no more: they come back; the ids of the news."""
    theirs = [one for one in claims.all_of(connection) if one.owner == owner]
    return tuple(_expired(connection, theirs, now_ms))


def expire(connection: sa.Connection, now_ms: int) -> tuple[int, ...]:
    """End the claims that have run out; the ids of the news. To be done each second."""
    over = [one for one in claims.all_of(connection) if not one.holds(now_ms)]
    return tuple(_expired(connection, over, now_ms))


def _expired(connection: sa.Connection, over: Iterable[Claim], now_ms: int) -> Iterable[int]:
    for claim in over:
        # Another receiver may have given it to somebody meanwhile.
        if claims.remove(connection, claim.incident_id, said_ms=claim.said_ms):
            yield _tell(connection, claim.incident_id, What.CLAIM_OVER, now_ms)


def _prolong(connection: sa.Connection, found: Claim, now_ms: int, for_ms: int) -> None:
    # Never shorter: a second click must not take time away.
    until_ms = max(found.until_ms, now_ms + for_ms)
    claims.put(connection, replace(found, said_ms=now_ms, until_ms=until_ms))


def _own(connection: sa.Connection, incident_id: int, by: str, now_ms: int) -> Claim:
    found = holder(connection, incident_id, now_ms)
    if found is None:
        raise ActionRefusedError(f"Nobody has incident {incident_id}: take it first.")
    if found.owner != by:
        raise ClaimedError(found)
    return found


def _locked(connection: sa.Connection, incident_id: int) -> Incident:
    """The incident, which stays as it is for this transaction; ActionRefusedError when closed."""
    table = schema.incident
    of_it = sa.select(table.c.badge).where(table.c.id == incident_id)
    lock_badges(connection, list(connection.execute(of_it).scalars()))
    row = connection.execute(sa.select(table).where(table.c.id == incident_id)).mappings()
    found = row.one_or_none()
    incident = None if found is None else Incident(**found)
    return handling.check_open(incident, incident_id)


def _check(owner: str, for_ms: int) -> None:
    if not owner or len(owner) > LONGEST_NAME:
        raise UsageError(f"Say who takes it, in at most {LONGEST_NAME} characters.")
    if not 0 < for_ms <= MOST_MS:
        raise UsageError(
            f"An incident can be had for 1 to {MOST_MS // 60_000} minutes at a time: give less."
        )


def _keep(connection: sa.Connection, wanted: Wanted, what: str) -> None:
    traces.keep(connection, wanted.incident_id, wanted.at_ms, wanted.owner, what)


def _tell(connection: sa.Connection, incident_id: int, what: What, at_ms: int) -> int:
    return rows.tell(connection, rows.alarm_id_of(connection, incident_id), what, at_ms)

"""Links by which somebody outside opens exactly one incident, for a while, without a log-in.

Each function works inside the transaction of its caller. The token is random and kept as its hash;
it names nothing, so there is nothing in an address that could be changed to reach anything else.
"""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database.link_tables import incident_link as table
from nabij.centre.incidents import traces
from nabij.centre.people import audit, tokens
from nabij.errors import UsageError

LASTS_MS: Final = 2 * 3_600_000
# One that goes out with a message lasts for LASTS_MS from the answer to that, and so long at most.
WAITS_MS: Final = 24 * 3_600_000
LONGEST_WHOM: Final = 100
# Of one incident, at a time: whoever needs more revokes what nobody uses.
MOST: Final = 20
PATH: Final = "/i/"
OPENED: Final = "opened an incident by a link"
CAME_LATE: Final = "came with a link that had ended"


@dataclass(frozen=True)
class Link:
    """Whom it was made for and by, and until when it is good. Times are ms since 1970 UTC."""

    id: int
    incident_id: int
    whom: str
    by: str
    made_ms: int
    until_ms: int
    revoked_ms: int | None

    def is_good(self, now_ms: int) -> bool:
        """Whether it opens its incident."""
        # Nor by a clock that was set back to before it was made.
        began_ms = self.made_ms - WAITS_MS
        return self.revoked_ms is None and began_ms < now_ms < self.until_ms


_NAMES: Final = tuple(Link.__dataclass_fields__)


def make(
    connection: sa.Connection,
    incident_id: int,
    whom: str,
    by: str,
    now_ms: int,
    *,
    event_id: int | None = None,
) -> str:
    """The token of a new link, which nobody can have again; UsageError for what cannot be.

    `event_id`: it goes out with the message of that event, and its time begins with the answer.
    """
    whom = " ".join(whom.split())
    if not 0 < len(whom) <= LONGEST_WHOM:
        raise UsageError(f"Say whom the link is for, in 1 to {LONGEST_WHOM} characters.")
    good = sum(one.is_good(now_ms) for one in of(connection, incident_id))
    if event_id is None and good >= MOST:
        raise UsageError(f"There are {MOST} links to this incident: revoke one first.")
    token = tokens.new(tokens.secret_of(connection))
    values = {
        "incident_id": incident_id,
        "digest": tokens.digest(token),
        "whom": whom,
        "by": by,
        "event_id": event_id,
        "made_ms": now_ms,
        "until_ms": now_ms + (LASTS_MS if event_id is None else WAITS_MS),
    }
    made = connection.execute(table.insert().values(values).returning(table.c.id)).scalar_one()
    words = f"link {made} for {whom}"
    traces.keep(connection, incident_id, now_ms, by, "made a link to an incident", words)
    return token


def of(connection: sa.Connection, incident_id: int) -> list[Link]:
    """All links to an incident, in the order in which they were made."""
    return _links(connection, table.c.incident_id == incident_id)


def find(connection: sa.Connection, token: str) -> Link | None:
    """The link of a token, also one that has ended; None when there is none."""
    return next(iter(_links(connection, table.c.digest == tokens.digest(token))), None)


def revoke(
    connection: sa.Connection, incident_id: int, link_id: int, by: str, now_ms: int
) -> None:
    """It opens nothing from now on; UsageError when that incident has no such link."""
    mine = sa.and_(table.c.id == link_id, table.c.incident_id == incident_id)
    ended = table.update().where(mine, table.c.revoked_ms.is_(None)).values(revoked_ms=now_ms)
    if not connection.execute(ended).rowcount:
        if not any(one.id == link_id for one in of(connection, incident_id)):
            raise UsageError("There is no such link: look at the incident again.")
        return
    what, words = "revoked a link to an incident", f"link {link_id}"
    traces.keep(connection, incident_id, now_ms, by, what, words)


def arrived(connection: sa.Connection, incident_id: int, event_id: int, now_ms: int) -> None:
    """Whoever it was sent to has it: its time begins."""
    mine = sa.and_(table.c.incident_id == incident_id, table.c.event_id == event_id)
    sooner = sa.and_(mine, table.c.until_ms > now_ms + LASTS_MS)
    connection.execute(table.update().where(sooner).values(until_ms=now_ms + LASTS_MS))


def note_use(connection: sa.Connection, link: Link, address: str, now_ms: int) -> None:
    """Keep in the audit that it was used, or tried in vain, from there: once each LOOK_MS."""
    is_good, who = link.is_good(now_ms), f"link {link.id}: {link.whom}"
    what = OPENED if is_good else CAME_LATE
    # Who has one that ended fills no audit from a thousand addresses.
    mine = address if is_good else None
    if not audit.did_of_late(connection, now_ms, who, what, link.incident_id, mine):
        traces.keep(connection, link.incident_id, now_ms, who, what, address)


def _links(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Link]:
    found = sa.select(*(table.c[name] for name in _NAMES)).where(where).order_by(table.c.id)
    return [Link(**row) for row in connection.execute(found).mappings()]

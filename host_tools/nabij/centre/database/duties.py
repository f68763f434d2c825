"""Duties of which each belongs to one receiver at a time, as long as its connection lasts.

Each function works inside the transaction of its caller.
"""

from typing import Final

import sqlalchemy as sa

from nabij.centre.database.postgresql import OURS
from nabij.centre.database.statements import is_one_writers

# Whatever recurs: deadlines, quiet badges, what badges are owed, removing what is old.
WATCHING: Final = "watching"
# What is done with badges by the link: two would number their orders at cross purposes.
FLEET: Final = "fleet"
# What is handed over to alarm centres: two would mix up the order.
HANDOVER: Final = "handover"

_TRY: Final = sa.text(
    "SELECT pg_try_advisory_lock(:ours, hashtext(current_schema() || ' ' || :duty))"
)
_IS_FREE: Final = sa.text(
    "SELECT pg_try_advisory_xact_lock(:ours, hashtext(current_schema() || ' ' || :duty))"
)
_TIME: Final = sa.text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")
_KEY: Final = "nabij.duties"


def is_done(connection: sa.Connection, duty: str) -> bool:
    """Whether somebody else has the duty now; with SQLite, which has one owner, never."""
    if is_one_writers(connection):
        return False
    return not connection.execute(_IS_FREE, {"ours": OURS, "duty": duty}).scalar_one()


def listening(name: str) -> str:
    """The duty to tell the listener of that name."""
    return f"listener {name}"


def take(connection: sa.Connection, duty: str) -> bool:
    """Whether the duty is ours now; with SQLite, which has one owner, it always is.

    The server gives it to another when this connection ends, however that is. So all that is done
    by duty is done by this connection.
    """
    if is_one_writers(connection):
        return True
    ours: set[str] = connection.info.setdefault(_KEY, set())
    if duty in ours:
        # Asks the server: a connection that is lost has to be noticed here.
        return bool(connection.execute(sa.select(sa.literal(1))).scalar_one())
    if connection.execute(_TRY, {"ours": OURS, "duty": duty}).scalar_one():
        ours.add(duty)
    return duty in ours


def time_of_day_ms(connection: sa.Connection) -> int | None:
    """The time of day of the database's machine (ms since 1970 UTC); None where it is this one."""
    return None if is_one_writers(connection) else int(connection.execute(_TIME).scalar_one())

"""Who is logged in. Each function works inside the transaction of its caller."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database.people_schema import session
from nabij.centre.people import tokens

# A working day and its handover; and a console left alone for a night is closed.
LONGEST_MS: Final = 13 * 3_600_000
IDLE_MS: Final = 9 * 3_600_000
# So often at most it is written that somebody was seen: each is a commit on the disk.
SEEN_EVERY_MS: Final = 60_000


@dataclass(frozen=True)
class Session:
    """Whose it is, and since when."""

    account_id: int
    begun_ms: int
    seen_ms: int


def begin(connection: sa.Connection, account_id: int, now_ms: int) -> str:
    """A new session; its token, which only the cookie has."""
    token = tokens.new(tokens.secret_of(connection))
    values = {"account_id": account_id, "begun_ms": now_ms, "seen_ms": now_ms}
    connection.execute(session.insert().values(token_hash=tokens.digest(token), **values))
    old = session.c.begun_ms < now_ms - LONGEST_MS
    connection.execute(session.delete().where(old))
    return token


def find(connection: sa.Connection, token: str, now_ms: int) -> Session | None:
    """The session of that token while it lasts."""
    mine = session.c.token_hash == tokens.digest(token)
    row = connection.execute(sa.select(session).where(mine)).mappings().one_or_none()
    if row is None:
        return None
    if now_ms - row["begun_ms"] >= LONGEST_MS or now_ms - row["seen_ms"] >= IDLE_MS:
        connection.execute(session.delete().where(mine))
        return None
    if now_ms - row["seen_ms"] >= SEEN_EVERY_MS:
        connection.execute(session.update().where(mine).values(seen_ms=now_ms))
    return Session(row["account_id"], row["begun_ms"], row["seen_ms"])


def end(connection: sa.Connection, token: str) -> None:
    """Log out."""
    mine = session.c.token_hash == tokens.digest(token)
    connection.execute(session.delete().where(mine))


def end_all(connection: sa.Connection, account_id: int) -> None:
    """Log an account out everywhere."""
    connection.execute(session.delete().where(session.c.account_id == account_id))

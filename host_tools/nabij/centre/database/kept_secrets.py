"""Secrets that all receivers of a database share: each is made once, by whoever asks first.

Each function works inside the transaction of its caller.
"""

import secrets
from typing import Final

import sqlalchemy as sa

# As SQLite says it too.
from sqlalchemy.dialects.postgresql import insert

from nabij.centre.database import schema

BYTES: Final = 32
# What signs the links by which people answer, the tokens of the console, heads of the audit, and
# files about incidents.
LINKS: Final = "links"
TOKENS: Final = "tokens"
AUDIT: Final = "audit"
INCIDENTS: Final = "incidents"
# No secret, but what the keeper of positions is known by: its public key.
KEEPER: Final = "keeper"

secret = sa.Table(
    "secret",
    schema.metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.LargeBinary(BYTES), nullable=False),
)


def get(connection: sa.Connection, name: str) -> bytes:
    """The secret of that name (32 bytes), made if there is none yet."""
    found = find(connection, name)
    if found is None:
        keep(connection, name, secrets.token_bytes(BYTES))
        # As somebody else made it in this moment.
        found = find(connection, name)
    assert found is not None  # noqa: S101 - it was kept just now
    return found


def find(connection: sa.Connection, name: str) -> bytes | None:
    """The secret of that name (32 bytes where it was made here), None if there is none yet."""
    mine = sa.select(secret.c.value).where(secret.c.name == name)
    found = connection.execute(mine).scalar_one_or_none()
    return None if found is None else bytes(found)


def keep(connection: sa.Connection, name: str, value: bytes) -> None:
    """Keep that secret, unless there is one of that name already."""
    first = insert(secret).values(name=name, value=value)
    connection.execute(first.on_conflict_do_nothing())


def forget(connection: sa.Connection, name: str) -> None:
    """Keep that no more; the next is kept in its place."""
    connection.execute(secret.delete().where(secret.c.name == name))


def replace(connection: sa.Connection, name: str, value: bytes | None) -> None:
    """Keep a secret that somebody gave, of any length, in place of the last; None for none."""
    connection.execute(secret.delete().where(secret.c.name == name))
    if value is not None:
        connection.execute(secret.insert().values(name=name, value=value))

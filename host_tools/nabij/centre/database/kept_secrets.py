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
# What signs the links by which people answer, and what signs the tokens of the console.
LINKS: Final = "links"
TOKENS: Final = "tokens"

secret = sa.Table(
    "secret",
    schema.metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.LargeBinary(BYTES), nullable=False),
)


def get(connection: sa.Connection, name: str) -> bytes:
    """The secret of that name (32 bytes), made if there is none yet."""
    mine = sa.select(secret.c.value).where(secret.c.name == name)
    found = connection.execute(mine).scalar_one_or_none()
    if found is None:
        keep(connection, name, secrets.token_bytes(BYTES))
        found = connection.execute(mine).scalar_one()
    return bytes(found)


def keep(connection: sa.Connection, name: str, value: bytes) -> None:
    """Keep that secret, unless there is one of that name already."""
    first = insert(secret).values(name=name, value=value)
    connection.execute(first.on_conflict_do_nothing())

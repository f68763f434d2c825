"""The table of webhooks. Since revision 0020."""

from typing import Final

import sqlalchemy as sa

from nabij.centre.database import schema

SECRET_BYTES: Final = 32

webhook = sa.Table(
    "webhook",
    schema.metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    # It may hold secrets of who receives: no answer shows more of it than the host.
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary(SECRET_BYTES), nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    # Since when it is not taken, and what was said to it; NULL while all is well.
    sa.Column("failing_ms", sa.BigInteger),
    sa.Column("said", sa.Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

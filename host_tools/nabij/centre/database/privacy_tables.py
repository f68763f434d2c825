"""How long each kind of personal data is kept, where the employer said so. Since revision 0026."""

from typing import Final

import sqlalchemy as sa

from nabij.centre.database.schema import metadata

# The kind of where somebody is outside alarms.
LOCATION: Final = "location"

retention_term = sa.Table(
    "retention_term",
    metadata,
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("set_by", sa.Text, nullable=False),
    sa.Column("set_ms", sa.BigInteger, nullable=False),
)

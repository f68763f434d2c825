"""The last time that a badge had no network, as it told."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """For each engine."""
    op.add_column("watch", sa.Column("out_since_ms", sa.BigInteger))
    op.add_column("watch", sa.Column("out_until_ms", sa.BigInteger))
    op.add_column("watch", sa.Column("out_why", sa.Integer))
    op.add_column("watch", sa.Column("out_cause", sa.Integer))

"""When who carried an alarm had it, by their own clock, and by how much that is off."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """For each engine."""
    op.add_column("carried", sa.Column("said_s", sa.BigInteger))
    op.add_column("carried", sa.Column("off_ms", sa.BigInteger))

"""Each how many seconds a badge promises a sign, as its newest hello told it."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """For each engine. Of a badge that has not said hello since, nothing is known."""
    for table in ("badge", "incident"):
        op.add_column(table, sa.Column("keepalive_s", sa.Integer))

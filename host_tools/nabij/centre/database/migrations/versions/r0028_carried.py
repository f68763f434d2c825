"""Who carried an alarm from its badge to the receiver."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "carried",
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarm.id"), primary_key=True),
        sa.Column("gateway", sa.Text, primary_key=True),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("rssi_dbm", sa.Integer, nullable=False),
    )

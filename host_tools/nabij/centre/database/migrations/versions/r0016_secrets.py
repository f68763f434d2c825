"""Secrets that all receivers share; how often whoever sent a message ended before its answer."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "secret",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.LargeBinary(32), nullable=False),
    )
    interrupted = sa.Column("interrupted", sa.Integer, nullable=False, server_default="0")
    op.add_column("outbox", interrupted)
    # Whether somebody looked at an incident lately is asked at each look.
    op.create_index("audit_of_incident", "audit", ["incident_id", "by"])

"""How long each kind of personal data is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "retention_term",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_ms", sa.BigInteger, nullable=False),
    )

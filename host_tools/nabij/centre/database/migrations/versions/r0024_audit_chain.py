"""The chain of the audit, and its anchors."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """For each engine."""
    op.add_column("audit", sa.Column("salt", sa.LargeBinary(16)))
    op.add_column("audit", sa.Column("personal", sa.LargeBinary(32)))
    op.add_column("audit", sa.Column("chain", sa.LargeBinary(32)))
    op.create_table(
        "audit_anchor",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("head", sa.LargeBinary(32), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
    )

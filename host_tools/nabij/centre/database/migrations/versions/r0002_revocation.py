"""Badges can be revoked."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """For SQLite: no other engine had a database then."""
    op.execute("ALTER TABLE badge ADD COLUMN revoked_ms BIGINT")

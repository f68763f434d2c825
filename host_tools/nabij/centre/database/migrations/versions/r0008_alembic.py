"""Alembic keeps the version from here on."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """For SQLite: no other engine had a database then."""
    op.drop_table("schema_version")

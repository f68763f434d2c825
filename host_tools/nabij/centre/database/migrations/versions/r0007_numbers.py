"""What badges are told has numbers that rise."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """For SQLite: no other engine had a database then."""
    op.execute(
        """CREATE TABLE numbered (
            badge VARCHAR(32) NOT NULL PRIMARY KEY REFERENCES badge (badge),
            number BIGINT NOT NULL)"""
    )
    op.execute("ALTER TABLE alarm ADD COLUMN number BIGINT DEFAULT '0' NOT NULL")

"""Badges on shift are watched."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """For SQLite: no other engine had a database then."""
    for column in ("shift_ms", "until_ms", "back_ms"):
        op.execute(f"ALTER TABLE incident ADD COLUMN {column} BIGINT")
    op.execute(
        """CREATE TABLE watch (
            badge VARCHAR(32) NOT NULL PRIMARY KEY REFERENCES badge (badge),
            boot BIGINT NOT NULL, seq BIGINT NOT NULL, since_ms BIGINT NOT NULL,
            due_ms BIGINT NOT NULL, due_steady_ms BIGINT, epoch TEXT NOT NULL,
            adopted BOOLEAN NOT NULL, lost_ms BIGINT,
            incident_id INTEGER REFERENCES incident (id))"""
    )

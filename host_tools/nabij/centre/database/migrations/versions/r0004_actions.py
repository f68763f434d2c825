"""What the centre does with an incident."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """For SQLite: no other engine had a database then."""
    op.execute(
        """CREATE TABLE move (
            id INTEGER NOT NULL PRIMARY KEY,
            incident_id INTEGER NOT NULL REFERENCES incident (id),
            state INTEGER NOT NULL, at_ms BIGINT NOT NULL, "by" TEXT NOT NULL,
            note TEXT NOT NULL, request TEXT NOT NULL UNIQUE, owed BOOLEAN NOT NULL,
            again INTEGER NOT NULL)"""
    )
    op.execute("CREATE INDEX ix_move_incident_id ON move (incident_id)")
    op.execute("CREATE INDEX move_owed ON move (incident_id) WHERE owed")

"""A fault of a badge says what fails."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """For SQLite: no other engine had a database then."""
    op.execute("ALTER TABLE incident ADD COLUMN reason INTEGER")

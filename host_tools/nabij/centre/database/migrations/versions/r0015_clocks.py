"""By how much the clock of a badge was off when it raised an alarm."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """For each engine. Of what came before this nobody looked."""
    op.add_column("incident", sa.Column("clock_off_s", sa.BigInteger))
    is_off = sa.text("clock_off_s IS NOT NULL")
    op.create_index(
        "incident_clock", "incident", ["badge"], sqlite_where=is_off, postgresql_where=is_off
    )

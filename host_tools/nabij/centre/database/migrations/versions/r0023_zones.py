"""The time zone of a site, and of where an incident was."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """For each engine. Of what came before this nobody had said."""
    for table in ("site", "incident"):
        op.add_column(table, sa.Column("zone", sa.Text, nullable=False, server_default=""))

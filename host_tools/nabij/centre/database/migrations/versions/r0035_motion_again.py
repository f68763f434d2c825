"""The tables of motion, where a command of an older release made a database without them."""

import sqlalchemy as sa
from alembic import op

from nabij.centre.database.migrations.versions import r0031_motion

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """For each engine."""
    if not sa.inspect(op.get_bind()).has_table("motion_upload"):
        r0031_motion.upgrade()

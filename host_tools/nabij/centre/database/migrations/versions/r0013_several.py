"""Several receivers: each is alive by clocks of its own, and says whom it heard or holds back."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """For each engine."""
    op.rename_table("alive", "alive_before")
    op.create_table(
        "alive",
        sa.Column("wall_ms", sa.BigInteger, nullable=False),
        sa.Column("steady_ms", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.Text, primary_key=True),
    )
    op.execute(
        "INSERT INTO alive (wall_ms, steady_ms, epoch) "
        "SELECT wall_ms, steady_ms, epoch FROM alive_before"
    )
    op.drop_table("alive_before")
    op.add_column("watch", sa.Column("heard_ms", sa.BigInteger))
    op.create_table(
        "held",
        sa.Column("badge", sa.String(32), sa.ForeignKey("badge.badge"), primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )

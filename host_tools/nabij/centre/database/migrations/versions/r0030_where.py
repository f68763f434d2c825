"""Where badges say that they are, and the tags of rooms."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "sighting",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarm.id"), nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.Column("told_ms", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger),
        sa.Column("lat_e7", sa.BigInteger),
        sa.Column("lon_e7", sa.BigInteger),
        sa.Column("accuracy_m", sa.Integer),
        sa.Column("source", sa.Integer),
        sa.Column("mcc", sa.Integer),
        sa.Column("mnc", sa.Integer),
        sa.Column("tac", sa.Integer),
        sa.Column("ci", sa.Integer),
        sa.Column("rsrp_dbm", sa.Integer),
        sa.Column("tag", sa.LargeBinary),
        sa.Column("rssi_dbm", sa.Integer),
        sa.Column("speed_cm_s", sa.Integer),
        sa.Column("zone", sa.Integer),
        sa.UniqueConstraint("alarm_id", "rev"),
    )
    op.create_table(
        "room_tag",
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("sort", sa.String(16), nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("site_id", sa.Integer, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("lat_e7", sa.BigInteger),
        sa.Column("lon_e7", sa.BigInteger),
    )

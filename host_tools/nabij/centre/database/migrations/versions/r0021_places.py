"""Where a wearer is and how they moved, and the floor plans of sites."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """For each engine."""
    incident = sa.ForeignKey("incident.id")
    op.create_table(
        "position",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("incident_id", sa.Integer, incident, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("lat_e7", sa.BigInteger, nullable=False),
        sa.Column("lon_e7", sa.BigInteger, nullable=False),
        sa.Column("accuracy_m", sa.Integer, nullable=False),
        sa.Column("noted_ms", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_index("ix_position_incident_id", "position", ["incident_id"])
    op.create_table(
        "motion",
        sa.Column("incident_id", sa.Integer, sa.ForeignKey("incident.id"), primary_key=True),
        sa.Column("begin_ms", sa.BigInteger, nullable=False),
        sa.Column("step_ms", sa.Integer, nullable=False),
        sa.Column("magnitudes_mg", sa.Text, nullable=False),
        sa.Column("phases", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("noted_ms", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_table(
        "site_picture",
        sa.Column("site_id", sa.Integer, sa.ForeignKey("site.id"), primary_key=True),
        sa.Column("media", sa.String(32), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("north_e7", sa.BigInteger, nullable=False),
        sa.Column("south_e7", sa.BigInteger, nullable=False),
        sa.Column("west_e7", sa.BigInteger, nullable=False),
        sa.Column("east_e7", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )

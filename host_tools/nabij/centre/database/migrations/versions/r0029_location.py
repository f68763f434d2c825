"""Sealed positions from outside alarms, and the works council's consent to them."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "sealed_position",
        sa.Column("badge", sa.String(32), sa.ForeignKey("badge.badge"), primary_key=True),
        sa.Column("shift_ms", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("incident_id", sa.Integer, sa.ForeignKey("incident.id")),
        sa.Column("answer", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("ix_sealed_position_person_id", "sealed_position", ["person_id"])
    op.create_table(
        "location_consent",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("council", sa.Text, nullable=False),
        sa.Column("on_date", sa.String(10), nullable=False),
        sa.Column("until_date", sa.String(10), nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("teams", sa.Text, nullable=False),
        sa.Column("sites", sa.Text, nullable=False),
        sa.Column("noted_ms", sa.BigInteger, nullable=False),
        sa.Column("noted_by", sa.Text, nullable=False),
        sa.Column("withdrawn_ms", sa.BigInteger),
        sa.Column("withdrawn_by", sa.Text, nullable=False, server_default=""),
    )

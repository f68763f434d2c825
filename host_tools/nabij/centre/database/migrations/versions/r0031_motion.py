"""The motion of alarms that badges sent, in pieces and whole."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "motion_upload",
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarm.id"), primary_key=True),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("begun_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_ms", sa.BigInteger),
        sa.Column("content", sa.LargeBinary),
    )
    op.create_index("motion_upload_begun", "motion_upload", ["begun_ms"])
    op.create_table(
        "motion_piece",
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarm.id"), primary_key=True),
        sa.Column("begins", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )

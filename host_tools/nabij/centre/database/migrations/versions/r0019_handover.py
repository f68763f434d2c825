"""Hand-over to alarm centres: which there are, and what each is sent."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "arc",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("secret_key", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "arc_badge",
        sa.Column("badge", sa.String(32), primary_key=True),
        sa.Column("arc", sa.String(32), sa.ForeignKey("arc.name"), nullable=False),
        sa.Column("hold_s", sa.Integer, nullable=False),
        sa.Column("technical", sa.Boolean, nullable=False),
    )
    op.create_table(
        "arc_account",
        sa.Column("arc", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(16), primary_key=True),
        sa.Column("last_seq", sa.Integer, nullable=False),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("arc", sa.String(32), nullable=False),
        sa.Column("account", sa.String(16), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.Integer, sa.ForeignKey("incident.id")),
        sa.Column("event_id", sa.BigInteger),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("zone", sa.Integer, nullable=False),
        sa.Column("protocol", sa.String(16), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("extended", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("queued_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("done_ms", sa.BigInteger),
        sa.Column("answered_by", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.UniqueConstraint("arc", "event_id", "what"),
    )
    op.create_index("ix_handover_incident_id", "handover", ["incident_id"])
    waits = sa.text("state = 'waiting'")
    op.create_index(
        "handover_waits",
        "handover",
        ["arc", "account"],
        sqlite_where=waits,
        postgresql_where=waits,
    )

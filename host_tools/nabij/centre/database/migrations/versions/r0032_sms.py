"""What comes and goes by SMS."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "sms_service",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
    )
    op.create_table(
        "sms_number",
        sa.Column("badge", sa.String(32), sa.ForeignKey("badge.badge"), primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
    )
    op.create_table(
        "sms",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarm.id"), nullable=False),
        sa.Column("service", sa.String(16), nullable=False),
        sa.Column("message_id", sa.String(100), nullable=False),
        sa.Column("came_ms", sa.BigInteger, nullable=False),
        sa.Column("sent_ms", sa.BigInteger),
        sa.Column("sender", sa.String(3), nullable=False),
        sa.Column("is_own", sa.Boolean),
        sa.UniqueConstraint("service", "message_id"),
    )
    op.create_index("ix_sms_alarm_id", "sms", ["alarm_id"])
    op.create_table(
        "sms_owed",
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarm.id"), primary_key=True),
        sa.Column("asked_ms", sa.BigInteger),
        sa.Column("told_rev", sa.Integer, nullable=False, server_default="0"),
        sa.Column("told_state", sa.Integer, nullable=False, server_default="0"),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_ms", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    is_open = sa.column("done").is_(sa.false())
    op.create_index(
        "sms_owed_open", "sms_owed", ["next_ms"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "sms_told",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarm.id"), nullable=False),
        sa.Column("badge", sa.String(32), nullable=False),
        sa.Column("service", sa.String(16), nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("again", sa.Boolean, nullable=False),
    )
    op.create_index("ix_sms_told_alarm_id", "sms_told", ["alarm_id"])
    op.create_index("ix_sms_told_at_ms", "sms_told", ["at_ms"])

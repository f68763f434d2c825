"""Events are kept, each listener has a cursor, and news that were told do not vanish."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """For each engine. What nobody was told of yet comes first."""
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarm.id"), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_alarm_id", "event", ["alarm_id"])
    op.create_index("ix_event_at_ms", "event", ["at_ms"])
    op.execute(
        "INSERT INTO event (alarm_id, what, at_ms) "
        "SELECT alarm_id, what, at_ms FROM news ORDER BY id"
    )
    op.create_table(
        "listener",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("told_id", sa.BigInteger, nullable=False),
        sa.Column("seen_ms", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.execute("INSERT INTO listener (name, told_id, seen_ms) VALUES ('terminal', 0, 0)")
    op.drop_table("news")
    # What is open is asked for all the time, and soon one in thousands.
    open_ = sa.text("state <> 4")
    op.create_index(
        "incident_open", "incident", ["id"], sqlite_where=open_, postgresql_where=open_
    )

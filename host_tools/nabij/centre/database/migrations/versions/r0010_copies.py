"""Each transmission says whether it is a copy, so that nobody has to look for those that are."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """For each engine."""
    op.add_column(
        "message", sa.Column("copy", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_index("message_of_alarm", "message", ["alarm_id", "rev"])
    op.drop_index("ix_message_alarm_id", "message")
    op.drop_index("ix_message_received_ms", "message")
    message = sa.table("message", *map(sa.column, ("id", "alarm_id", "rev", "copy")))
    first = message.alias("first")
    earlier = sa.exists().where(
        first.c.alarm_id == message.c.alarm_id,
        first.c.rev == message.c.rev,
        first.c.id < message.c.id,
    )
    op.execute(message.update().where(earlier).values(copy=sa.true()))
    is_copy = sa.text("copy")
    op.create_index(
        "message_copy",
        "message",
        ["received_ms"],
        sqlite_where=is_copy,
        postgresql_where=is_copy,
    )

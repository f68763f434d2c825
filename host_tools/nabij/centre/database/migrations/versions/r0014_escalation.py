"""Escalation: people and plans, and who is being told what."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """For each engine."""
    _people()
    _plans()
    _work()


def _people() -> None:
    op.create_table(
        "responder",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("quiet", sa.Text, nullable=False),
    )
    op.create_table(
        "responder_channel",
        sa.Column("responder", sa.String(32), sa.ForeignKey("responder.key"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.UniqueConstraint("responder", "name"),
    )
    op.create_table(
        "responder_away",
        sa.Column("responder", sa.String(32), sa.ForeignKey("responder.key"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("first", sa.String(10), nullable=False),
        sa.Column("last", sa.String(10), nullable=False),
        sa.Column("stand_in", sa.String(32), nullable=False),
    )


def _plans() -> None:
    op.create_table(
        "plan",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("working", sa.Text, nullable=False),
        sa.Column("claim_min", sa.Integer, nullable=False),
        sa.Column("repeat_min", sa.Integer, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
    )
    op.create_table(
        "plan_badge",
        sa.Column("badge", sa.String(32), primary_key=True),
        sa.Column("plan", sa.String(32), sa.ForeignKey("plan.name"), nullable=False),
    )
    op.create_table(
        "plan_step",
        sa.Column("plan", sa.String(32), sa.ForeignKey("plan.name"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("after_s", sa.Integer, nullable=False),
        sa.Column("whom", sa.String(32), sa.ForeignKey("responder.key"), nullable=False),
        sa.Column("channels", sa.Text, nullable=False),
        sa.Column("during", sa.Text, nullable=False),
        sa.Column("wakes", sa.Boolean, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
    )


def _work() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("incident_id", sa.Integer, sa.ForeignKey("incident.id"), unique=True),
        sa.Column("plan", sa.String(32), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("began_ms", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.Column("unanswered_ms", sa.BigInteger),
        sa.Column("ended_ms", sa.BigInteger),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("escalation_id", sa.Integer, sa.ForeignKey("escalation.id"), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("responder", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sa.Column("due_ms", sa.BigInteger),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("began_ms", sa.BigInteger),
        sa.Column("done_ms", sa.BigInteger),
        sa.Column("repeated", sa.Boolean, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.UniqueConstraint("escalation_id", "round", "position", "place"),
    )
    waits = sa.text("state IN ('waiting', 'sending')")
    op.create_index(
        "outbox_waits",
        "outbox",
        ["escalation_id"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("outbox_id", sa.Integer, sa.ForeignKey("outbox.id"), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("outbox_id", "what"),
    )
